import { expect, test } from 'vitest';
import type { QueueWorker } from '../../../local/queue-worker.ts';
import { timeLine } from '../../../local/time-line.ts';
import { memoryClock } from '../../../shared/adapters/memory/memory-clock.ts';
import { memoryQueues } from '../../../shared/adapters/memory/memory-queues.ts';
import { memoryTimers } from '../../../shared/adapters/memory/memory-timers.ts';
import type { Instant } from '../../../shared/domain/record/ids.ts';

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
  const queues = memoryQueues();
  const happened: string[] = [];
  const tell = (what: string): void => {
    happened.push(`${new Date(clock.now()).toISOString().slice(0, 16)} ${what}`);
  };
  const hidden: Instant[] = [];
  const worker: QueueWorker = {
    ring() {},
    async drain() {
      const messages = queues.drainSweep();
      for (const message of messages) {
        tell(
          message.kind === 'minute'
            ? `minute ${new Date(message.minute).toISOString().slice(11, 16)}`
            : message.kind,
        );
      }
      if (messages.some(({ kind }) => kind === 'hourly')) options.swept?.();
      return messages.length > 0;
    },
    nextVisible: () => hidden[0],
    async reveal() {
      while (hidden[0] !== undefined && hidden[0] <= clock.now()) {
        hidden.shift();
        tell('visible again');
      }
    },
  };
  const walk = timeLine({
    clock,
    timers,
    queues,
    workers: [worker],
    writer: { oldestOpenHour: () => options.open?.() },
    policyChanges: options.changes ?? [],
    wroteSince: options.wrote ?? (() => false),
  });
  return { clock, timers, queues, hidden, happened, ...walk };
}

test('everything happens at its own time, in order, and the clock ends where it was sent', async () => {
  const { timers, hidden, happened, clock, moveTo } = world();
  await timers.wake(at('2026-03-03T08:15:00Z'));
  await timers.wake(at('2026-03-02T23:59:00Z'));
  hidden.push(at('2026-03-03T00:10:00Z'));
  await moveTo(at('2026-03-03T08:15:00Z'));
  expect(happened).toEqual([
    '2026-03-02T23:59 minute 23:59',
    '2026-03-03T00:10 visible again',
    '2026-03-03T08:15 minute 08:15',
  ]);
  expect(clock.now()).toBe(at('2026-03-03T08:15:00Z'));
});

test('a wake-up that is due already fires at once, and time never goes back', async () => {
  const { timers, happened, clock, moveTo } = world();
  await timers.wake(at('2026-02-01T00:00:00Z'));
  await moveTo(at('2026-02-15T00:00:00Z'));
  expect(clock.now()).toBe(START);
  await moveTo(START);
  expect(happened).toEqual(['2026-03-01T10:00 minute 00:00']);
});

test('a wake-up that is asked for on the way is not missed', async () => {
  const { timers, happened, moveTo } = world();
  await timers.wake(at('2026-03-02T00:00:00Z'));
  const walk = moveTo(at('2026-03-04T00:00:00Z'));
  await timers.wake(at('2026-03-03T00:00:00Z'));
  await walk;
  expect(happened).toEqual(['2026-03-02T00:00 minute 00:00', '2026-03-03T00:00 minute 00:00']);
});

test('the hourly sweep fires every hour while something is open', async () => {
  const { happened, moveTo } = world({ open: () => START });
  await moveTo(at('2026-03-01T13:30:00Z'));
  expect(happened).toEqual(['2026-03-01T11:05 hourly', '2026-03-01T12:05 hourly', '2026-03-01T13:05 hourly']);
});

test('it waits for the end of the first open hour, however far that is', async () => {
  let open: Instant | undefined = at('2031-07-01T04:00:00Z');
  const { happened, moveTo, timers } = world({
    open: () => open,
    swept: () => {
      open = undefined;
    },
  });
  await timers.wake(at('2031-07-01T04:20:00Z'));
  await moveTo(at('2036-03-01T00:00:00Z'));
  expect(happened).toEqual(['2031-07-01T04:20 minute 04:20', '2031-07-01T05:05 hourly']);
});

test('nothing fires while nothing is open', async () => {
  const { happened, moveTo } = world();
  await moveTo(at('2126-03-01T10:00:00Z'));
  expect(happened).toEqual([]);
});

test('the hourly sweep sees a policy version within the hour after it came into effect', async () => {
  const { happened, moveTo } = world({ changes: [at('2026-04-01T00:00:00Z'), at('2025-01-01T00:00:00Z')] });
  await moveTo(at('2027-01-01T00:00:00Z'));
  expect(happened).toEqual(['2026-04-01T01:05 hourly']);
});

test('the weekly proof fires a week later when something was written, and not again for nothing', async () => {
  let wrote = true;
  const { happened, moveTo } = world({
    wrote: () => {
      const answer = wrote;
      wrote = false;
      return answer;
    },
  });
  await moveTo(at('2026-06-01T00:00:00Z'));
  expect(happened).toEqual(['2026-03-08T10:00 weekly']);
  wrote = true;
  await moveTo(at('2026-06-02T00:00:00Z'));
  expect(happened.slice(1)).toEqual(['2026-06-01T00:00 weekly']);
});

test('two who move the clock at the same time do so one after the other', async () => {
  const { timers, happened, clock, moveTo } = world();
  await timers.wake(at('2026-03-01T11:00:00Z'));
  await timers.wake(at('2026-03-01T12:00:00Z'));
  await Promise.all([moveTo(at('2026-03-01T12:00:00Z')), moveTo(at('2026-03-01T11:30:00Z'))]);
  expect(happened).toEqual(['2026-03-01T11:00 minute 11:00', '2026-03-01T12:00 minute 12:00']);
  expect(clock.now()).toBe(at('2026-03-01T12:00:00Z'));
});
