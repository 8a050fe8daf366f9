import { describe, expect, test } from 'vitest';
import { fromCensusItem, toCensusItem } from '../../../shared/adapters/dynamodb/dynamo-upkeep-item.ts';
import { censusCounts, censusId, censusSegment } from '../../../shared/protocol/census.ts';
import { listAttention } from '../../../shared/protocol/attention/list-attention.ts';
import { listHoldings } from '../../../shared/protocol/attention/list-holdings.ts';
import { ownersOf } from '../../../shared/protocol/attention.ts';
import { SEGMENTS } from '../../../shared/protocol/walk.ts';
import { at, entriesOf } from '../../support/driver/dying-worker.ts';
import { type World, world } from '../../support/driver/world.ts';
import { aRule } from '../../support/rules/rule-world.ts';

const CAP = {
  ...aRule('2 years after tenure.registered', { level: 'category' }),
  id: 'notes/cap',
  isCap: true,
} as const;
const DUE = at('2028-03-02T00:00:00Z');

/** A record that waits for the end of a contract, two years at most. It belongs to the notes team. */
async function waiting(): Promise<World> {
  const rules = [aRule('30 days after contract.ended')];
  const w = world({
    start: '2026-03-01T10:00:00Z',
    policy: {
      reportAfterSeconds: 100 * 24 * 3600,
      categories: { notes: { rules, cap: CAP, owner: 'notes-team' } },
    },
  });
  w.store.put(['n-1'], { name: 'Ada' });
  await w.register(await w.registration('n-1', [w.entity('contract', 'c-1')]));
  return w;
}

async function census(w: World): Promise<void> {
  const walk = censusId(w.clock.now());
  for (let segment = 0; segment < SEGMENTS; segment += 1)
    await censusSegment(w.core, { walk, segment }, () => true);
}

describe('a record whose event never comes', () => {
  test('is listed with the team that owns it, although its cap gives it a date', async () => {
    const w = await waiting();
    expect(w.holding('n-1')?.decision).toMatchObject({
      status: 'due',
      actAt: DUE,
      reason: 'never-had-a-fact',
    });
    await census(w);
    expect((await listAttention(w.core, w.clock.now())).groups).toEqual([]);
    w.clock.set(at('2026-07-01T10:00:00Z'));
    await census(w);
    const { groups } = await listAttention(w.core, w.clock.now());
    expect(groups).toEqual([
      expect.objectContaining({ reason: 'never-had-a-fact', status: 'due', owner: 'notes-team', count: 1 }),
    ]);
    const owners: (readonly string[])[] = [];
    let place: Parameters<typeof listHoldings>[3];
    do {
      const page = await listHoldings(w.core, 'never-had-a-fact', w.clock.now(), place);
      const effective = w.core.configuration.policies.policies;
      owners.push(...page.holdings.map(({ holding }) => ownersOf(holding, effective)));
      place = page.next;
    } while (place !== undefined);
    expect(owners).toEqual([['notes-team']]);
  });

  test('goes at the cap, and the entry says that it was registered and nothing more came', async () => {
    const w = await waiting();
    w.clock.set(DUE - 60_000);
    await w.run(DUE);
    expect(w.store.fields(['n-1'])).toBeDefined();
    await w.run(DUE + 15 * 60_000);
    expect(w.store.fields(['n-1'])).toBeUndefined();
    expect(entriesOf(w)).toEqual([
      expect.objectContaining({
        stage: 'delete',
        outcome: 'deleted',
        basis: 'policy',
        rule: '2 years after tenure.registered',
        facts: [{ type: 'tenure.registered', occurred: '2026-03-01' }],
      }),
    ]);
  });

  test('is planned by its own rule as soon as the event comes after all', async () => {
    const w = await waiting();
    await w.happened(w.entity('contract', 'c-1'), w.fact('contract.ended', '2026-06-01T00:00:00Z'));
    expect(w.holding('n-1')?.decision).toMatchObject({ actAt: at('2026-07-01T00:00:00Z') });
    expect(w.holding('n-1')?.decision?.reason).toBeUndefined();
  });

  test('waits longer after new content was registered, and no longer after the same came again', async () => {
    const w = await waiting();
    w.clock.set(at('2026-09-01T10:00:00Z'));
    await w.register(await w.registration('n-1', [w.entity('contract', 'c-1')]));
    expect(w.holding('n-1')?.decision?.actAt).toBe(DUE);
    await w.register(await w.registration('n-1', [w.entity('contract', 'c-2')]));
    expect(w.holding('n-1')?.decision?.actAt).toBe(at('2028-09-02T00:00:00Z'));
  });

  test('is overdue once the cap has passed, and not only waiting', async () => {
    const w = await waiting();
    w.clock.set(DUE + 4 * 86_400_000);
    await census(w);
    const [group] = (await listAttention(w.core, w.clock.now())).groups;
    expect(group).toMatchObject({ reason: 'overdue', owner: 'notes-team' });
  });
});

describe('the counts of a census', () => {
  const row = { store: 'notes', policy: 'p', status: 'due', reason: 'overdue', count: 1, oldest: 5 };
  const page = (counts: Parameters<typeof toCensusItem>[0]['counts']) =>
    toCensusItem({ run: 'run', page: 'page', at: 0, counts, listed: new Map() });

  test('come back with their teams, and with codes', () => {
    const counts = [row, { ...row, owner: 'notes-team' }, { ...row, code: 'contract', owner: 'a, b' }];
    expect(fromCensusItem(page(counts)).counts).toEqual(counts);
  });

  test('are written as before where no category has a team', () => {
    expect(Object.keys(page([row])).toSorted()).toEqual(['PK', 'SK', 'a', 'c', 'ttl', 'v']);
    const { counts } = fromCensusItem(page([row, { ...row, code: 'x' }]));
    expect(counts).toEqual([row, { ...row, code: 'x' }]);
  });

  test('of a former release are read, and say by their missing time that they have no forecast', () => {
    const { a: _, ...former } = page([row]);
    expect(fromCensusItem(former)).toEqual({ page: 'page', counts: [row], forecast: [] });
  });

  test('of different teams are different rows', async () => {
    const w = await waiting();
    await census(w);
    const counts = await censusCounts(w.core, censusId(w.clock.now()));
    expect(counts.map(({ owner, count }) => [owner, count])).toEqual([['notes-team', 1]]);
  });
});
