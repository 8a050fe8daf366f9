import { noticeDetail } from '../../shared/contract/notice.ts';
import type { MemoryClock } from '../../shared/adapters/memory/memory-clock.ts';
import type { MemoryTimers } from '../../shared/adapters/memory/memory-timers.ts';
import type { Configuration } from '../../shared/domain/configuration/configuration.ts';
import {
  type QueueKind,
  queueSettings,
  type QueueSettings,
} from '../../shared/domain/configuration/queue-settings.ts';
import type { Instant } from '../../shared/domain/record/ids.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { Queues, SweepMessage } from '../../shared/ports/queues.ts';
import { present } from '../../shared/domain/present.ts';
import { localBus } from '../event-bus.ts';
import { agenda, type Source } from './agenda.ts';
import { type Message, type VirtualQueue, virtualQueue } from './virtual-queue.ts';
import { virtualTime, type TimeOptions, type VirtualTime } from './virtual-time.ts';

/** A queue, and the function that receives from it. */
export type Receiver = { readonly queue: string } & (
  | { readonly verb: 'ingest' | 'sweep' | 'seal' }
  | { readonly verb: 'dispose'; readonly lane: string }
  /** `ingest` again: it takes what ended in the dead-letter queue of its own queue. */
  | { readonly verb: 'ingest'; readonly deadLetters: true }
);

export type Verb = Receiver['verb'];

export interface DeploymentOptions extends Pick<TimeOptions, 'clock' | 'sideBySide' | 'choose'> {
  readonly configuration: Configuration;
  readonly clock: MemoryClock;
  /** Every wake-up that the functions ask for. */
  readonly timers: MemoryTimers;
  /** Runs a function on messages; answers which of them are done with. Messages come again if it throws. */
  readonly run: (to: Receiver, messages: readonly Message[]) => Promise<readonly Message[]>;
  /** What happens by the clock besides wake-ups, e.g. the hourly sweep. */
  readonly schedules?: (toSweep: (message: SweepMessage) => void) => readonly Source[];
  /** Instead of the settings that are deployed. */
  readonly settings?: (kind: QueueKind, deployed: QueueSettings) => QueueSettings;
  /** Functions that do not run at all: their messages wait. */
  readonly isDown?: (verb: Verb) => boolean;
  /** When the wake-ups fire that were asked for this minute: at the minute if left out; never, late or twice. */
  readonly wakeUps?: (minute: Instant) => readonly Instant[];
  /** How many seconds late each copy of a message arrives: one, not late, if left out; none is lost. */
  readonly copies?: (queue: string, body: string) => readonly number[];
  /** Takes what was sent since the last look, where messages do not come through `queues`. */
  readonly collect?: () => Promise<readonly Sent[]>;
}

export interface Sent {
  readonly queue: string;
  readonly body: string;
  readonly delaySeconds?: number;
}

/** The queues, wake-ups and schedules of a deployment on a virtual clock. What its functions are made of is up to `run`. */
export interface VirtualDeployment extends VirtualTime {
  /** What applications were told: events as JSON. */
  readonly told: readonly string[];
  /** The port for a function over memory, by its own clock: what it sends arrives here. */
  readonly queuesOn: (clock: Clock) => Queues;
  readonly allQueues: readonly VirtualQueue[];
  readonly queue: (name: string) => VirtualQueue;
  /** Something else that happens at an instant, such as what an application does. */
  readonly plan: (at: Instant, act: () => void) => void;
}

export function laneQueue(store: string): string {
  return `lane-${store}`;
}

export function virtualDeployment(options: DeploymentOptions): VirtualDeployment {
  const { configuration, clock, timers, run, isDown, wakeUps = (minute) => [minute] } = options;
  const { copies = () => [0], settings: changed = (_, deployed) => deployed } = options;
  const deployed = queueSettings(configuration.timing);
  const events = agenda();
  const bells: VirtualQueue[] = [];
  const all = new Map<string, { readonly queue: VirtualQueue; readonly to: Receiver }>();

  function create(kind: QueueKind, to: Receiver, dead?: (message: Message) => void): void {
    const settings = changed(kind, deployed[kind]);
    const ring = (): void => void bells.push(queue);
    const queue = virtualQueue({
      name: to.queue,
      settings,
      clock,
      agenda: events,
      ring,
      ...present({ dead }),
    });
    all.set(to.queue, { queue, to });
  }
  function known(name: string): { readonly queue: VirtualQueue; readonly to: Receiver } {
    const found = all.get(name);
    if (found === undefined) throw new TypeError(`there is no queue ${name} in this deployment`);
    return found;
  }
  const queueOf = (name: string): VirtualQueue => known(name).queue;

  create('ingest', { queue: 'ingest-dead', verb: 'ingest', deadLetters: true });
  create('ingest', { queue: 'ingest', verb: 'ingest' }, ({ body }) => queueOf('ingest-dead').send(body));
  create('sweep', { queue: 'sweep', verb: 'sweep' });
  create('seal', { queue: 'seal', verb: 'seal' });
  for (const lane of Object.keys(configuration.stores)) {
    create('lane', { queue: laneQueue(lane), verb: 'dispose', lane });
  }

  function send(queue: string, body: string, delaySeconds = 0): void {
    for (const later of copies(queue, body)) queueOf(queue).send(body, delaySeconds + later);
  }
  const toSweep = (message: SweepMessage): void => queueOf('sweep').send(JSON.stringify(message));
  const wakes: Source = {
    next: () => timers.next(),
    happen(now) {
      for (const minute of timers.takeDue(now)) {
        for (const at of wakeUps(minute)) events.add(at, () => toSweep({ kind: 'wake' }));
      }
    },
  };
  const time = virtualTime({
    ...options,
    sources: [wakes, ...(options.schedules?.(toSweep) ?? []), events],
    bells,
    async collect() {
      for (const { queue, body, delaySeconds } of (await options.collect?.()) ?? []) {
        queueOf(queue).send(body, delaySeconds);
      }
    },
    run: (queue, messages) => run(known(queue.name).to, messages),
    isDown: (queue) => isDown?.(known(queue.name).to.verb) ?? false,
  });

  const told: string[] = [];
  return {
    ...time,
    told,
    allQueues: [...all.values()].map(({ queue }) => queue),
    queue: queueOf,
    plan: (at, act) => void events.add(at, act),
    queuesOn: (own) => ({
      async ring(bells) {
        for (const { bell, delaySeconds } of bells)
          send(laneQueue(bell.lane), JSON.stringify(bell), delaySeconds);
      },
      toSweep: async (messages, delaySeconds) =>
        messages.forEach((message) => send('sweep', JSON.stringify(message), delaySeconds)),
      toIngest: async (message) => send('ingest', JSON.stringify(message)),
      toSeal: async (message) => send('seal', JSON.stringify(message)),
      sendHeartbeat: () => localBus(own, async (body) => send('ingest', body)).sendHeartbeat(),
      retry: (ids) => localBus(own, async (body) => send('ingest', body)).retry(ids),
      retryRefused: (ids, policies) =>
        localBus(own, async (body) => send('ingest', body)).retryRefused(ids, policies),
      sendFacts: (facts) => localBus(own, async (body) => send('ingest', body)).sendFacts(facts),
      tellIngest: (messages) => localBus(own, async (body) => send('ingest', body)).tellIngest(messages),
      notify: async (notices) => {
        told.push(...notices.map((notice) => noticeDetail(notice).detail));
        return notices.map(() => 'durable');
      },
      hide: async (receipt, seconds) => queueOf('ingest').hide(receipt, seconds),
      replay: async (body, { delaySeconds } = {}) => send('ingest', body, delaySeconds),
    }),
  };
}
