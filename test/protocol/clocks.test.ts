import { describe, expect, test } from 'vitest';
import { driver, type Driver, type DriverOptions } from '../support/driver/driver.ts';
import type { Verb } from '../../local/virtual/virtual-deployment.ts';
import { entriesIn, violations } from '../support/driver/violations.ts';

const at = (iso: string): number => Date.parse(iso);

const RULES = { notes: ['1 day after contract.ended'] };
const START = '2026-03-03T08:30:00Z';
const DUE = at('2026-03-03T10:00:00Z');
const HOUR = 3_600_000;
/** The hint's minute is one tolerance later, its sweep another, and the bell waits for the heartbeat. */
const PROMPT = 140_000;
const BELL = 20_000;
const options: DriverOptions = { rules: RULES, start: START };

async function registered(d: Driver, ...ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    d.registers(id, ['c-1']);
    d.store.put([id], {});
  }
  await d.settle();
}

/** One record, due at 10:00 on true clocks. */
async function ended(more: DriverOptions = {}): Promise<Driver> {
  const d = await driver({ ...options, ...more });
  await registered(d, 'n-1');
  d.happens('contract.ended', 'c-1', '2026-03-02T10:00:00Z');
  await d.runUntil('2026-03-03T13:00:00Z');
  expect(await violations(d)).toEqual([]);
  return d;
}

const disposedAt = (d: Driver): readonly number[] => d.store.effects.map((effect) => effect.at);

describe('clocks that are off by the tolerance', () => {
  const OFF = [-60_000, 0, 60_000];
  const cases = OFF.flatMap((ingest) =>
    OFF.flatMap((sweep) => OFF.map((dispose) => [ingest / 1000, sweep / 1000, dispose / 1000] as const)),
  );

  test.for(cases)(
    'ingest by %i s, sweep by %i s, dispose by %i s: nothing is early, and nothing later than the next sweep',
    async ([ingest, sweep, dispose]) => {
      const off: Partial<Record<Verb, number>> = { ingest, sweep, dispose };
      const d = await ended({ skew: (verb) => (off[verb] ?? 0) * 1000 });
      expect(disposedAt(d)).toHaveLength(1);
      expect(disposedAt(d)[0]).toBeGreaterThanOrEqual(DUE);
      expect(disposedAt(d)[0]).toBeLessThanOrEqual(DUE + HOUR + 3 * 60_000);
    },
  );

  test('true clocks dispose of it as soon as no clock can say that it is early, and the heartbeat is there', async () => {
    expect(disposedAt(await ended())).toEqual([DUE + PROMPT]);
  });
});

describe('a one-time schedule', () => {
  const wakeUps: Readonly<Record<string, readonly [DriverOptions['wakeUps'], number]>> = {
    'that is lost costs an hour at most': [() => [], DUE + HOUR + BELL],
    'that fires twice changes nothing': [(minute) => [minute, minute], DUE + PROMPT],
    'that fires an hour late is overtaken by the hourly sweep': [
      (minute) => [minute + HOUR],
      DUE + HOUR + BELL,
    ],
    'that fires on time and an hour late changes nothing': [
      (minute) => [minute, minute + HOUR],
      DUE + PROMPT,
    ],
  };
  test.for(Object.entries(wakeUps))('%s', async ([, [fires, instant]]) => {
    const d = await ended(fires === undefined ? {} : { wakeUps: fires });
    expect(disposedAt(d)).toEqual([instant]);
    expect(entriesIn(d)).toHaveLength(1);
  });

  test('is enough where the hourly sweep never comes', async () => {
    const d = await driver({ ...options, hourly: false });
    await registered(d, 'n-1');
    d.happens('contract.ended', 'c-1', '2026-03-02T10:00:00Z');
    await d.runUntil('2026-03-03T13:00:00Z');
    expect(disposedAt(d)).toEqual([DUE + PROMPT]);
  });
});

test('an outage of nine days is caught up within an hour of its end', async () => {
  const d = await driver(options);
  await registered(d, 'n-1', 'n-2');
  d.happens('contract.ended', 'c-1', '2026-03-02T10:00:00Z');
  await d.settle();
  for (const verb of ['sweep', 'dispose', 'seal'] as const) d.down.add(verb);
  await d.runUntil('2026-03-12T10:30:00Z');
  d.down.clear();
  await d.runUntil('2026-03-12T11:30:00Z');
  expect(d.store.size()).toBe(0);
  await d.runUntil('2026-03-12T16:00:00Z');
  expect(await violations(d)).toEqual([]);
});

describe('an event that is dated in the future', () => {
  test('counts from its date, and not from when it was sent', async () => {
    const d = await driver(options);
    await registered(d, 'n-1');
    d.happens('contract.ended', 'c-1', '2026-03-20T00:00:00Z');
    await d.runUntil('2026-03-21T00:02:19Z');
    expect(d.store.size()).toBe(1);
    await d.runUntil('2026-03-21T00:02:20Z');
    expect(d.store.size()).toBe(0);
  });

  test('known a week ahead, with at most twelve hours to act in: not before it, and within them', async () => {
    const d = await driver({ ...options, rules: { notes: ['within 12 hours after contract.ended'] } });
    await registered(d, 'n-1');
    d.happens('contract.ended', 'c-1', '2026-03-10T18:00:00Z');
    await d.runUntil('2026-03-10T18:02:19Z');
    expect(disposedAt(d)).toEqual([]);
    await d.runUntil('2026-03-11T06:00:00Z');
    expect(disposedAt(d)).toEqual([at('2026-03-10T18:02:20Z')]);
  });

  test('and dated without a time: not before the end of that day where the policy is at home', async () => {
    const policy = { zone: 'America/New_York' };
    const d = await driver({
      ...options,
      rules: { notes: ['within 12 hours after contract.ended'] },
      policy,
    });
    await registered(d, 'n-1');
    d.happens('contract.ended', 'c-1', '2026-03-10');
    await d.runUntil('2026-03-12T00:00:00Z');
    expect(disposedAt(d)).toEqual([at('2026-03-11T04:02:20Z')]);
  });
});
