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
  readonly open?: () => boolean;
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
  const work = { isOpen: options.open ?? (() => false), wroteSince: options.wrote ?? (() => false) };
  const changes = options.changes ?? [];
  const deployment = virtualDeployment({
    configuration,
    clock,
    timers,
    schedules: (toSweep) => sparseSchedules({ clock, work, changes }, toSweep),
    async run(_, messages) {
      for (const { body } of messages) {
        const { kind } = JSON.parse(body) as SweepMessage;
        happened.push(`${new Date(clock.now()).toISOString().slice(0, 16)} ${kind}`);
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
  expect(happened).toEqual(['2026-03-02T23:59 wake', '2026-03-03T00:10 release', '2026-03-03T08:15 wake']);
  expect(clock.now()).toBe(at('2026-03-03T08:15:00Z'));
});

test('a wake-up that is due already fires at once, and time never goes back', async () => {
  const { timers, happened, clock, runUntil } = world();
  await timers.wake(at('2026-02-01T00:00:00Z'));
  await runUntil(at('2026-02-15T00:00:00Z'));
  expect(clock.now()).toBe(START);
  await runUntil(START);
  expect(happened).toEqual(['2026-03-01T10:00 wake']);
});

test('a wake-up that is asked for on the way is not missed', async () => {
  const { timers, happened, runUntil } = world();
  await timers.wake(at('2026-03-02T00:00:00Z'));
  const walk = runUntil(at('2026-03-04T00:00:00Z'));
  await timers.wake(at('2026-03-03T00:00:00Z'));
  await walk;
  expect(happened).toEqual(['2026-03-02T00:00 wake', '2026-03-03T00:00 wake']);
});

test('the hourly sweep fires every hour while something is open', async () => {
  const { happened, runUntil } = world({ open: () => true });
  await runUntil(at('2026-03-01T13:30:00Z'));
  expect(happened).toEqual(['2026-03-01T11:00 hourly', '2026-03-01T12:00 hourly', '2026-03-01T13:00 hourly']);
});

test('what is opened between two full hours waits for the next one, and no longer', async () => {
  let open = false;
  const { clock, happened, runUntil, timers } = world({
    open: () => open && clock.now() >= at('2031-07-01T04:20:00Z'),
    swept: () => {
      open = false;
    },
  });
  await timers.wake(at('2031-07-01T04:20:00Z'));
  open = true;
  await runUntil(at('2036-03-01T00:00:00Z'));
  expect(happened).toEqual(['2031-07-01T04:20 wake', '2031-07-01T05:00 hourly']);
});

test('nothing fires while nothing is open', async () => {
  const { happened, runUntil } = world();
  await runUntil(at('2126-03-01T10:00:00Z'));
  expect(happened).toEqual([]);
});

test('an hourly sweep sees a policy version as soon as it is in effect', async () => {
  const { happened, runUntil } = world({
    changes: [at('2026-04-01T00:00:00Z'), at('2026-05-01T00:00:01Z'), at('2025-01-01T00:00:00Z')],
  });
  await runUntil(at('2027-01-01T00:00:00Z'));
  expect(happened).toEqual(['2026-04-01T00:00 hourly', '2026-05-01T01:00 hourly']);
});

test('the first sweep of the next day begins the census when a holding was written, and not again for nothing', async () => {
  let wrote = true;
  const { happened, runUntil } = world({
    wrote: () => {
      const answer = wrote;
      wrote = false;
      return answer;
    },
  });
  await runUntil(at('2026-06-01T08:00:00Z'));
  expect(happened).toEqual(['2026-03-02T00:00 hourly']);
  wrote = true;
  await runUntil(at('2026-07-01T00:00:00Z'));
  expect(happened.slice(1)).toEqual(['2026-06-02T00:00 hourly']);
});

test('two who move the clock at the same time do so one after the other', async () => {
  const { timers, happened, clock, runUntil } = world();
  await timers.wake(at('2026-03-01T11:00:00Z'));
  await timers.wake(at('2026-03-01T12:00:00Z'));
  await Promise.all([runUntil(at('2026-03-01T12:00:00Z')), runUntil(at('2026-03-01T11:30:00Z'))]);
  expect(happened).toEqual(['2026-03-01T11:00 wake', '2026-03-01T12:00 wake']);
  expect(clock.now()).toBe(at('2026-03-01T12:00:00Z'));
});
