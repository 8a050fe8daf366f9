import { expect, test } from 'vitest';
import { memoryStore } from '../../../shared/stores/memory-store.ts';
import { allOf, numbers } from './listing-suite.ts';
import { expectAgreement } from './members-suite.ts';

const now = () => Date.UTC(2026, 2, 1);
const idOf = (number: number) => String(number).padStart(5, '0');

test.each([1, 7, 1000])(
  '10,000 records of one id in pages of %i, while records come and go',
  async (limit) => {
    const store = memoryStore({ now });
    for (const number of numbers(10_000).toReversed()) {
      store.put([idOf(number)], { owner: 'a' });
      store.put([`${idOf(number)}-other`], { owner: 'b' });
    }
    const place = { by: 'owner', value: 'a' };
    expect(await allOf(store, place, limit)).toEqual(numbers(10_000).map((number) => [idOf(number)]));
    let after: string | undefined;
    let count = 0;
    do {
      const listed = await store.list(place, limit, after);
      if (listed.state !== 'listed') throw new Error(listed.code);
      count += listed.locators.length;
      await store.delete(listed.locators.map((locator) => ({ locator })));
      store.put(['!new'], { owner: 'a' });
      after = listed.next;
    } while (after !== undefined);
    expect([count, store.size()]).toEqual([10_000, 10_001]);
    expect(await allOf(store, place, limit)).toEqual([['!new']]);
  },
);

test('a field has to have the value, and those of the filter theirs', async () => {
  const store = memoryStore({ now });
  store.put(['1'], { owner: 'a', kind: 'invoice', open: true, count: 1 });
  store.put(['2'], { owner: 'a', kind: 'note', open: true, count: 1 });
  store.put(['3'], { owner: 'a', kind: null, count: 1 });
  store.put(['4'], { owner: null, kind: 'invoice', open: true, count: 1 });
  store.put(['5'], { owner: 7, kind: 'invoice', open: false, count: 0 });
  const found = async (value: string, where?: Readonly<Record<string, string | number | boolean>>) =>
    (await allOf(store, { by: 'owner', value, ...(where && { where }) }, 2)).flat();
  expect(await found('a')).toEqual(['1', '2', '3']);
  expect(await found('7')).toEqual(['5']);
  expect(await found('null')).toEqual([]);
  expect(await found('a', { kind: 'invoice' })).toEqual(['1']);
  expect(await found('a', { open: true, count: 1 })).toEqual(['1', '2']);
  expect(await found('a', { count: '1' })).toEqual([]);
  const all = ['1', '2', '3', '4', '5'].map((id) => [id]);
  for (const where of [undefined, { kind: 'invoice' }, { open: true, count: 1 }])
    await expectAgreement(store, all, { by: 'owner', ...(where && { where }) }, ['a', '7', 'null']);
});

test('fails as requested, and counts its calls', async () => {
  const store = memoryStore({ now });
  store.put(['1'], { owner: 'a' });
  store.fail({ call: 'list', code: 'STORE_THROTTLED', times: 1 });
  const place = { by: 'owner', value: 'a' };
  expect(await store.list(place, 1)).toEqual({ state: 'unknown', code: 'STORE_THROTTLED' });
  expect(await store.list(place, 1)).toEqual({ state: 'listed', locators: [['1']] });
  expect(store.calls.list).toBe(2);
});
