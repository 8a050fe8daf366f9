import { beforeEach, describe, expect, test } from 'vitest';
import { agenda, every } from '../../../local/virtual/agenda.ts';
import { type Message, type VirtualQueue, virtualQueue } from '../../../local/virtual/virtual-queue.ts';
import { virtualTime } from '../../../local/virtual/virtual-time.ts';
import { memoryClock } from '../../../shared/adapters/memory/memory-clock.ts';

const START = Date.UTC(2026, 2, 1);
const SECOND = 1000;
const settings = { visibilitySeconds: 360, deliveries: 5, batchSize: 3 };

/** A queue and its function; `fails` says which bodies fail. Runs are recorded as `seconds: bodies`. */
let runs: string[];
let fails: (body: string, delivery: number) => boolean;
let whileRunning: (body: string) => void;
beforeEach(() => {
  runs = [];
  fails = () => false;
  whileRunning = () => undefined;
});

function world() {
  const clock = memoryClock(START);
  const events = agenda();
  const bells: VirtualQueue[] = [];
  const queue = virtualQueue({
    name: 'queue',
    settings,
    clock,
    agenda: events,
    ring: () => void bells.push(queue),
    dead: ({ body }) => runs.push(`${since()}: ${body} is dead`),
  });
  const since = (): number => (clock.now() - START) / SECOND;
  let down = false;
  const time = virtualTime({
    clock,
    sources: [events],
    bells,
    isDown: () => down,
    async run(_, messages) {
      runs.push(`${since()}: ${messages.map(({ body }) => body).join()}`);
      for (const { body } of messages) whileRunning(body);
      return messages.filter(({ body, deliveries }) => !fails(body, deliveries));
    },
  });
  return {
    clock,
    events,
    queue,
    ...time,
    stop: (isDown: boolean) => {
      down = isDown;
    },
    after: (seconds: number) => time.runUntil(START + seconds * SECOND),
  };
}

describe('a message', () => {
  test('is delivered at once, and is gone when the function is done with it', async () => {
    const { queue, settle, after } = world();
    queue.send('a');
    await settle();
    await after(10_000);
    expect(runs).toEqual(['0: a']);
    expect(queue.messages()).toEqual([]);
  });

  test('with a delay is kept from the start, and visible when the delay is over', async () => {
    const { queue, after } = world();
    queue.send('later', 20);
    await after(19.999);
    expect(runs).toEqual([]);
    expect(queue.messages().map(({ body }) => body)).toEqual(['later']);
    await after(20);
    expect(runs).toEqual(['20: later']);
  });

  test('that fails is visible again when its visibility timeout is over, and says how often it came', async () => {
    const { queue, after, next } = world();
    fails = (_, delivery) => delivery < 3;
    queue.send('a');
    await after(359.999);
    expect(runs).toEqual(['0: a']);
    expect(next()).toBe(START + 360 * SECOND);
    await after(100_000);
    expect(runs).toEqual(['0: a', '360: a', '720: a']);
    expect(next()).toBeUndefined();
  });

  test('that always fails is dead after exactly the number of deliveries that its queue allows', async () => {
    const { queue, after } = world();
    fails = () => true;
    queue.send('hopeless');
    await after(100_000);
    // A message is dead if it was not deleted by the end of the last visibility timeout.
    expect(runs).toEqual([
      '0: hopeless',
      '360: hopeless',
      '720: hopeless',
      '1080: hopeless',
      '1440: hopeless',
      '1800: hopeless is dead',
    ]);
    expect(queue.messages()).toEqual([]);
    expect(queue.deadLetters().map(({ body, deliveries }) => [body, deliveries])).toEqual([['hopeless', 5]]);
  });

  test('that is done with in its last delivery is not dead', async () => {
    const { queue, after } = world();
    fails = (_, delivery) => delivery < 5;
    queue.send('a');
    await after(100_000);
    expect(runs).toHaveLength(5);
    expect(queue.deadLetters()).toEqual([]);
  });

  test('that was hidden comes again after that time, and is gone when it was done with all the same', async () => {
    const { queue, after } = world();
    fails = (body, delivery) => body === 'a' && delivery < 3;
    whileRunning = (body) => {
      const message = queue.messages().find((one) => one.body === body);
      if (message !== undefined) queue.hide(message.id, message.deliveries === 1 ? 60 : 1000);
    };
    queue.send('a');
    queue.send('b');
    await after(100_000);
    expect(runs).toEqual(['0: a,b', '60: a', '1060: a']);
    expect(queue.messages()).toEqual([]);
    queue.hide('queue-1', 5);
    await after(200_000);
    expect(runs).toHaveLength(3);
  });

  test('waits while its function is down, and loses no delivery by it', async () => {
    const { queue, after, stop } = world();
    fails = () => true;
    stop(true);
    queue.send('a');
    await after(50_000);
    expect(runs).toEqual([]);
    stop(false);
    await after(50_000);
    expect(runs).toEqual(['50000: a']);
    expect(queue.messages().map(({ deliveries }) => deliveries)).toEqual([1]);
  });

  test('whose function works longer than the timeout is delivered again beside it; the first to end deletes it', async () => {
    const { queue, clock, events } = world();
    queue.send('slow');
    events.happen(clock.now());
    const [first] = queue.receive() as [Message];
    clock.advance(360 * SECOND);
    events.happen(clock.now());
    expect(queue.visible()).toBe(1);
    queue.delete(first);
    expect([queue.visible(), queue.messages(), events.next()]).toEqual([0, [], undefined]);
    queue.delete(first);
  });
});

describe('a batch', () => {
  test('has at most the number of messages that the queue says, oldest first', async () => {
    const { queue, settle } = world();
    for (const body of ['a', 'b', 'c', 'd']) queue.send(body);
    await settle();
    expect(runs).toEqual(['0: a,b,c', '0: d']);
  });

  test('that fails in part comes again in this part alone', async () => {
    const { queue, after } = world();
    fails = (body, delivery) => body === 'b' && delivery === 1;
    for (const body of ['a', 'b', 'c']) queue.send(body);
    await after(1000);
    expect(runs).toEqual(['0: a,b,c', '360: b']);
  });

  test('comes again as a whole when its function dies', async () => {
    const { queue, after } = world();
    let deaths = 0;
    whileRunning = () => {
      deaths += 1;
      if (deaths === 1) throw new Error('killed');
    };
    for (const body of ['a', 'b']) queue.send(body);
    await after(1000);
    expect(runs).toEqual(['0: a,b', '360: a,b']);
  });

  test('does not have what is sent while its function runs: that comes next', async () => {
    const { queue, settle } = world();
    whileRunning = (body) => {
      if (body === 'first') queue.send('second');
    };
    queue.send('first');
    await settle();
    expect(runs).toEqual(['0: first', '0: second']);
  });
});

describe('what is on the agenda', () => {
  test('happens in order of time; at one instant, in the order in which it was entered', () => {
    const happened: string[] = [];
    const events = agenda();
    for (const [at, what] of [
      [20, 'c'],
      [10, 'a'],
      [20, 'd'],
      [10, 'b'],
    ] as const) {
      events.add(at, () => happened.push(what));
    }
    expect(events.next()).toBe(10);
    events.happen(15);
    expect(happened).toEqual(['a', 'b']);
    events.happen(20);
    expect(happened).toEqual(['a', 'b', 'c', 'd']);
  });

  test('and taken back does not happen', () => {
    const happened: string[] = [];
    const events = agenda();
    const cancel = events.add(10, () => happened.push('a'));
    events.add(20, () => happened.push('b'));
    cancel();
    expect(events.next()).toBe(20);
    events.happen(20);
    cancel();
    expect(happened).toEqual(['b']);
  });

  test('and entered for now by something that happens now, happens now', () => {
    const happened: string[] = [];
    const events = agenda();
    events.add(10, () => events.add(10, () => happened.push('at once')));
    events.happen(10);
    expect(happened).toEqual(['at once']);
  });

  test('every hour, happens once for each hour that passed', () => {
    let times = 0;
    const hourly = every(3600, 1000, () => (times += 1));
    hourly.happen(999);
    expect(times).toBe(0);
    hourly.happen(1000 + 2 * 3600);
    expect([times, hourly.next()]).toEqual([3, 1000 + 3 * 3600]);
  });
});
