import { expect, test } from 'vitest';
import { foldProfile } from '../../../shared/domain/configuration/fold-profile.ts';
import { apiWorld, configuration } from '../../support/api-world.ts';
import { aPolicy, aRule, anEvent } from '../../support/rules/rule-world.ts';

/** One person is a customer of two brands, and shares an account with somebody else. */

const policies = {
  policies: [
    aPolicy(
      { registration: [aRule('10 years after account.closed')] },
      { name: 'brands', events: { 'account.closed': anEvent({ entity: 'account' }) } },
    ),
  ],
};
const entityTypes = {
  ...configuration.entityTypes,
  account: { ids: 'owned', normalise: [], identifies: 'person' },
} as const;
const world = () =>
  apiWorld('2026-03-01T10:00:00Z', undefined, {
    ...configuration,
    entityTypes,
    policies,
    foldProfile: foldProfile(policies),
  });

const person = (id: string) => ({ type: 'person', id });
const account = (id: string) => ({ type: 'account', id });

type World = ReturnType<typeof world>;
async function ask(
  w: World,
  who: 'shop' | 'rival' | 'operator',
  path: string,
  body: object,
): Promise<Record<string, unknown>> {
  const answer = await w.call(who, path, body);
  if (answer.status !== 200) throw new Error(answer.text);
  return answer.body;
}

async function register(
  w: World,
  who: 'shop' | 'rival',
  key: string,
  entities: readonly object[],
): Promise<void> {
  const locator = [`${who}/${key}`];
  w.stores['orders']?.put(locator, { name: 'Zoe' });
  const holding = { store: 'orders', locator, categories: ['registration'], purposes: ['service'], entities };
  await ask(w, who, '/v1/holdings', { holdings: [holding] });
}

/** All pages. */
async function progress(
  w: World,
  body: object,
): Promise<{ readonly fates: string[]; readonly leftAlone: unknown }> {
  const fates: string[] = [];
  let cursor: unknown;
  for (;;) {
    const page = await ask(w, 'operator', '/v1/requests/query', {
      ...body,
      ...(cursor !== undefined && { cursor }),
    });
    for (const { producers, state } of page['holdings'] as { producers: string[]; state: string }[])
      fates.push(`${producers.join()}: ${state}`);
    cursor = page['next'];
    if (cursor === undefined) return { fates: fates.toSorted(), leftAlone: page['leftAlone'] };
  }
}

test('one request reaches the records of both brands, and leaves an account alone that is another person’s, too', async () => {
  const w = world();
  await register(w, 'shop', 'profile', [person('p-1'), account('a-1')]);
  await register(w, 'shop', 'device', [account('a-1')]);
  await register(w, 'rival', 'profile', [person('p-1'), account('b-1')]);
  await register(w, 'rival', 'device', [account('b-1')]);
  await register(w, 'shop', 'family', [person('p-1'), account('s-1')]);
  await register(w, 'shop', 'family-of-another', [person('p-2'), account('s-1')]);
  await register(w, 'shop', 'family-device', [account('s-1')]);
  await w.deliver();
  await w.wakeUntil('2026-03-02T10:00:00Z');

  const erasure = { id: 't-1', kind: 'erase', entity: person('p-1'), jurisdiction: 'DE' };
  const filed = await ask(w, 'operator', '/v1/requests', erasure);
  const { request } = (filed['requests'] as { request: string }[])[0] ?? { request: '' };
  expect(await progress(w, { request })).toEqual({
    fates: ['rival: due', 'rival: due', 'shop: due', 'shop: due', 'shop: due'],
    leftAlone: 1,
  });
  await w.deliver();
  for (const hour of ['12', '13', '14']) await w.sweepAt(`2026-03-02T${hour}:00:00Z`);
  expect(await progress(w, { request })).toEqual({
    fates: ['rival: gone', 'rival: gone', 'shop: gone', 'shop: gone', 'shop: gone'],
    leftAlone: 1,
  });
  const closed = await ask(w, 'operator', '/v1/requests/query', { request });
  expect(closed['requests']).toMatchObject([{ state: 'closed' }]);
  // The records of the other person, and of the account of both, are still there.
  expect(w.stores['orders']?.size()).toBe(2);
});

test('a hold on a person says how many accounts it does not cover, and with holds on them an erasure takes nothing', async () => {
  const place = async (w: World, scope: object, more: object) =>
    ask(w, 'operator', '/v1/legal-holds', { scope, matter: 'case 17', reason: 'a claim', ...more });
  for (const isHeldWhole of [false, true]) {
    const w = world();
    await register(w, 'shop', 'profile', [person('p-1'), account('a-1')]);
    await register(w, 'shop', 'device', [account('a-1')]);
    await w.deliver();
    await w.wakeUntil('2026-03-02T10:00:00Z');
    const dry = await place(w, { entity: person('p-1') }, { id: 'dry', dryRun: true });
    expect(dry['wouldCover']).toMatchObject({ holdings: 1, notCoveredAccounts: 1 });
    const ofAccount = { entity: { ...account('a-1'), producer: 'shop' } };
    const other = await place(w, ofAccount, { id: 'dry', dryRun: true });
    expect(other['wouldCover']).toMatchObject({ holdings: 2 });
    expect(other['wouldCover']).not.toHaveProperty('notCoveredAccounts');
    await place(w, { entity: person('p-1') }, { id: 'case-17' });
    if (isHeldWhole) await place(w, ofAccount, { id: 'case-17.a' });
    await ask(w, 'operator', '/v1/requests', { id: 't-1', kind: 'erase', entity: person('p-1') });
    await w.deliver();
    for (const hour of ['12', '13', '14']) await w.sweepAt(`2026-03-02T${hour}:00:00Z`);
    expect(w.stores['orders']?.size()).toBe(isHeldWhole ? 2 : 1);
  }
});
