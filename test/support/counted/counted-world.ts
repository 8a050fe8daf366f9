import type { LogBucket, Signer } from '../../../shared/ports/log.ts';
import type { Queues } from '../../../shared/ports/queues.ts';
import { tableWorld } from '../driver/table-world.ts';
import type { WorldOptions } from '../driver/world.ts';
import type { TestTables } from '../registry-table.ts';
import { countingCall } from './counting-call.ts';

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html */
const MESSAGES_PER_BATCH = 10;

/** Requests by service: the registry’s, those of the log’s bucket and its signature, and messages with wake-ups. */
export interface Requests {
  readonly registry: number;
  readonly log: number;
  readonly messages: number;
  readonly all: number;
}

export type CountedWorld = Awaited<ReturnType<typeof countedWorld>>;

/** The world of the protocols over a real table: every request of registry, log and queues is counted. */
export async function countedWorld(tables: TestTables, options: WorldOptions = {}) {
  const counter = countingCall(tables.call);
  let messages = 0;
  let log = 0;
  const queues = (inner: Queues): Queues => ({
    async ring(bells) {
      messages += Math.ceil(bells.length / MESSAGES_PER_BATCH);
      await inner.ring(bells);
    },
    async toSweep(all) {
      messages += Math.ceil(all.length / MESSAGES_PER_BATCH);
      await inner.toSweep(all);
    },
    async toIngest(message) {
      messages += 1;
      await inner.toIngest(message);
    },
    async toSeal(message) {
      messages += 1;
      await inner.toSeal(message);
    },
    async sendHeartbeat() {
      messages += 1;
      await inner.sendHeartbeat();
    },
    async retry(ids) {
      messages += ids.length;
      await inner.retry(ids);
    },
    async notify(notices) {
      messages += notices.length;
      return inner.notify(notices);
    },
    async retryRefused(ids, policies) {
      messages += ids.length;
      await inner.retryRefused(ids, policies);
    },
    async sendFacts(facts) {
      messages += facts.length;
      await inner.sendFacts(facts);
    },
    async tellIngest(all) {
      messages += all.length;
      await inner.tellIngest(all);
    },
    async hide(receipt, seconds) {
      messages += 1;
      await inner.hide(receipt, seconds);
    },
    replay: (body) => inner.replay(body),
  });
  const counted =
    <Args extends readonly unknown[], Answer>(count: number, call: (...args: Args) => Answer) =>
    (...args: Args): Answer => {
      log += count;
      return call(...args);
    };
  // What is read is found in the list of its versions first.
  const bucket = (inner: LogBucket): LogBucket => ({
    putIfAbsent: counted(1, (...put: Parameters<LogBucket['putIfAbsent']>) => inner.putIfAbsent(...put)),
    get: counted(2, (key: string) => inner.get(key)),
    checkpoint: counted(2, () => inner.checkpoint()),
    putCheckpoint: counted(1, (...put: Parameters<LogBucket['putCheckpoint']>) =>
      inner.putCheckpoint(...put),
    ),
  });
  // The public key is read once a process.
  const signer = (inner: Signer): Signer => ({
    ...inner,
    sign: counted(1, (text: string) => inner.sign(text)),
  });
  const table = await tables.create();
  const w = tableWorld({ call: counter.call, table, queues, bucket, signer }, options);
  const requests = (): Requests => {
    const all = counter.totalRequests() + log + messages;
    return { registry: counter.totalRequests(), log, messages, all };
  };
  const reset = (): void => {
    counter.reset();
    messages = 0;
    log = 0;
  };

  return {
    ...w,
    table,
    counter,
    requests,
    reset,
    /** Write units and their places, e.g. `{ H: 1, E: 1 }`. */
    async unitsOf(work: () => Promise<unknown>): Promise<Readonly<Record<string, number>>> {
      reset();
      await work();
      const units: Record<string, number> = {};
      for (const write of counter.writes()) {
        const kind = write.PK.slice(0, 1);
        units[kind] = (units[kind] ?? 0) + write.units;
      }
      return units;
    },
  };
}

/** All requests of `work`. */
export async function requestsOf(w: CountedWorld, work: () => Promise<unknown>): Promise<Requests> {
  w.reset();
  await work();
  return w.requests();
}
