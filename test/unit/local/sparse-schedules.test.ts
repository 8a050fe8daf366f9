import { expect, test } from 'vitest';
import { sparseSchedules } from '../../../local/sparse-schedules.ts';
import { virtualDeployment } from '../../../local/virtual/virtual-deployment.ts';
import { oneAfterTheOther } from '../../../local/virtual/virtual-time.ts';
import { memoryClock } from '../../../shared/adapters/memory/memory-clock.ts';
import { memoryTimers } from '../../../shared/adapters/memory/memory-timers.ts';
import type { Instant } from '../../../shared/domain/record/ids.ts';
import type { SweepMessage } from '../../../shared/ports/queues.ts';
import { configuration } from '../../support/api-world.ts';

const START = Date.parse('2026-03-01T10:00:00Z');
const at = (iso: string): Instant => Date.parse(iso);

interface Options {
  readonly open?: () => Instant | undefined;
  /** The hourly sweep has run. */
  readonly swept?: () => void;
  readonly changes?: readonly Instant[];
  readonly wrote?: () => boolean;
}

/** What the sweep would receive, with the virtual time at which it does. */
function world(options: Options = {}) {
  const clock = memoryClock(START);
  const timers = memoryTimers();
  const happened: string[] = [];
  const writer = { oldestOpenHour: () => options.open?.(), wroteSince: options.wrote ?? (() => false) };
  const policyChanges = options.changes ?? [];
  const deployment = virtualDeployment({
    configuration,
    clock,
    timers,
    schedules: (toSweep) => sparseSchedules({ clock, writer, policyChanges }, toSweep),
    async run(_, messages) {
      for (const { body } of messages) {
        const message = JSON.parse(body) as SweepMessage;
        const { kind } = message;
        const what =
          kind === 'minute' ? `minute ${new Date(message.minute).toISOString().slice(11, 16)}` : kind;
        happened.push(`${new Date(clock.now()).toISOString().slice(0, 16)} ${what}`);
        if (kind === 'hourly') options.swept?.();
      }
      return messages;
    },
  });
  const { runUntil } = oneAfterTheOther(deployment);
  return { clock, timers, happened, runUntil, queue: deployment.queue };
}

test('everything happens at its own time, in order, and the clock ends where it was sent', async () => {
  const { timers, queue, happened, clock, runUntil } = world();
  await timers.wake(at('2026-03-03T08:15:00Z'));
  await timers.wake(at('2026-03-02T23:59:00Z'));
  const delay = (at('2026-03-03T00:10:00Z') - START) / 1000;
  queue('sweep').send(JSON.stringify({ kind: 'release', hold: 'h' }), delay);
  await runUntil(at('2026-03-03T08:15:00Z'));
  expect(happened).toEqual([
    '2026-03-02T23:59 minute 23:59',
    '2026-03-03T00:10 release',
    '2026-03-03T08:15 minute 08:15',
  ]);
  expect(clock.now()).toBe(at('2026-03-03T08:15:00Z'));
});

test('a wake-up that is due already fires at once, and time never goes back', async () => {
  const { timers, happened, clock, runUntil } = world();
  await timers.wake(at('2026-02-01T00:00:00Z'));
  await runUntil(at('2026-02-15T00:00:00Z'));
  expect(clock.now()).toBe(START);
  await runUntil(START);
  expect(happened).toEqual(['2026-03-01T10:00 minute 00:00']);
});

test('a wake-up that is asked for on the way is not missed', async () => {
  const { timers, happened, runUntil } = world();
  await timers.wake(at('2026-03-02T00:00:00Z'));
  const walk = runUntil(at('2026-03-04T00:00:00Z'));
  await timers.wake(at('2026-03-03T00:00:00Z'));
  await walk;
  expect(happened).toEqual(['2026-03-02T00:00 minute 00:00', '2026-03-03T00:00 minute 00:00']);
});

test('the hourly sweep fires every hour while something is open', async () => {
  const { happened, runUntil } = world({ open: () => START });
  await runUntil(at('2026-03-01T13:30:00Z'));
  expect(happened).toEqual(['2026-03-01T11:05 hourly', '2026-03-01T12:05 hourly', '2026-03-01T13:05 hourly']);
});

test('it waits for the end of the first open hour, however far that is', async () => {
  let open: Instant | undefined = at('2031-07-01T04:00:00Z');
  const { happened, runUntil, timers } = world({
    open: () => open,
    swept: () => {
      open = undefined;
    },
  });
  await timers.wake(at('2031-07-01T04:20:00Z'));
  await runUntil(at('2036-03-01T00:00:00Z'));
  expect(happened).toEqual(['2031-07-01T04:20 minute 04:20', '2031-07-01T05:05 hourly']);
});

test('nothing fires while nothing is open', async () => {
  const { happened, runUntil } = world();
  await runUntil(at('2126-03-01T10:00:00Z'));
  expect(happened).toEqual([]);
});

test('the hourly sweep sees a policy version within the hour after it came into effect', async () => {
  const { happened, runUntil } = world({
    changes: [at('2026-04-01T00:00:00Z'), at('2025-01-01T00:00:00Z')],
  });
  await runUntil(at('2027-01-01T00:00:00Z'));
  expect(happened).toEqual(['2026-04-01T01:05 hourly']);
});

test('the weekly proof fires a week later when something was written, and not again for nothing', async () => {
  let wrote = true;
  const { happened, runUntil } = world({
    wrote: () => {
      const answer = wrote;
      wrote = false;
      return answer;
    },
  });
  await runUntil(at('2026-06-01T00:00:00Z'));
  expect(happened).toEqual(['2026-03-08T10:00 weekly']);
  wrote = true;
  await runUntil(at('2026-06-02T00:00:00Z'));
  expect(happened.slice(1)).toEqual(['2026-06-01T00:00 weekly']);
});

test('two who move the clock at the same time do so one after the other', async () => {
  const { timers, happened, clock, runUntil } = world();
  await timers.wake(at('2026-03-01T11:00:00Z'));
  await timers.wake(at('2026-03-01T12:00:00Z'));
  await Promise.all([runUntil(at('2026-03-01T12:00:00Z')), runUntil(at('2026-03-01T11:30:00Z'))]);
  expect(happened).toEqual(['2026-03-01T11:00 minute 11:00', '2026-03-01T12:00 minute 12:00']);
  expect(clock.now()).toBe(at('2026-03-01T12:00:00Z'));
});
