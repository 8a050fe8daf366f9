import { describe, expect, test } from 'vitest';
import { apiWorld, configuration } from '../../support/api-world.ts';

const NOW = '2026-03-01T10:00:00Z';
const person = { type: 'person', id: 'p-1' };
const erasure = { id: 't-1', kind: 'erase', entity: person, jurisdiction: 'DE' };

type World = ReturnType<typeof apiWorld>;
type Who = 'shop' | 'operator' | 'auditor';

async function ask(w: World, who: Who, path: string, body: object): Promise<Record<string, unknown>> {
  const answer = await w.call(who, path, body);
  if (answer.status !== 200) throw new Error(answer.text);
  return answer.body;
}

const refOf = (w: World): string => w.registry.allRequests()[0]?.ref ?? '';

describe('who may take a step of a request', () => {
  test('a producer that is an auditor, too, sees the requests of others and takes no step of them', async () => {
    const w = apiWorld(NOW, undefined, {
      ...configuration,
      auditors: [...configuration.auditors, 'arn:aws:iam::111122223333:role/apps/shop'],
    });
    await ask(w, 'operator', '/v1/requests', erasure);
    await ask(w, 'shop', '/v1/requests/query', { request: refOf(w) });
    for (const step of ['cancel', 'refuse', 'extend']) {
      const body = { request: refOf(w), ...(step === 'cancel' ? {} : { reason: 'x' }) };
      expect((await w.call('shop', `/v1/requests/${step}`, body)).body).toMatchObject({ code: 'NOT_FOUND' });
    }
  });
});

test('a record that its application has withdrawn is not told to the person as deleted', async () => {
  const w = apiWorld(NOW, undefined, {
    ...configuration,
    stores: Object.fromEntries(
      Object.entries(configuration.stores).map(([name, store]) => [name, { ...store, restricts: true }]),
    ),
  });
  const place = { store: 'orders', locator: ['shop/1'] };
  w.stores['orders']?.put(place.locator, { name: 'Zoe' });
  const holding = {
    ...place,
    categories: ['registration'],
    purposes: ['service'],
    entities: [person, { type: 'contract', id: 'c-1' }],
  };
  await ask(w, 'shop', '/v1/holdings', { holdings: [holding] });
  await w.deliver();
  await ask(w, 'operator', '/v1/requests', { ...erasure, id: 't-0', kind: 'restrict' });
  await w.deliver();
  await w.wakeUntil('2026-03-02T10:00:00Z');
  expect(w.registry.allHoldings()[0]?.done).toMatchObject([{ stage: 'restrict' }]);
  await ask(w, 'shop', '/v1/holdings/withdraw', { holdings: [place] });
  await w.deliver();
  await ask(w, 'operator', '/v1/requests', erasure);
  const shown = await ask(w, 'operator', '/v1/requests/query', { id: 't-1', text: true });
  expect(JSON.stringify(shown['text'])).not.toContain('These records were deleted');
});

test('a cancellation that the bus does not take is not told as done', async () => {
  const w = apiWorld(NOW);
  await ask(w, 'operator', '/v1/requests', erasure);
  w.bus.failNext(1);
  expect((await w.call('operator', '/v1/requests/cancel', { id: 't-1' })).status).not.toBe(200);
});
