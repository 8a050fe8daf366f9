import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { PersonRequest } from '../../../shared/domain/people/request.ts';
import type { RequestRef } from '../../../shared/domain/record/ids.ts';
import type { Registry } from '../../../shared/ports/registry.ts';
import { aRequest } from '../../support/people-requests.ts';
import { at } from '../../support/samples.ts';
import { registryKinds } from './registry-kinds.ts';

const named = (name: string, change: Partial<PersonRequest> = {}): PersonRequest =>
  aRequest({ ref: `request-${name.padStart(14, '0')}` as RequestRef, ...change });

describe.each(registryKinds)('requests of people in $name', (kind) => {
  let registry: Registry;
  beforeAll(() => kind.start());
  afterAll(() => kind.stop());
  beforeEach(async () => {
    registry = await kind.fresh();
  });

  test('are read as they were written, with every field or with few', async () => {
    const few: PersonRequest = {
      ...named('1'),
      scope: { producers: ['shop'] },
      timeline: [{ did: 'filed', at: 0 }],
    };
    const all = named('2', {
      kind: 'restrict',
      filer: { role: 'producer', producer: 'shop' },
      scope: { categories: ['a', 'b'] },
      state: 'closed',
      jurisdiction: 'DE',
      alsoLater: true,
      forbidsDeletion: true,
      checkedTo: 'page',
      keptUntil: at('2029-03-01T10:00:00Z'),
      timeline: [
        { did: 'filed', at: 1 },
        { did: 'released', at: 2 },
      ],
    });
    for (const request of [few, all]) expect(await registry.putRequest(request)).toBe('written');
    const found = await registry.requests([few.ref, all.ref, named('3').ref]);
    expect(found).toEqual(
      new Map([
        [few.ref, few],
        [all.ref, all],
      ]),
    );
  });

  test('are written on their version only', async () => {
    const request = named('1');
    expect(await registry.putRequest(request)).toBe('written');
    expect(await registry.putRequest({ ...request, state: 'cancelled' })).toBe('moved');
    expect(await registry.putRequest({ ...request, version: 3 })).toBe('moved');
    expect(await registry.putRequest({ ...request, version: 2, state: 'running' })).toBe('written');
    expect((await registry.requests([request.ref])).get(request.ref)?.state).toBe('running');
    expect(await registry.putRequest({ ...named('2'), version: 2 })).toBe('moved');
  });

  test('are listed in pages, and leave the list unless they were listed again', async () => {
    const refs = Array.from({ length: 150 }, (_, n) => named(String(n)).ref).toSorted();
    for (const ref of refs) await registry.listRequest({ ref, at: 1 });
    const first = await registry.listedRequests();
    expect(first.items).toHaveLength(100);
    const second = await registry.listedRequests(first.next);
    expect([...first.items, ...second.items]).toEqual(refs.map((ref) => ({ ref, at: 1 })));
    expect(second.next).toBeUndefined();
    const [one, two] = refs as [RequestRef, RequestRef];
    await registry.listRequest({ ref: one, at: 2 });
    await registry.unlistRequest({ ref: one, at: 1 });
    await registry.unlistRequest({ ref: two, at: 1 });
    await registry.unlistRequest({ ref: two, at: 1 });
    const left = (await registry.listedRequests()).items;
    expect(left.find(({ ref }) => ref === one)).toEqual({ ref: one, at: 2 });
    expect(left.some(({ ref }) => ref === two)).toBe(false);
  });
});
