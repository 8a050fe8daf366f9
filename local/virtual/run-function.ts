import { dispose } from '../../functions/dispose/dispose.ts';
import { takeDelivery } from '../../functions/ingest/own-faults.ts';
import { quarantineUnread } from '../../functions/ingest/quarantine.ts';
import { sweep } from '../../functions/sweep/sweep.ts';
import { parseLaneMessage, parseSealMessage, parseSweepMessage } from '../../shared/contract/messages.ts';
import type { Parsed } from '../../shared/contract/parse.ts';
import type { Exports } from '../../shared/ports/exports.ts';
import type { Store } from '../../shared/ports/store.ts';
import type { LaneCore } from '../../shared/protocol/core.ts';
import { writeLog, type WriteLogCore } from '../../shared/protocol/log/write-log.ts';
import type { Receiver } from './virtual-deployment.ts';
import type { Message } from './virtual-queue.ts';

/** One call of a port by a run that is watched. Calls are numbered from 1. */
export interface PortCall {
  readonly number: number;
  /** E.g. `registry.writeHoldings`. */
  readonly name: string;
  readonly args: readonly unknown[];
  readonly make: () => Promise<unknown>;
  /** The run is given up: it is dead, or takes too long. */
  readonly abandon: () => void;
}

/** Answers a port call in the port's place. */
export type Interceptor = (call: PortCall) => Promise<unknown>;

export interface RunFaults {
  /** How far the function's clock is off, in milliseconds. */
  readonly skew?: number;
  readonly interceptor?: Interceptor | undefined;
  /** Called with what a run throws, also when it was given up before. */
  readonly threw?: (error: unknown) => void;
}

/** What every function and lane needs. */
export interface FunctionPorts
  extends Omit<LaneCore, 'lane' | 'store' | 'exports'>, Pick<WriteLogCore, 'bucket' | 'signer'> {
  readonly exports: Exports;
  readonly stores: Readonly<Record<string, Store>>;
}

/**
 * Runs a function on one message, as its handler would. `lost`: the run was given up; it may still go on. What the
 * function throws is thrown.
 */
export async function runFunction(
  to: Receiver,
  ports: FunctionPorts,
  message: Message,
  { skew = 0, interceptor, threw }: RunFaults = {},
): Promise<'done' | 'again' | 'lost'> {
  const skewed = { ...ports, clock: { now: () => ports.clock.now() + skew } };
  const { promise: abandoned, resolve } = Promise.withResolvers<'lost'>();
  const watched =
    interceptor === undefined ? skewed : intercepted(skewed, interceptor, () => resolve('lost'));
  const ended = work(to, watched, message);
  if (threw !== undefined) ended.catch(threw);
  return interceptor === undefined ? ended : Promise.race([ended, abandoned]);
}

async function work(
  to: Receiver,
  ports: FunctionPorts,
  { id, body, deliveries, sentAt }: Message,
): Promise<'done' | 'again'> {
  switch (to.verb) {
    case 'ingest':
      return 'deadLetters' in to
        ? quarantineUnread(ports, body)
        : takeDelivery(ports, { body, deliveries, sentAt, receipt: id });
    case 'sweep':
      await sweep(ports, parsed(parseSweepMessage(body)), () => true);
      return 'done';
    case 'dispose': {
      const store = ports.stores[to.lane];
      if (store === undefined) throw new TypeError(`the lane ${to.lane} has no store`);
      return dispose({ ...ports, lane: to.lane, store }, parsed(parseLaneMessage(body)));
    }
    case 'seal':
      parsed(parseSealMessage(body));
      await writeLog(ports);
      return 'done';
  }
}

function parsed<Value>(result: Parsed<Value>): Value {
  if (result.ok) return result.value;
  throw new TypeError(`a function sent a message that its receiver does not take, at ${result.path}`);
}

function intercepted(ports: FunctionPorts, interceptor: Interceptor, abandon: () => void): FunctionPorts {
  let calls = 0;
  const watch = <Port extends object>(name: string, port: Port): Port => {
    const members = Object.entries(port).map(([method, member]) => {
      if (typeof member !== 'function') return [method, member];
      const call = member as (...args: readonly unknown[]) => Promise<unknown>;
      const watched = (...args: readonly unknown[]): Promise<unknown> => {
        calls += 1;
        return interceptor({
          number: calls,
          name: `${name}.${method}`,
          args,
          make: () => call(...args),
          abandon,
        });
      };
      return [method, watched];
    });
    return Object.fromEntries(members) as Port;
  };
  const { registry, queues, timers, keys, bucket, signer, exports, stores } = ports;
  const lanes = Object.entries(stores).map(([lane, store]) => [lane, watch('store', store)]);
  return {
    ...ports,
    registry: watch('registry', registry),
    queues: watch('queues', queues),
    timers: watch('timers', timers),
    keys: watch('keys', keys),
    bucket: watch('bucket', bucket),
    signer: watch('signer', signer),
    exports: watch('exports', exports),
    stores: Object.fromEntries(lanes),
  };
}
