import { apiHandler } from '../functions/api/handler.ts';
import { disposeHandler } from '../functions/dispose/handler.ts';
import { fromElsewhere, ingestHandler } from '../functions/ingest/handler.ts';
import { sealHandler } from '../functions/seal/handler.ts';
import { sweepHandler } from '../functions/sweep/handler.ts';
import { bucketFiles } from '../shared/adapters/bucket-files.ts';
import { memoryClock } from '../shared/adapters/memory/memory-clock.ts';
import { memoryTimers } from '../shared/adapters/memory/memory-timers.ts';
import { randomTokens } from '../shared/adapters/random-tokens.ts';
import { sqsQueues } from '../shared/adapters/sqs-queues.ts';
import {
  type ConfiguredFunction,
  configurationOf,
  laneConfiguration,
} from '../shared/domain/configuration/configuration-part.ts';
import type { Configuration } from '../shared/domain/configuration/configuration.ts';
import type { Instant } from '../shared/domain/record/ids.ts';
import type { Queues } from '../shared/ports/queues.ts';
import type { Report } from '../shared/ports/report.ts';
import type { Core } from '../shared/protocol/core.ts';
import { startApiServer } from './api-server.ts';
import { demoKeys } from './demo-keys.ts';
import type { Engines } from './engines/engines.ts';
import { type LocalBus, localBus } from './event-bus.ts';
import { type LocalPorts, openPorts } from './local-ports.ts';
import { type LossyCensus, lossyCensus } from './lossy-census.ts';
import { openWork } from './open-work.ts';
import { type Handler, runHandler } from './run-handler.ts';
import { sparseSchedules } from './sparse-schedules.ts';
import { laneQueue, virtualDeployment } from './virtual/virtual-deployment.ts';
import { oneAfterTheOther, type VirtualTime } from './virtual/virtual-time.ts';

const HOUR = 3_600_000;

export interface SystemOptions {
  readonly configuration: Configuration;
  readonly engines: Engines;
  /** Virtual time begins here. */
  readonly start: Instant;
  /**
   * When rows of datasets are looked for: full hours. In AWS that is every one. Nothing here knows when a row is due, and to
   * look in every hour of ten years would take hours.
   */
  readonly looks?: readonly Instant[];
  /** Where each function's logs and metrics go; nowhere when it is left out. */
  readonly report?: (service: string) => Report;
  /** Called for every message that a function receives. */
  readonly seen?: (queue: string, body: string) => void;
  /** Puts something around the ports of every function: what throws there kills the function there. */
  readonly wrap?: (ports: LocalPorts) => LocalPorts;
}

export interface System extends Pick<VirtualTime, 'settle' | 'runUntil'> {
  readonly configuration: Configuration;
  readonly apiUrl: string;
  readonly bus: LocalBus;
  /** As opened, with nothing put around them. */
  readonly ports: LocalPorts;
  /** The files of the deletion log. */
  readonly logFolder: string;
  /** Plants a defect: the statements of what was due leave this holding out from now on. */
  readonly lose: LossyCensus['lose'];
  /** Bodies of the messages that were delivered in vain, as often as their queues deliver. */
  deadLetters(): readonly string[];
  now(): Instant;
}

/** The whole system in this process: the functions that run in AWS, their queues, bus and wake-ups, and the API. */
export async function startSystem(options: SystemOptions, cleanup: AsyncDisposableStack): Promise<System> {
  const { configuration, engines, looks = [], report = () => silent, seen = silent } = options;
  const clock = memoryClock(options.start);
  const timers = memoryTimers();
  const ports = await openPorts(configuration, engines, cleanup);
  const isLook = (now: Instant): boolean => looks.some((at) => at <= now && now < at + HOUR);
  const work = openWork(ports.registry, () => (isLook(clock.now()) ? undefined : clock.now()));
  const census = lossyCensus(work.registry);
  const own = { ...ports, registry: census.registry };
  const { registry, bucket, signer, keys, exports, links, stores } = options.wrap?.(own) ?? own;

  const urls = await createQueues(configuration, engines);
  const bus = localBus(clock, (body) => queues.replay(body));
  const queues: Queues = {
    ...sqsQueues(engines.queues.client, urls, bus),
    // Messages are hidden on the virtual clock, which the engine does not know.
    hide: async (receipt, seconds) => deployment.queue('ingest').hide(receipt, seconds),
  };
  const tokens = randomTokens();
  const coreOf = (service: string, own = configuration): Core => ({
    configuration: own,
    registry,
    clock,
    timers,
    queues,
    tokens,
    report: report(service),
  });

  // As deployed: no function gets more of the configuration than it needs.
  const partOf = (name: ConfiguredFunction): Configuration => configurationOf(name, configuration);
  const handlers: Readonly<Record<string, Handler>> = {
    ingest: ingestHandler({ ...coreOf('ingest', partOf('ingest')), keys }, fromElsewhere(urls.ingest)),
    sweep: sweepHandler({ ...coreOf('sweep', partOf('sweep')), keys, exports }),
    seal: sealHandler({ ...coreOf('seal', partOf('seal')), bucket, signer }),
    ...Object.fromEntries(
      Object.entries(stores).map(([lane, store]) => [
        laneQueue(lane),
        disposeHandler({
          ...coreOf('dispose', laneConfiguration(lane, configuration)),
          lane,
          store,
          keys,
          exports,
        }),
      ]),
    ),
  };
  const deployment = virtualDeployment({
    configuration,
    clock,
    timers,
    sideBySide: () => Infinity,
    schedules: (toSweep) => {
      const policyChanges = configuration.policies.policies.map(({ effectiveFrom }) => effectiveFrom);
      return sparseSchedules({ clock, work, changes: [...policyChanges, ...looks] }, toSweep);
    },
    collect: () => engines.queues.take(),
    async run({ queue, verb }, messages) {
      for (const { body } of messages) seen(queue, body);
      const handler = handlers[queue] ?? handlers[verb];
      if (handler === undefined) throw new TypeError(`no function takes what comes from ${queue}`);
      return runHandler(handler, queue, messages);
    },
  });

  const api = await startApiServer(
    apiHandler({ ...coreOf('api', partOf('api')), keys, bus, exports: links, log: bucketFiles(bucket) }),
    demoKeys(configuration),
  );
  cleanup.defer(() => api.stop());

  // Every deployment ends by sending one sweep.
  await queues.toSweep([{ kind: 'hourly' }]);
  return {
    ...oneAfterTheOther(deployment),
    configuration,
    apiUrl: api.url,
    bus,
    ports,
    logFolder: engines.logFolder,
    lose: census.lose,
    deadLetters: () => deployment.allQueues.flatMap((queue) => queue.deadLetters().map(({ body }) => body)),
    now: () => clock.now(),
  };
}

function silent(): void {}

async function createQueues(configuration: Configuration, { queues }: Engines) {
  const lanes = Object.keys(configuration.stores).map(
    async (lane) => [lane, await queues.create(laneQueue(lane))] as const,
  );
  const [ingest, sweep, seal] = await Promise.all([
    queues.create('ingest'),
    queues.create('sweep'),
    queues.create('seal'),
  ]);
  return { ingest, sweep, seal, lanes: Object.fromEntries(await Promise.all(lanes)) };
}
