import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { WideHold } from '../../../shared/domain/record/hold.ts';
import { placeHold, release } from '../../../shared/protocol/hold.ts';
import { driver, type Driver, type DriverOptions } from '../../support/driver/driver.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const LEAD = 3 * DAY;
const START = Date.parse('2026-03-03T09:00:00Z');
const QUIET: DriverOptions = {
  rules: { notes: ['10 days after the last contract.ended'] },
  start: '2026-03-03T08:30:00Z',
};
const TOLD: DriverOptions = { ...QUIET, policy: { notify: ['upcoming'], notifyBeforeSeconds: LEAD / 1000 } };

const step = fc.record({
  wait: fc.integer({ min: 0, max: 60 * HOUR }),
  what: fc.constantFrom('ends', 'ends', 'renews', 'registers', 'registers', 'withdraws', 'hold', 'retracts'),
  ago: fc.integer({ min: 0, max: 9 * DAY }),
});
type Step = typeof step extends fc.Arbitrary<infer One> ? One : never;

interface Life {
  readonly d: Driver;
  /** From when until when each hold was in force. */
  readonly held: readonly { from: number; to: number }[];
  /** After each step, the date of the record. */
  readonly dates: readonly { readonly at: number; readonly date: number | undefined }[];
}

const iso = (at: number): string => new Date(at).toISOString();

async function live(steps: readonly Step[], options: DriverOptions): Promise<Life> {
  const d = await driver(options);
  const held: { from: number; to: number }[] = [];
  const dates: { at: number; date: number | undefined }[] = [];
  let [now, events] = [START, 0];
  let hold: WideHold | undefined;
  const toggle = async (): Promise<void> => {
    const last = held.at(-1);
    if (hold !== undefined && last !== undefined) {
      await release(d.core, hold);
      last.to = now;
      hold = undefined;
      return;
    }
    hold = { id: `h-${held.length}`, kind: 'hold', scope: { category: 'notes' }, state: 'placed', at: now };
    await placeHold(d.core, hold);
    held.push({ from: now, to: Infinity });
  };
  for (const { wait, what, ago } of [{ wait: 0, what: 'registers', ago: 0 } as const, ...steps]) {
    now += wait;
    await d.runUntil(iso(now));
    if (what === 'ends') d.happens('contract.ended', 'c-1', iso(now - ago), { id: `e-${(events += 1)}` });
    if (what === 'renews') d.happens('contract.renewed', 'c-1', iso(now));
    if (what === 'withdraws') d.withdraws('n-1');
    if (what === 'retracts' && events > 0) d.retracts('c-1', `e-${events}`);
    if (what === 'hold') await toggle();
    if (what === 'registers') {
      d.registers('n-1', ['c-1']);
      d.store.put(['n-1'], {});
    }
    await d.runUntil(iso(now + 60_000));
    const holding = d.holding('n-1');
    dates.push({ at: now, date: holding?.state === 'active' ? holding.decision?.actAt : undefined });
  }
  if (hold !== undefined) await toggle();
  await d.runUntil(iso(now + 16 * DAY));
  return { d, held, dates };
}

/** Dates that stood at their lead for an hour and a quarter, with nothing that kept the record. */
function toBeTold({ dates, held }: Life): readonly number[] {
  return dates.flatMap(({ at, date }, index) => {
    if (date === undefined || date < at) return [];
    const from = Math.max(at, date - LEAD);
    const latest = from + 75 * 60_000;
    const moved = dates.slice(index + 1).find((next) => next.date !== date)?.at ?? Infinity;
    const isHeld = held.some((hold) => hold.from < latest && hold.to > from - 60_000);
    return latest > Math.min(moved, date) || isHeld ? [] : [date];
  });
}

test('in any life of a record, notices move no disposal, and name each date that stands', async () => {
  let [told, disposed] = [0, 0];
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 14 }), async (steps) => {
      const [quiet, life] = [await live(steps, QUIET), await live(steps, TOLD)];
      expect(life.d.effectsOn('n-1')).toEqual(quiet.d.effectsOn('n-1'));
      const notices = life.d.told.map(
        (text) => JSON.parse(text) as { time: string; data: { records: { due: string }[] } },
      );
      const dues = new Set<number>();
      for (const { time, data } of notices) {
        const [at, due] = [Date.parse(time), Date.parse(data.records[0]?.due ?? '')];
        dues.add(due);
        expect(due > at && due - at <= LEAD).toBe(true);
        expect(life.held.some(({ from, to }) => from + 120_000 < at && at < to)).toBe(false);
      }
      expect([...dues]).toEqual(expect.arrayContaining([...toBeTold(life)]));
      told += toBeTold(life).length;
      disposed += life.d.effectsOn('n-1').length;
    }),
    { numRuns: 20 },
  );
  expect(told + disposed).toBeGreaterThan(0);
});
