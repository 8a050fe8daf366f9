import type { PriceList } from './prices.ts';

/** One line of a bill: an amount of something that has a price. */
export interface Usage {
  readonly what: string;
  /** A name in the price list. */
  readonly price: string;
  readonly amount: number;
}

export interface Charge extends Usage {
  readonly dollars: number;
}

/** What the tests measure at the SDK client (`test/protocol/counted`), each for one holding. */
export const MEASURED = {
  /** The registration of a holding without a date. */
  registration: 2,
  /** The event that makes it due: two units for the event, two for the holding. */
  event: 4,
  /** Sweep, dispose and seal together, at most. */
  disposal: 1.3,
  /** Requests of a disposal to registry, log and queues, at most. */
  disposalRequests: 0.25,
} as const;

/** Assumptions; of them, tests count alarms, metrics and queues. Change one and run `npm run cost` to see the effect. */
export const ASSUMED = {
  months: 60,
  lanes: 3,
  databases: 1,
  /** Alarms, and the metrics that they watch together: an alarm is paid for by its metrics. No lane adds any. The query over failed deliveries finds no metric while all is well. */
  alarms: 10,
  alarmMetrics: 13,
  /** Custom metrics, and those of them that are published every hour. A metric is paid for only while it is published. */
  customMetrics: 2,
  idleCustomMetrics: 1,
  /** GB of logs a month, when nothing is due. */
  idleLogs: 0.1,
  /** Receives per month of an empty queue that feeds a function: five pollers of 20 seconds. */
  emptyReceives: 648_000,
  hoursAMonth: 730,
  /**
   * Of a run of seal, with one chunk each: writes of a batch, a bundle, two tiles and a checkpoint; and what it reads of the
   * tree, each found in a list first.
   */
  logWrites: 5,
  logReads: 5,
  /** Items in a batch to the API; messages in a batch to `ingest`; holdings in a chunk. */
  apiBatch: 100,
  ingestBatch: 10,
  chunk: 100,
  /** Read request units for each holding's registration, event and disposal together. */
  readUnits: 8,
  /** GB-seconds for each message that `ingest` processes, and for each holding that is disposed of. */
  ingestGbSeconds: 0.04,
  disposalGbSeconds: 0.01,
  /** GB for each million: items of the registry, entries of the log, an event in the archive for 35 days, log lines. */
  registryGb: 1.4,
  logGb: 2.6,
  archiveGb: 1.5,
  logLinesGb: 1.2,
} as const;

type Assumptions = Readonly<Record<keyof typeof ASSUMED, number>>;

/** Queues that feed a function: of ingest, its dead letters, sweep and seal. */
export const QUEUES_BESIDE_LANES = 4;
const SHARDS = 16;
/**
 * Read units of an hourly sweep that finds nothing, and of the seal that it asks for: the cursor and the hints of each
 * shard; marks, walks, quarantine and what is to be sealed; and of each lane its chunks and work records.
 */
const READS_OF_A_SWEEP = 2 * SHARDS + 17;
const READS_OF_A_LANE = 2;
/** A strongly consistent read unit. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html */
const READ_UNIT_BYTES = 4096;
const DAYS_A_MONTH = 365.25 / 12;
const HTTP_BATCHES = 2;
const MILLION = 1_000_000;

/** A month in which nothing is registered, sent or due. */
export function idleMonth(assumed: Assumptions = ASSUMED): readonly Usage[] {
  const queues = assumed.lanes + QUEUES_BESIDE_LANES;
  const hourly = assumed.hoursAMonth;
  return [
    usage('customer-managed keys: one encrypts, one signs the log', 'kms key, month', 2),
    usage(`empty receives of ${queues} queues`, 'sqs request', queues * assumed.emptyReceives),
    usage(`${assumed.alarms} alarms`, 'cloudwatch alarm metric, month', assumed.alarmMetrics),
    usage('metrics', 'cloudwatch custom metric, month', assumed.idleCustomMetrics),
    usage('logs', 'cloudwatch logs, GB', assumed.idleLogs),
    usage('database logins', 'secret, month', assumed.databases),
    usage(
      'hourly sweeps: reads',
      'dynamodb read request unit',
      hourly * (READS_OF_A_SWEEP + assumed.lanes * READS_OF_A_LANE),
    ),
    usage('heartbeats: bus', 'eventbridge custom event', hourly),
    usage('heartbeats, and what is signed: writes', 'dynamodb write request unit', 2 * hourly),
    usage('hourly look at the checkpoint: list', 's3 put or list', hourly),
    usage('hourly look at the checkpoint: read', 's3 get', hourly),
    usage('hourly sweeps: functions', 'lambda GB-second, arm64', hourly * 2 * 0.3),
    usage('hourly sweeps: schedules', 'scheduler invocation', hourly),
  ];
}

/** A million holdings from registration to tombstone: registered over HTTP, ended by one event each, deleted in one stage. */
export function million(assumed: Assumptions = ASSUMED): readonly Usage[] {
  const { registration, event, disposal } = MEASURED;
  const messages = 2 * MILLION;
  return [
    usage('writes: registration', 'dynamodb write request unit', registration * MILLION),
    usage('writes: event', 'dynamodb write request unit', event * MILLION),
    usage('writes: disposal and sealing', 'dynamodb write request unit', disposal * MILLION),
    usage('reads', 'dynamodb read request unit', assumed.readUnits * MILLION),
    usage('API', 'http api request', (HTTP_BATCHES * MILLION) / assumed.apiBatch),
    usage('bus', 'eventbridge custom event', messages),
    usage('archive', 'eventbridge archive, GB', assumed.archiveGb),
    usage('ingest queue', 'sqs request', messages + (2 * messages) / assumed.ingestBatch),
    usage('lane and seal queues', 'sqs request', (6 * MILLION) / assumed.chunk),
    usage(
      'functions',
      'lambda GB-second, arm64',
      messages * assumed.ingestGbSeconds + MILLION * assumed.disposalGbSeconds,
    ),
    usage('function calls', 'lambda request', messages / assumed.ingestBatch + (3 * MILLION) / assumed.chunk),
    usage(
      'log objects',
      's3 put or list',
      ((assumed.logWrites + assumed.logReads) * MILLION) / assumed.chunk,
    ),
    usage('log objects: reads', 's3 get', (assumed.logReads * MILLION) / assumed.chunk),
    usage('signatures of the log', 'kms signature', MILLION / assumed.chunk),
    usage('logs', 'cloudwatch logs, GB', assumed.logLinesGb),
    usage(
      `registry for ${assumed.months} months`,
      'dynamodb storage, GB-month',
      assumed.registryGb * assumed.months,
    ),
    usage(
      `point-in-time recovery for ${assumed.months} months`,
      'dynamodb point-in-time recovery, GB-month',
      assumed.registryGb * assumed.months,
    ),
    // It reads the whole table, not only holdings.
    usage(
      `daily census for ${assumed.months} months`,
      'dynamodb read request unit',
      (assumed.registryGb * 1e9 * assumed.months * DAYS_A_MONTH) / READ_UNIT_BYTES,
    ),
    usage('deletion log for ten years', 's3 storage, GB-month', assumed.logGb * 120),
  ];
}

function usage(what: string, price: string, amount: number): Usage {
  return { what, price, amount };
}

/** Throws when an item has no price. */
export function charge(usages: readonly Usage[], { prices }: PriceList): readonly Charge[] {
  return usages.map((each) => {
    const found = prices[each.price];
    if (found === undefined) throw new TypeError(`prices.json has no price for "${each.price}": add it`);
    return { ...each, dollars: (each.amount / found.per) * found.price };
  });
}

export function total(charges: readonly Charge[]): number {
  return charges.reduce((sum, { dollars }) => sum + dollars, 0);
}
