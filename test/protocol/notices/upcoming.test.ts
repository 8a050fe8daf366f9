import { describe, expect, test } from 'vitest';
import type { Holding } from '../../../shared/domain/record/holding.ts';
import { handleOf, NOTICES } from '../../../shared/domain/record/notice.ts';
import type { Core } from '../../../shared/protocol/core.ts';
import { noteFromCensus } from '../../../shared/protocol/notices/note-from-census.ts';
import { tellUpcoming } from '../../../shared/protocol/notices/tell-upcoming.ts';
import { newRun, sweepHints } from '../../../shared/protocol/sweep.ts';
import { driver, type Driver, type DriverOptions } from '../../support/driver/driver.ts';
import { everyRunKilled, type Scenario } from '../../support/driver/kill-scenario.ts';

const START = '2026-03-03T08:30:00Z';
/** The disposal is on 2026-04-01, and applications are told a week before. */
const ENDED = '2026-03-02T10:00:00Z';
const QUIET: DriverOptions = { rules: { notes: ['30 days after contract.ended'] }, start: START };
const TOLD: DriverOptions = { ...QUIET, policy: { notify: ['upcoming'], notifyBeforeSeconds: 7 * 86_400 } };

interface Event {
  readonly id: string;
  readonly type: string;
  readonly time: string;
  readonly data: { readonly records: readonly Record<string, unknown>[] };
}
const eventsIn = (d: Driver): readonly Event[] => d.told.map((text) => JSON.parse(text) as Event);
const ids = (d: Driver): readonly string[] => [...new Set(eventsIn(d).map(({ id }) => id))];
const telling = (d: Driver) => d.registry.allHints().filter(({ tells }) => tells === true);

async function ended(options: DriverOptions, occurred = ENDED): Promise<Driver> {
  const d = await driver(options);
  d.happens('contract.ended', 'c-1', occurred);
  d.registers('n-1', ['c-1']);
  d.store.put(['n-1'], {});
  await d.settle();
  return d;
}

describe('that a disposal comes', () => {
  test('is told within the hour of its lead, and the lane has nothing to do', async () => {
    const d = await ended(TOLD);
    await d.runUntil('2026-03-25T10:00:00Z');
    expect(d.told).toEqual([]);
    const disposes = (): number => d.runs.filter(({ verb }) => verb === 'dispose').length;
    const before = disposes();
    await d.runUntil('2026-03-25T11:10:00Z');
    expect(eventsIn(d)).toMatchObject([
      {
        type: NOTICES.upcoming,
        data: { records: [{ handle: handleOf(d.ref('n-1')), due: '2026-04-01T10:00:00.000Z' }] },
      },
    ]);
    expect([disposes(), d.registry.allChunks()]).toEqual([before, []]);
    await d.runUntil('2026-04-01T09:59:00Z');
    expect([ids(d).length, d.store.size()]).toEqual([1, 1]);
    await d.runUntil('2026-04-01T10:30:00Z');
    expect(d.store.size()).toBe(0);
  });

  test('costs nothing where the policy does not ask for it', async () => {
    const [quiet, told] = [await ended(QUIET), await ended(TOLD)];
    const other = await ended({ ...QUIET, policy: { notify: ['completed'] } });
    for (const d of [quiet, told, other]) await d.runUntil('2026-03-24T09:00:00Z');
    expect([telling(quiet), telling(other)]).toEqual([[], []]);
    expect(telling(told)).toHaveLength(1);
    expect(told.registry.allHints().filter(({ tells }) => tells !== true)).toEqual(quiet.registry.allHints());
  });

  test('leaves one hint, however often the date moved before', async () => {
    const d = await ended({ ...TOLD, rules: { notes: ['30 days after the last contract.ended'] } });
    for (let day = 3; day < 20; day += 1) {
      const date = `2026-03-${String(day).padStart(2, '0')}`;
      await d.runUntil(`${date}T10:00:00Z`);
      d.happens('contract.ended', 'c-1', `${date}T10:00:00Z`);
      await d.runUntil(`${date}T20:00:00Z`);
      expect(telling(d)).toEqual([]);
    }
    await d.runUntil('2026-04-11T09:00:00Z');
    expect([telling(d).length, d.told]).toEqual([1, []]);
    await d.runUntil('2026-04-11T11:10:00Z');
    expect(eventsIn(d)).toMatchObject([{ data: { records: [{ due: '2026-04-18T10:00:00.000Z' }] } }]);
  });

  test('asks for no wake-up of its own', async () => {
    const wakes = async (options: DriverOptions) => {
      const d = await ended(options);
      await d.runUntil('2026-03-26T12:00:00Z');
      return d.runs.filter(({ verb }) => verb === 'sweep').length;
    };
    expect(await wakes(TOLD)).toBe(await wakes(QUIET));
  });

  test('is told within the hour of a record that was withdrawn at its lead and is registered again', async () => {
    const d = await ended(TOLD);
    await d.runUntil('2026-03-25T09:00:00Z');
    d.withdraws('n-1');
    await d.runUntil('2026-03-25T12:00:00Z');
    expect(d.told).toEqual([]);
    d.registers('n-1', ['c-1']);
    await d.runUntil('2026-03-25T13:10:00Z');
    expect(eventsIn(d)).toMatchObject([{ data: { records: [{ due: '2026-04-01T10:00:00.000Z' }] } }]);
  });

  test('moves no disposal: it is at the same instant as without', async () => {
    const times: string[] = [];
    for (const options of [QUIET, TOLD]) {
      const d = await ended(options);
      await d.runUntil('2026-04-01T11:00:00Z');
      times.push(JSON.stringify(d.effectsOn('n-1')));
    }
    expect(times[0]).toBe(times[1]);
    expect(times[0]).toContain('delete');
  });

  test('is told soon of a date that is nearer than the lead', async () => {
    const d = await ended(TOLD, '2026-02-02T10:00:00Z');
    await d.runUntil('2026-03-03T09:10:00Z');
    expect(eventsIn(d)).toMatchObject([{ data: { records: [{ due: '2026-03-04T10:00:00.000Z' }] } }]);
    await d.runUntil('2026-03-04T11:00:00Z');
    expect([ids(d).length, d.store.size()]).toEqual([1, 0]);
  });

  test('is told by the census if the hint is lost', async () => {
    const d = await ended(TOLD);
    await d.runUntil('2026-03-25T09:00:00Z');
    d.registry.expireHints(Date.parse('2026-03-26T00:00:00Z'));
    expect(telling(d)).toEqual([]);
    await d.runUntil('2026-03-25T23:59:00Z');
    expect(d.told).toEqual([]);
    await d.runUntil('2026-03-26T02:00:00Z');
    expect(ids(d)).toHaveLength(1);
  });

  test('is not told of what is not to be disposed of any more, or later', async () => {
    const d = await ended(TOLD);
    await d.runUntil('2026-03-20T10:00:00Z');
    d.happens('contract.renewed', 'c-1', '2026-03-20T10:00:00Z');
    await d.runUntil('2026-03-22T10:00:00Z');
    d.happens('contract.ended', 'c-1', '2026-03-22T10:00:00Z');
    await d.runUntil('2026-04-14T09:00:00Z');
    expect(d.told).toEqual([]);
    await d.runUntil('2026-04-14T11:10:00Z');
    expect(eventsIn(d)).toMatchObject([{ data: { records: [{ due: '2026-04-21T10:00:00.000Z' }] } }]);
  });

  test('does no harm where a former release takes the hint for one of the lane', async () => {
    const d = await ended(TOLD);
    await d.runUntil('2026-03-24T09:00:00Z');
    const [hint] = telling(d);
    if (hint === undefined) throw new Error('there is one');
    const { tells: _, ...former } = hint;
    await d.registry.putHints([former]);
    await d.runUntil('2026-04-01T09:59:00Z');
    expect([d.store.size(), d.registry.allChunks(), ids(d).length]).toEqual([1, [], 1]);
    await d.runUntil('2026-04-01T10:30:00Z');
    expect(d.store.size()).toBe(0);
  });
});

describe('a sweep', () => {
  const NOW = '2026-03-25T10:30:00Z';

  async function dueToTell(): Promise<Driver> {
    const d = await ended(TOLD);
    await d.runUntil('2026-03-24T09:00:00Z');
    d.down.add('sweep');
    await d.runUntil(NOW);
    return d;
  }

  test('that fails to tell has done all else before, and the census tells', async () => {
    const d = await dueToTell();
    const run = newRun();
    await sweepHints(d.core, {}, run);
    expect(run.toTell).toEqual([d.ref('n-1')]);
    const registry: Core['registry'] = {
      ...d.registry,
      putNotices: () => Promise.reject(Object.assign(new Error('no'), { name: 'ThrottlingException' })),
    };
    await tellUpcoming({ ...d.core, registry }, run.toTell, () => true);
    expect(d.reports.lines.map(({ code }) => code)).toContain('sweep.failed');
    expect(d.holding('n-1')?.toldOf).toBeUndefined();
    d.down.clear();
    await d.runUntil('2026-03-26T02:00:00Z');
    expect(ids(d)).toHaveLength(1);
  });

  test.each([
    ['the census', noteFromCensus],
    [
      'a sweep',
      (core: Core, page: readonly Holding[]) =>
        tellUpcoming(
          core,
          page.map(({ ref }) => ref),
          () => true,
        ),
    ],
  ])('or a census that cannot read the facts of one record tells of the others: %s', async (_, tell) => {
    const d = await driver(TOLD);
    for (const n of [1, 2, 3]) {
      d.happens('contract.ended', `c-${n}`, '2026-02-02T10:00:00Z');
      d.registers(`n-${n}`, [`c-${n}`]);
    }
    d.down.add('sweep');
    await d.runUntil('2026-03-03T09:00:00Z');
    const page = [1, 2, 3].map((n) => d.holding(`n-${n}`)).filter((one) => one !== undefined);
    const damaged = page[1]?.variants[0]?.entities[0]?.ref;
    let code = 'ITEM_INVALID';
    const registry: Core['registry'] = {
      ...d.registry,
      states: (refs) =>
        damaged !== undefined && refs.includes(damaged)
          ? Promise.reject(Object.assign(new Error('no'), { code }))
          : d.registry.states(refs),
    };
    await tell({ ...d.core, registry }, page, d.clock.now());
    expect(d.registry.allNotices()).toHaveLength(2);
    expect([1, 2, 3].map((n) => d.holding(`n-${n}`)?.toldOf === undefined)).toEqual([false, true, false]);
    expect(d.reports.lines).toContainEqual(
      expect.objectContaining({
        code: 'sweep.failed',
        fields: { store: 'notes', code: 'ITEM_INVALID', count: 1 },
      }),
    );
    // What may pass comes again with the page of the census.
    code = 'ThrottlingException';
    await expect(noteFromCensus({ ...d.core, registry }, page, d.clock.now())).rejects.toThrow('no');
  });

  test('whose time is over tells nothing, and the census does', async () => {
    const d = await dueToTell();
    await tellUpcoming(d.core, [d.ref('n-1')], () => false);
    expect(d.registry.allNotices()).toEqual([]);
  });

  test('that reads the hint twice tells once', async () => {
    const d = await dueToTell();
    for (const _ of [1, 2]) await tellUpcoming(d.core, [d.ref('n-1'), d.ref('n-1')], () => true);
    expect(d.registry.allNotices()).toHaveLength(1);
  });
});

describe.each([
  ['ingest', '2026-03-03T08:40:00Z', false],
  ['sweep', '2026-03-05T06:59:00Z', true],
] as const)('%s is killed before and after each of its calls', (verb, until, isSettled) => {
  /** Its lead is on 2026-03-05 at 06:00, within two days, so that `ingest` writes the hint. */
  const occurred = '2026-02-10T06:00:00Z';

  test('it is told under one id, and disposed of on its date', async () => {
    const scenario: Scenario = {
      options: TOLD,
      verb,
      async prepare(d) {
        d.happens('contract.ended', 'c-1', occurred);
        if (isSettled) {
          d.registers('n-1', ['c-1']);
          d.store.put(['n-1'], {});
        }
        await d.runUntil(until);
        if (!isSettled) {
          d.registers('n-1', ['c-1']);
          d.store.put(['n-1'], {});
        } else d.clock.set(Date.parse('2026-03-05T07:00:00Z'));
      },
      finish: (d) => d.runUntil('2026-03-12T08:00:00Z'),
      wrong: (d) => [
        ...(ids(d).length === 1 ? [] : [`told under ${ids(d).length} ids`]),
        ...(d.store.size() > 0 ? ['it was not disposed of'] : []),
      ],
    };
    const { points, wrong } = await everyRunKilled(scenario, 2);
    expect(wrong).toEqual([]);
    expect(points).toBeGreaterThan(10);
  });
});
