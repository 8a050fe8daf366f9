import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { apiHandler } from '../functions/api/handler.ts';
import { disposeHandler } from '../functions/dispose/handler.ts';
import { ingestHandler } from '../functions/ingest/handler.ts';
import { sealHandler } from '../functions/seal/handler.ts';
import { sweepHandler } from '../functions/sweep/handler.ts';
import { memoryClock } from '../shared/adapters/memory/memory-clock.ts';
import { memoryTimers } from '../shared/adapters/memory/memory-timers.ts';
import { randomTokens } from '../shared/adapters/random-tokens.ts';
import { sqsQueues } from '../shared/adapters/sqs-queues.ts';
import type { Configuration } from '../shared/domain/configuration/configuration.ts';
import type { Instant } from '../shared/domain/record/ids.ts';
import type { Report } from '../shared/ports/report.ts';
import type { Core } from '../shared/protocol/core.ts';
import { startApiServer } from './api-server.ts';
import { demoKeys } from './demo-keys.ts';
import type { Engines } from './engines/engines.ts';
import { type LocalBus, localBus } from './event-bus.ts';
import { type LocalPorts, openPorts } from './local-ports.ts';
import type { QueuePair } from './engines/queue-engine.ts';
import { type Handler, type QueueWorker, queueWorker } from './queue-worker.ts';
import { laneQueue, ringingQueues } from './ringing-queues.ts';
import { soleWriter } from './sole-writer.ts';
import { type TimeLine, timeLine } from './time-line.ts';

export interface SystemOptions {
  readonly configuration: Configuration;
  readonly engines: Engines;
  /** Virtual time begins here. */
  readonly start: Instant;
  /** Where each function's logs and metrics go; nowhere when it is left out. */
  readonly report?: (service: string) => Report;
  /** Told of every message that a function receives. */
  readonly seen?: (queue: string, body: string) => void;
  /** Puts something around the ports of every function: what throws there kills the function there. */
  readonly wrap?: (ports: LocalPorts) => LocalPorts;
}

export interface System extends TimeLine {
  readonly configuration: Configuration;
  readonly apiUrl: string;
  readonly bus: LocalBus;
  /** As opened, with nothing put around them. */
  readonly ports: LocalPorts;
  readonly queues: readonly QueuePair[];
  now(): Instant;
}

/** What Lambda receives from a queue at a time: chunks travel alone, each has a claim's time for itself. */
const BATCH_SIZE = 10;
const LANE_BATCH_SIZE = 1;

/** The whole system in this process: the functions that run in AWS, their queues, bus and wake-ups, and the API. */
export async function startSystem(options: SystemOptions, cleanup: AsyncDisposableStack): Promise<System> {
  const { configuration, engines } = options;
  const clock = memoryClock(options.start);
  const timers = memoryTimers();
  const ports = await openPorts(configuration, engines, cleanup);
  const writer = soleWriter(ports.registry, ports.index);
  const own = { ...ports, registry: writer.registry, index: writer.index };
  const { registry, index, bucket, keys, stores } = options.wrap?.(own) ?? own;

  const pairs = await createQueues(configuration, engines);
  const workers = new Map<string, QueueWorker>();
  const ring = (queue: string): void => workers.get(queue)?.ring();
  const urlOf = (queue: string): string => pairs.get(queue)?.url ?? '';
  const lanes = Object.keys(configuration.stores);
  const queues = ringingQueues(
    sqsQueues(engines.queues.client, {
      ingest: urlOf('ingest'),
      sweep: urlOf('sweep'),
      seal: urlOf('seal'),
      lanes: Object.fromEntries(lanes.map((lane) => [lane, urlOf(laneQueue(lane))])),
    }),
    ring,
  );
  const bus = localBus(clock, async (body) => {
    await engines.queues.client.send(
      new SendMessageCommand({ QueueUrl: urlOf('ingest'), MessageBody: body }),
    );
    ring('ingest');
  });

  const tokens = randomTokens();
  const coreOf = (service: string): Core => {
    return {
      configuration,
      registry,
      clock,
      timers,
      queues,
      tokens,
      report: options.report?.(service) ?? silent,
    };
  };

  const { lease, functionTimeout } = configuration.timing;
  const work = (name: string, handler: Handler, batchSize: number, visibilitySeconds: number): void => {
    const queue = pairs.get(name);
    if (queue === undefined) throw new TypeError(`the local queue ${name} was not created`);
    const { client } = engines.queues;
    workers.set(
      name,
      queueWorker({
        client,
        queue,
        clock,
        handler,
        batchSize,
        visibilitySeconds,
        seen: options.seen ?? silent,
      }),
    );
  };
  work('ingest', ingestHandler({ ...coreOf('ingest'), keys }), BATCH_SIZE, functionTimeout);
  work('sweep', sweepHandler(coreOf('sweep')), BATCH_SIZE, functionTimeout);
  work('seal', sealHandler({ ...coreOf('seal'), bucket, index }), BATCH_SIZE, functionTimeout);
  for (const lane of lanes) {
    const store = stores[lane];
    if (store === undefined) throw new TypeError(`the local store ${lane} was not opened`);
    const core = { ...coreOf('dispose'), lane, store, keys, bucket, index };
    work(laneQueue(lane), disposeHandler(core), LANE_BATCH_SIZE, lease);
  }

  const api = await startApiServer(
    apiHandler({ ...coreOf('api'), keys, bus, bucket, index }),
    demoKeys(configuration),
  );
  cleanup.defer(() => api.stop());

  // Every deployment ends by sending one sweep.
  await queues.toSweep([{ kind: 'hourly' }]);
  const walk = timeLine({
    clock,
    timers,
    queues,
    workers: [...workers.values()],
    writer,
    policyChanges: configuration.policies.policies.map(({ effectiveFrom }) => effectiveFrom),
    wroteSince: () => writer.wroteSince(),
  });
  return {
    ...walk,
    configuration,
    apiUrl: api.url,
    bus,
    ports,
    queues: [...pairs.values()],
    now: () => clock.now(),
  };
}

function silent(): void {}

async function createQueues(
  configuration: Configuration,
  engines: Engines,
): Promise<ReadonlyMap<string, QueuePair>> {
  const names = ['ingest', 'sweep', 'seal', ...Object.keys(configuration.stores).map(laneQueue)];
  const pairs = await Promise.all(names.map((name) => engines.queues.create(name)));
  return new Map(pairs.map((pair) => [pair.name, pair]));
}
