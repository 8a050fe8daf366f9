import { describe, expect, test } from 'vitest';
import { ingest } from '../../functions/ingest/ingest.ts';
import type { Policy } from '../../shared/domain/configuration/policy.ts';
import { censusCounts, censusId, censusSegment, startCensus } from '../../shared/protocol/census.ts';
import type { LaneCore } from '../../shared/protocol/core.ts';
import { SEGMENTS } from '../../shared/protocol/walk.ts';
import { happened, registered, retracted } from '../support/driver/envelopes.ts';
import { SOURCE, STORE, world, type WorldOptions } from '../support/driver/world.ts';
import { anEvent, aPolicy, aRule } from '../support/rules/rule-world.ts';
import { at } from '../support/samples.ts';

type World = ReturnType<typeof world>;
const DAY = 86_400_000;

async function census(w: World, core: LaneCore = w.core) {
  const id = censusId(w.clock.now());
  for (let segment = 0; segment < SEGMENTS; segment += 1)
    await censusSegment(core, { walk: id, segment }, () => true);
  const counts = await censusCounts(core, id);
  const listed = async (reason: string): Promise<readonly string[]> => {
    const pages = await Promise.all(
      Array.from({ length: SEGMENTS }, (_, segment) => w.registry.censusList(`${id}/${segment}`, reason)),
    );
    return pages.flatMap(({ items }) => items);
  };
  return { id, counts, listed };
}

function row(status: string, reason: string, count = 1) {
  return expect.objectContaining({ store: STORE, policy: 'test-policy', status, reason, count }) as unknown;
}

async function holdings(options: WorldOptions, number = 1): Promise<World> {
  const w = world(options);
  for (let n = 1; n <= number; n += 1)
    await w.register(await w.registration(`n-${n}`, [w.entity('contract', `c-${n}`)]));
  return w;
}

describe('a census counts and lists', () => {
  test('a record without a date once it is older than its policy says, and not a day before', async () => {
    const w = await holdings({ policy: { reportAfterSeconds: 100 * 24 * 3600 } }, 2);
    await w.happened(w.entity('contract', 'c-2'), w.fact('contract.started', '2026-03-01'));
    w.clock.set(at('2026-06-09T09:00:00Z'));
    const before = await census(w);
    expect(before.counts).toEqual([row('undetermined', 'undetermined', 2)]);
    expect(await before.listed('undetermined')).toEqual([]);
    w.clock.set(at('2026-06-10T09:00:00Z'));
    const after = await census(w);
    expect(after.counts).toHaveLength(2);
    expect(after.counts).toContainEqual(row('undetermined', 'never-had-a-fact'));
    expect(after.counts).toContainEqual(row('undetermined', 'undetermined-for-long'));
    expect(await after.listed('never-had-a-fact')).toEqual([w.ref('n-1')]);
    expect(await after.listed('undetermined-for-long')).toEqual([w.ref('n-2')]);
  });

  test('a conflict', async () => {
    const rules = { notes: ['at least 3 years and at most 1 year after contract.ended'] };
    const w = await holdings({ rules });
    await w.happened(w.entity('contract', 'c-1'), w.fact('contract.ended', '2026-02-01'));
    const { counts, listed } = await census(w);
    expect(counts).toEqual([row('conflict', 'conflict')]);
    expect(await listed('conflict')).toEqual([w.ref('n-1')]);
  });

  test('a deadline before its floor', async () => {
    const rules = { notes: ['within 30 days after contract.ended', 'within 1 day after contract.started'] };
    const w = await holdings({ rules });
    await w.happened(w.entity('contract', 'c-1'), w.fact('contract.started', '2026-02-01'));
    await w.happened(w.entity('contract', 'c-1'), w.fact('contract.ended', '2026-02-20'));
    const { counts, listed } = await census(w);
    expect(counts).toEqual([row('due', 'deadline-before-floor')]);
    expect(await listed('deadline-before-floor')).toEqual([w.ref('n-1')]);
  });

  test('more combinations of entities than are evaluated', async () => {
    const w = world({
      rules: { notes: ['30 days after the later of contract.ended and person.left'] },
      policy: {
        events: { 'contract.ended': anEvent(), 'person.left': anEvent({ entity: 'person' }) },
      },
    });
    const many = (type: string) => Array.from({ length: 50 }, (_, n) => w.entity(type, `${type}-${n}`));
    await w.register(await w.registration('n-1', [...many('contract'), ...many('person')]));
    const { counts, listed } = await census(w);
    expect(counts).toEqual([row('undetermined', 'too-many-combinations')]);
    expect(await listed('too-many-combinations')).toEqual([w.ref('n-1')]);
  });

  test('a plan that new policies could not renew, and no other: those it plans itself, first', async () => {
    const w = await holdings({}, 2);
    const rule = aRule('60 days after contract.ended');
    // As if the rule had been written for a later release.
    const stages = rule.rule.stages.map((stage) => ({ ...stage, notBefore: { kind: 'later' } as never }));
    const broken = { ...rule, rule: { ...rule.rule, stages } };
    const next = (rules: Policy['categories'][string]['rules'], version: string) => {
      const policies = { policies: [{ ...aPolicy({ notes: [...rules] }), version }] };
      return { ...w.core, configuration: { ...w.core.configuration, policies } };
    };
    const fine = await census(w, next([aRule('60 days after contract.ended')], '2'));
    expect(fine.counts).toEqual([row('undetermined', 'undetermined', 2)]);
    w.clock.set(w.clock.now() + DAY);
    const failed = await census(w, next([broken], '3'));
    expect(failed.counts).toEqual([row('undetermined', 'planned-by-old-policies', 2)]);
    expect(await failed.listed('planned-by-old-policies')).toHaveLength(2);
    expect(w.registry.allSetAside()).toHaveLength(2);
  });

  test('what was disposed of before a fact, also when it is a tombstone', async () => {
    const w = await holdings({});
    w.store.put(['n-1']);
    await w.happened(w.entity('contract', 'c-1'), w.fact('contract.ended', '2026-03-01'));
    await w.run(at('2026-04-01T01:00:00Z'));
    const renewed = w.fact('contract.renewed', '2026-03-20', { sent: at('2026-03-20T00:00:00Z') });
    await w.happened(w.entity('contract', 'c-1'), renewed);
    const { counts, listed } = await census(w);
    expect(counts).toEqual([row('disposed', 'DISPOSED_BEFORE_FACT')]);
    expect(await listed('DISPOSED_BEFORE_FACT')).toEqual([w.ref('n-1')]);
  });
});

describe('entities', () => {
  const sending = { source: SOURCE, arrived: at('2026-03-01T09:59:00Z') };
  const event = (id: string, contract: string): string =>
    happened({ ...sending, id }, 'contract.ended', { type: 'contract', id: contract }, '2026-02-27');
  const registration = (id: string, contract: string): string =>
    registered(
      { ...sending, id },
      {
        store: STORE,
        locator: [id],
        categories: ['notes'],
        entities: [{ type: 'contract', id: contract }],
      },
    );
  const entityRow = (reason: string, changes: object = {}) =>
    expect.objectContaining({ store: '', status: 'entity', reason, code: 'contract', ...changes }) as unknown;

  test('with events, but without a record, are counted a day after their first event', async () => {
    const w = world();
    await ingest(w.core, event('e-1', 'c-1'), 1);
    await ingest(w.core, event('e-2', 'c-2'), 1);
    await ingest(w.core, registration('r-2', 'c-2'), 1);
    expect((await census(w)).counts).toHaveLength(1);
    w.clock.set(at('2026-03-02T10:00:00Z'));
    const { counts } = await census(w);
    const oldest = at('2026-03-01T09:59:00Z');
    const expected = { policy: 'test-policy', count: 1, oldest };
    expect(counts).toContainEqual(entityRow('facts-without-holdings', expected));
    // The registration may come later.
    await ingest(w.core, registration('r-1', 'c-1'), 1);
    w.clock.set(at('2026-03-03T10:00:00Z'));
    expect((await census(w)).counts.filter(({ status }) => status === 'entity')).toEqual([]);
  });

  test('with a correction or retraction of an event that is not there are counted after a day, until it arrives', async () => {
    const w = world();
    await ingest(w.core, registration('r-1', 'c-1'), 1);
    await ingest(w.core, retracted({ ...sending, id: 'x-1' }, { type: 'contract', id: 'c-1' }, 'e-1'), 1);
    expect((await census(w)).counts.filter(({ status }) => status === 'entity')).toEqual([]);
    w.clock.set(at('2026-03-02T10:01:00Z'));
    const { counts } = await census(w);
    expect(counts).toContainEqual(
      expect.objectContaining({ reason: 'corrections-without-event', status: 'entity', count: 1 }) as unknown,
    );
    await ingest(w.core, event('e-1', 'c-1'), 1);
    w.clock.set(at('2026-03-03T10:01:00Z'));
    expect((await census(w)).counts.filter(({ status }) => status === 'entity')).toEqual([]);
  });

  test.each([
    ['registered in one way and ended in another', [registration('r-1', 'C-1a'), event('e-1', 'c-1A')]],
    ['the other way round', [event('e-1', 'c-1a'), registration('r-1', 'C-1A')]],
    ['registered in both', [registration('r-1', 'c-1a'), registration('r-2', 'C-1a')]],
    ['ended in both', [event('e-1', 'c-1a'), event('e-2', 'C-1a')]],
  ])('whose ids differ only in case are counted: %s', async (_, bodies) => {
    const w = world();
    for (const body of [...bodies, ...bodies]) await ingest(w.core, body, 1);
    const { counts } = await census(w);
    expect(counts).toContainEqual(entityRow('ids-differ-in-case', { count: 1 }));
  });

  test('that are always written in the same way are not, and cost nothing more in lower case', async () => {
    const w = world();
    for (const id of ['C-1', 'c-2']) {
      await ingest(w.core, registration(`r-${id}`, id), 1);
      await ingest(w.core, event(`e-${id}`, id), 1);
    }
    expect(w.registry.allSpellings().size).toBe(1);
    const { counts } = await census(w);
    expect(counts.filter(({ status }) => status === 'entity')).toEqual([]);
  });

  test('of a type that is normalised to lower case have one spelling', async () => {
    const w = world();
    const contract = { ids: 'owned', normalise: ['lowercase'] } as const;
    const configuration = { ...w.core.configuration, entityTypes: { contract } };
    for (const id of ['C-1', 'c-1'])
      await ingest({ ...w.core, configuration }, registration(`r-${id}`, id), 1);
    expect(w.registry.allSpellings().size).toBe(0);
  });

  test('are found though the run that noted a spelling died before the fact was there', async () => {
    const w = world();
    let isFirst = true;
    const registry: LaneCore['registry'] = {
      ...w.registry,
      async putFact(...fact) {
        if (!isFirst) return w.registry.putFact(...fact);
        isFirst = false;
        throw new Error('killed');
      },
    };
    const core = { ...w.core, registry };
    await ingest(core, registration('r-1', 'c-1a'), 1);
    await expect(ingest(core, event('e-1', 'C-1a'), 1)).rejects.toThrow('killed');
    await ingest(core, event('e-1', 'C-1a'), 2);
    expect((await census(w)).counts).toContainEqual(entityRow('ids-differ-in-case'));
  });
});

describe('the newest census', () => {
  test('is the one whose segments have all ended; a run that dies right after is made good within the hour', async () => {
    const w = await holdings({}, 3);
    const id = censusId(w.clock.now());
    for (let segment = 0; segment < SEGMENTS - 1; segment += 1)
      await censusSegment(w.core, { walk: id, segment }, () => true);
    expect(await w.registry.newestCensus()).toBeUndefined();
    const dying = { ...w.registry, putNewestCensus: () => Promise.reject(new Error('killed')) };
    const last = { walk: id, segment: SEGMENTS - 1 };
    await expect(censusSegment({ ...w.core, registry: dying }, last, () => true)).rejects.toThrow('killed');
    await startCensus(w.core);
    // By a message of its own: a statement that fails takes nothing else with it.
    expect(w.sweeps.splice(0)).toEqual([{ kind: 'walk', ...last }]);
    await censusSegment(w.core, last, () => true);
    expect(w.sweeps).toEqual([]);
    expect(await w.registry.newestCensus()).toBe(id);
    expect((await censusCounts(w.core, id)).map(({ count }) => count)).toEqual([3]);
  });

  test('has each record once, however often a page is walked again', async () => {
    const w = await holdings({ pageSize: 2 }, 9);
    const id = censusId(w.clock.now());
    let moves = 0;
    const registry: LaneCore['registry'] = {
      ...w.registry,
      async putWalk(next) {
        moves += 1;
        if (moves % 3 === 0) throw new Error('killed');
        return w.registry.putWalk(next);
      },
    };
    for (let segment = 0; segment < SEGMENTS; segment += 1) {
      for (let tries = 0; tries < 40; tries += 1) {
        try {
          await censusSegment({ ...w.core, registry }, { walk: id, segment }, () => true);
        } catch {
          // The lease of the dead walker has to run out.
          w.clock.advance(20 * 60_000);
        }
      }
    }
    expect(await w.registry.newestCensus()).toBe(id);
    expect((await censusCounts(w.core, id)).map(({ count }) => count)).toEqual([9]);
  });
});
