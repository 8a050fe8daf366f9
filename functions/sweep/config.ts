import * as z from 'zod';
import {
  exportVariables,
  keyVariables,
  queueVariables,
  registryVariables,
  timerVariables,
} from '../../shared/runtime/environment-parts.ts';

export const Environment = z.object({
  ...registryVariables,
  /** For the log's keys: statements of what was due, and holdings that are compared with the log after a restore. */
  ...keyVariables,
  /** Heartbeats go the way that events go. */
  BUS_NAME: z.string().min(1),
  /** Of the bus. */
  ARCHIVE_NAME: z.string().min(1),
  ...timerVariables,
  ...exportVariables,
  ...queueVariables.sweep,
  ...queueVariables.seal,
  /** The name of a lane's queue is this and the name of its store. The queues are in the account and region of the sweep's. */
  LANE_QUEUE_PREFIX: z.string().regex(/^[\w-]+$/),
});

/** The queue of each store's lane. Queue URLs of one account and region differ only in the last part. */
export function laneUrls(
  sweepQueueUrl: string,
  prefix: string,
  stores: readonly string[],
): Readonly<Record<string, string>> {
  const place = sweepQueueUrl.slice(0, sweepQueueUrl.lastIndexOf('/') + 1);
  return Object.fromEntries(stores.map((store) => [store, `${place}${prefix}${store}`]));
}
