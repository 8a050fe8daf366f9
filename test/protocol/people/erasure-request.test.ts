import { expect, test } from 'vitest';
import { foldProfile } from '../../../shared/domain/configuration/fold-profile.ts';
import { apiWorld, configuration } from '../../support/api-world.ts';
import { aPolicy, aRule, anEvent } from '../../support/rules/rule-world.ts';

/** One request from filing to closing: what goes, what a law keeps, and what came after it. */

const NOW = '2026-03-01T10:00:00Z';
const policies = {
  policies: [
    aPolicy(
      {
        registration: [aRule('3 years after contract.ended')],
        profile: [aRule('7 years after contract.ended', { basis: 'law' })],
      },
      { name: 'shop-policy', events: { 'contract.ended': anEvent() } },
    ),
  ],
};
const world = () =>
  apiWorld(NOW, undefined, { ...configuration, policies, foldProfile: foldProfile(policies) });

const person = { type: 'person', id: 'p-1' };
const holding = (key: string, category: string) => ({
  store: 'orders',
  locator: [`shop/${key}`],
  categories: [category],
  purposes: ['service'],
  entities: [person, { type: 'contract', id: 'c-1' }],
});

type World = ReturnType<typeof world>;
async function ask(
  w: World,
  who: 'shop' | 'operator',
  path: string,
  body: object,
): Promise<Record<string, unknown>> {
  const answer = await w.call(who, path, body);
  if (answer.status !== 200) throw new Error(answer.text);
  return answer.body;
}
const states = (body: Record<string, unknown>): string[] =>
  (body['holdings'] as { categories: string[]; state: string }[])
    .map(({ categories, state }) => `${categories.join(' ')}: ${state}`)
    .toSorted();

test('an erasure deletes what policies keep, names what a law keeps, and closes by itself', async () => {
  const w = world();
  const holdings = [holding('1', 'registration'), holding('2', 'profile')];
  for (const { locator } of holdings) w.stores['orders']?.put(locator, { name: 'Zoe' });
  await ask(w, 'shop', '/v1/holdings', { holdings });
  const ended = { specversion: '1.0', source: 'shop.example', type: 'contract.ended' };
  const data = { entity: { type: 'contract', id: 'c-1' }, occurred: '2026-02-01' };
  await ask(w, 'shop', '/v1/events', { events: [{ ...ended, id: 'e-1', data }] });
  await w.deliver();
  await w.wakeUntil('2026-03-02T10:00:00Z');

  const erasure = { id: 't-1', kind: 'erase', entity: person, jurisdiction: 'DE' };
  const dry = await ask(w, 'operator', '/v1/requests', { ...erasure, dryRun: true });
  expect(states(dry)).toEqual(['profile: kept-by-law', 'registration: due']);
  const filed = await ask(w, 'operator', '/v1/requests', erasure);
  expect(states(filed)).toEqual(states(dry));
  const { request } = (filed['requests'] as { request: string }[])[0] ?? { request: '' };
  await w.deliver();
  await w.sweepAt('2026-03-02T12:00:00Z');
  await w.sweepAt('2026-03-02T13:00:00Z');

  const after = await ask(w, 'operator', '/v1/requests/query', { request });
  expect(states(after)).toEqual(['profile: kept-by-law', 'registration: gone']);
  expect(after['holdings']).toContainEqual(
    expect.objectContaining({
      state: 'kept-by-law',
      rule: '7 years after contract.ended',
      policy: 'shop-policy',
    }),
  );
  await w.sweepAt('2026-03-02T14:00:00Z');
  const closed = await ask(w, 'operator', '/v1/requests/query', { request });
  expect(closed['requests']).toMatchObject([{ state: 'closed' }]);

  // What is registered afterwards is told apart, and stays.
  await ask(w, 'shop', '/v1/holdings', { holdings: [holding('3', 'registration')] });
  await w.deliver();
  const later = await ask(w, 'operator', '/v1/requests/query', { request });
  expect(states(later)).toEqual(['profile: kept-by-law', 'registration: gone', 'registration: later']);
  const { text } = (await ask(w, 'operator', '/v1/requests/query', { request, text: true })) as {
    text: { html: string; paragraphs: { says: string }[] };
  };
  expect(text.paragraphs.map(({ says }) => says)).toContain(
    'The law requires us to keep these records until 2033-02-02. After that they are deleted.',
  );
  expect(text.html).not.toMatch(/p-1|c-1|shop\/|orders/);
});

test('what is held for other purposes, too, loses what the purpose needed, and the answer says so', async () => {
  const fields = { name: { kind: 'null' } } as const;
  const own = {
    policies: policies.policies.map((policy) => ({
      ...policy,
      purposes: ['service', 'statistics'],
      purposePolicies: { service: { fields } },
    })),
  };
  const w = apiWorld(NOW, undefined, { ...configuration, policies: own, foldProfile: foldProfile(own) });
  const both = { ...holding('1', 'registration'), purposes: ['service', 'statistics'] };
  w.stores['orders']?.put(both.locator, { name: 'Zoe', clicks: 41 });
  await ask(w, 'shop', '/v1/holdings', { holdings: [both] });
  await w.deliver();
  await w.wakeUntil('2026-03-02T10:00:00Z');
  for (const kind of ['erase', 'object']) {
    const scope = { purposes: ['service'] };
    const asked = { id: kind, kind, entity: person, scope, jurisdiction: 'DE' };
    const filed = await ask(w, 'operator', '/v1/requests', asked);
    expect(states(filed)).toEqual([kind === 'erase' ? 'registration: due' : 'registration: kept']);
    const { request } = (filed['requests'] as { request: string }[])[0] ?? { request: '' };
    await w.deliver();
    await w.sweepAt(kind === 'erase' ? '2026-03-02T12:00:00Z' : '2026-03-02T14:00:00Z');
    await w.sweepAt(kind === 'erase' ? '2026-03-02T13:00:00Z' : '2026-03-02T15:00:00Z');
    const after = await ask(w, 'operator', '/v1/requests/query', { request });
    expect(after['requests']).toMatchObject([{ state: 'closed' }]);
    expect(after['holdings']).toMatchObject([
      { state: 'kept', reasons: expect.arrayContaining(['it is also held for statistics']) },
    ]);
  }
});

test('what an erasure deletes at the next full minute is due, and the request is not closed before', async () => {
  const w = world();
  w.stores['orders']?.put(['shop/1'], { name: 'Zoe' });
  await ask(w, 'shop', '/v1/holdings', { holdings: [holding('1', 'registration')] });
  await w.deliver();
  await w.wakeUntil('2026-03-02T10:00:20.437Z');
  const erasure = { id: 't-1', kind: 'erase', entity: person, jurisdiction: 'DE' };
  const dry = await ask(w, 'operator', '/v1/requests', { ...erasure, dryRun: true });
  const filed = await ask(w, 'operator', '/v1/requests', erasure);
  expect([states(dry), states(filed)]).toEqual([['registration: due'], ['registration: due']]);
  await w.deliver();
  // The hourly sweep, in the same minute.
  await w.sweepOnlyAt('2026-03-02T10:00:45.100Z');
  const { request } = (filed['requests'] as { request: string }[])[0] ?? { request: '' };
  const meanwhile = await ask(w, 'operator', '/v1/requests/query', { request });
  expect(meanwhile['requests']).toMatchObject([{ state: 'running' }]);
  expect(states(meanwhile)).toEqual(['registration: due']);
  await w.sweepAt('2026-03-02T12:00:00Z');
  await w.sweepAt('2026-03-02T13:00:00Z');
  const after = await ask(w, 'operator', '/v1/requests/query', { request });
  expect(states(after)).toEqual(['registration: gone']);
  expect(after['requests']).toMatchObject([{ state: 'closed' }]);
});
