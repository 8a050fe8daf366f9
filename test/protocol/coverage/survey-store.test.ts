import { describe, expect, test } from 'vitest';
import type { BreakerLimits } from '../../../shared/domain/guard/breaker.ts';
import type { CoverageSettings } from '../../../shared/domain/coverage/coverage-settings.ts';
import type { Survey, SurveyQuestion } from '../../../shared/domain/coverage/survey.ts';
import { dispose } from '../../../functions/dispose/dispose.ts';
import type { LaneCore } from '../../../shared/protocol/core.ts';
import { censusId, censusSegment } from '../../../shared/protocol/census.ts';
import { ringSurveys } from '../../../shared/protocol/coverage/ring-surveys.ts';
import { surveyStore } from '../../../shared/protocol/coverage/survey-store.ts';
import { dyingRegistry } from '../../support/dying-registry.ts';
import { STORE, type World, world } from '../../support/driver/world.ts';

const DAY = 86_400_000;
const EMPTY: Survey = { personal: [], uncovered: [], neverPresent: [], datasets: [], notSeen: [] };
const tables = (...names: string[]): Survey => ({
  ...EMPTY,
  uncovered: names.map((name) => ({ kind: 'table', name, places: 1, personal: [] })),
});

interface Given {
  readonly answers: Survey[];
  readonly coverage?: CoverageSettings;
  readonly neverPresent?: readonly string[];
  readonly breaker?: BreakerLimits;
}

/** A lane whose store answers with these surveys, one after the other, and says what it was asked. */
function lane(w: World, { answers, coverage, neverPresent, breaker }: Given) {
  const asked: SurveyQuestion[] = [];
  const store = {
    ...w.store,
    survey: async (question: SurveyQuestion): Promise<Survey> => {
      asked.push(question);
      const answer = answers.shift();
      if (answer === undefined) throw new Error('died');
      return answer;
    },
  };
  const own = w.core.configuration.stores[STORE]!;
  const settings = {
    ...own,
    ...(coverage !== undefined && { coverage }),
    ...(neverPresent && { neverPresent }),
    ...(breaker && { breaker }),
  };
  const configuration = { ...w.core.configuration, stores: { [STORE]: settings } };
  const core: LaneCore = { ...w.core, store, configuration };
  return { core, asked, bell: () => dispose(core, { kind: 'survey', lane: STORE }) };
}

const namesIn = async ({ registry }: World) => {
  const { report } = (await registry.coverage(STORE)) ?? {};
  return report?.uncovered.map(({ name, since }) => `${name}${since === report.at ? ' new' : ''}`);
};
const linesOf = ({ reports }: World) =>
  reports.lines.flatMap(({ code, fields }) =>
    code.startsWith('survey.') ? [[code, fields.code ?? fields.count]] : [],
  );

describe('a survey of a lane', () => {
  test('is written down, and tells what has appeared since the one of the day before', async () => {
    const w = world();
    const { bell } = lane(w, { answers: [tables('a'), tables('a', 'b')] });
    await bell();
    expect(await namesIn(w)).toEqual(['a']);
    w.clock.set(w.clock.now() + DAY);
    await bell();
    expect(await namesIn(w)).toEqual(['b new', 'a']);
    expect(linesOf(w)).toEqual([
      ['survey.surveyed', 1],
      ['survey.surveyed', 2],
      ['survey.appeared', 1],
    ]);
  });

  test('tells the lane’s breaker how many records the store has, where it goes by a share of them', async () => {
    const counted = (count: number): Survey => ({ ...EMPTY, records: { count, counted: 'estimate' } });
    const w = world();
    const other = lane(w, { answers: [counted(7)], breaker: { recordsPerDay: 3 } });
    await other.bell();
    expect(await w.registry.laneGuard(STORE)).toBeUndefined();
    const { bell } = lane(w, { answers: [counted(90_000), EMPTY, counted(80_000)], breaker: { share: 0.1 } });
    const known: (number | undefined)[] = [];
    for (let day = 0; day < 3; day += 1) {
      w.clock.advance(DAY);
      await bell();
      known.push((await w.registry.laneGuard(STORE))?.surveyed);
    }
    expect(known).toEqual([90_000, 90_000, 80_000]);
  });

  test('is made once a day, however often the bell comes', async () => {
    const w = world();
    const { bell, asked } = lane(w, { answers: [tables('a'), tables('b')] });
    for (let n = 0; n < 5; n += 1) await bell();
    expect([asked.length, await namesIn(w)]).toEqual([1, ['a']]);
    w.clock.set(w.clock.now() + DAY);
    await bell();
    expect(asked.map(({ turn }) => turn)).toEqual([20_513, 20_514]);
  });

  test('asks for no more than the configuration does', async () => {
    const w = world();
    await lane(w, { answers: [EMPTY] }).bell();
    w.clock.set(w.clock.now() + DAY);
    const { bell, asked } = lane(w, {
      answers: [EMPTY],
      coverage: { account: true, sample: true },
      neverPresent: ['card_number'],
    });
    await bell();
    expect(asked[0]).toMatchObject({ account: true, sample: true, neverPresent: ['card_number'] });
    w.clock.set(w.clock.now() + DAY);
    const off = lane(w, { answers: [EMPTY], coverage: false });
    await off.bell();
    expect(off.asked).toEqual([]);
  });

  test('is not made while the lane is paused', async () => {
    const w = world();
    await w.registry.placeWideHold({
      id: 'pause-1',
      kind: 'pause',
      scope: { store: STORE },
      at: w.clock.now(),
      state: 'placed',
    });
    const { bell, asked } = lane(w, { answers: [EMPTY] });
    await bell();
    expect([asked.length, await w.registry.coverage(STORE)]).toEqual([0, undefined]);
  });

  test('says what it could not see, and keeps what it knows when the store is down for a day', async () => {
    const w = world();
    const down: Survey = {
      ...EMPTY,
      notSeen: [
        { part: 'tables', code: 'STORE_UNREACHABLE' },
        { part: 'buckets', code: 'NOT_ASKED' },
      ],
    };
    const { bell } = lane(w, { answers: [tables('a'), down, tables('a')] });
    for (let n = 0; n < 3; n += 1) {
      await bell();
      w.clock.set(w.clock.now() + DAY);
    }
    expect(await namesIn(w)).toEqual(['a']);
    expect(linesOf(w).filter(([code]) => code !== 'survey.surveyed')).toEqual([
      ['survey.unseen', 'STORE_UNREACHABLE'],
    ]);
  });

  test('tells of fields that must have no values every day, as long as they have some', async () => {
    const w = world();
    const found: Survey = {
      ...EMPTY,
      neverPresent: [{ name: 'card_number', state: 'found', looked: 'sample' }],
    };
    const { bell } = lane(w, { answers: [found, found, EMPTY] });
    for (let n = 0; n < 3; n += 1) {
      await bell();
      w.clock.set(w.clock.now() + DAY);
    }
    expect(linesOf(w).filter(([code]) => code === 'survey.never-present')).toHaveLength(2);
  });

  test('that ends its worker is not begun again on the same day, and what was known stays', async () => {
    const w = world();
    const { bell, asked, core } = lane(w, { answers: [tables('a')] });
    await bell();
    w.clock.set(w.clock.now() + DAY);
    await expect(bell()).rejects.toThrow('died');
    await bell();
    expect([asked.length, await namesIn(w)]).toEqual([2, ['a']]);
    w.clock.set(w.clock.now() + DAY);
    const next = lane(w, { answers: [tables('a', 'b')] });
    await next.bell();
    expect(await namesIn(w)).toEqual(['b new', 'a']);
    expect(core.lane).toBe(STORE);
  });

  test('killed before or after any of its calls of the registry leaves no damage, and the next day finds the same', async () => {
    const calls = dyingRegistry(world().registry, {}).calls;
    for (const when of ['before', 'after'] as const)
      for (let at = 0; at < 4; at += 1) {
        const w = world();
        await lane(w, { answers: [tables('a')] }).bell();
        w.clock.set(w.clock.now() + DAY);
        const { core } = lane(w, { answers: [tables('a', 'b')] });
        const { registry } = dyingRegistry(core.registry, { at, when, calls });
        calls.length = 0;
        await expect(surveyStore({ ...core, registry })).rejects.toThrow('killed');
        await lane(w, { answers: [tables('a', 'b')] }).bell();
        w.clock.set(w.clock.now() + DAY);
        await lane(w, { answers: [tables('a', 'b')] }).bell();
        const report = (await w.registry.coverage(STORE))?.report;
        expect([when, at, report?.uncovered.map(({ name }) => name).toSorted()]).toEqual([
          when,
          at,
          ['a', 'b'],
        ]);
        // It was told as new: twice if the run that told it died before it was written down.
        const told = linesOf(w).filter(([code]) => code === 'survey.appeared').length;
        expect([when, at, told]).toEqual([when, at, at === 3 && when === 'before' ? 2 : 1]);
      }
    expect(calls).toEqual(['coverage', 'wideHolds', 'putCoverage', 'putCoverage']);
  });
});

describe('the census', () => {
  test('asks every lane for a survey once, when its first segment begins, and no lane without surveys', async () => {
    const w = world({ pageSize: 1 });
    for (const id of ['n-1', 'n-2', 'n-3'])
      await w.register(await w.registration(id, [w.entity('contract', id)]));
    const id = censusId(w.clock.now());
    for (let segment = 0; segment < 4; segment += 1)
      await censusSegment(w.core, { walk: id, segment }, () => true);
    expect(w.surveys).toEqual([{ lane: STORE, delaySeconds: 0 }]);
  });

  test('rings other lanes when one cannot be rung, one after the other', async () => {
    const w = world();
    const own = w.core.configuration.stores[STORE]!;
    const stores = Object.fromEntries(
      Array.from({ length: 60 }, (_, n) => [
        `s-${n}`,
        { ...own, ...(n === 5 && { coverage: false as const }) },
      ]),
    );
    const rung: string[] = [];
    const delays: number[] = [];
    const queues = {
      ...w.core.queues,
      ring: async (bells: Parameters<typeof w.core.queues.ring>[0]) => {
        for (const { bell, delaySeconds } of bells) {
          if (bell.lane === 's-3') throw Object.assign(new Error('secret'), { code: 'SQS_UNREACHABLE' });
          rung.push(bell.lane);
          delays.push(delaySeconds);
        }
      },
    };
    await ringSurveys({ ...w.core, queues, configuration: { ...w.core.configuration, stores } });
    expect(rung).toHaveLength(58);
    expect(Math.max(...delays)).toBeLessThanOrEqual(900);
    expect(w.reports.lines).toContainEqual({
      code: 'sweep.failed',
      fields: { store: 's-3', code: 'SQS_UNREACHABLE' },
    });
  });
});
