import * as z from 'zod';
import { STANDINGS } from '../domain/replay/standing.ts';
import { NAMED } from '../domain/replay/replay-tally.ts';
import { ProposedAnswer } from './people/proposals.ts';
import { Name, Time } from './fields.ts';

/**
 * `since`: when the backup was made. `token`: equal requests with one token are one replay. With `do`, what is there again
 * is disposed of; without it, the store is only read.
 */
export const ReplayRestore = z.strictObject({
  store: Name,
  since: Time,
  token: z.string().regex(/^[\w-]{1,64}$/),
  do: z.exactOptional(z.boolean()),
});
export type ReplayRestore = z.input<typeof ReplayRestore>;

export const RestoreReplayQuery = z.strictObject({ id: z.string().regex(/^[\w.-]{1,160}$/) });
export type RestoreReplayQuery = z.input<typeof RestoreReplayQuery>;

const counts = z.object(
  Object.fromEntries(STANDINGS.map((standing) => [standing, z.int()])) as {
    readonly [Standing in (typeof STANDINGS)[number]]: z.ZodInt;
  },
);

export const RestoreReplayAnswer = z.object({
  id: z.string(),
  store: z.string(),
  since: z.string(),
  /** It disposes of what is there again. */
  do: z.boolean(),
  /** When it was asked for. */
  at: z.string(),
  /** `asking`: finds the records that were disposed of since. `looking`: the lane of the store asks for them. */
  state: z.enum(['asking', 'looking', 'done']),
  /** Holdings of the registry that were read to find them. */
  examined: z.int(),
  /** When the count ended that this answer has. A later question gets a newer one, as long as something may change. */
  countedAt: z.exactOptional(z.string()),
  /** Of all categories. */
  totals: counts,
  /** Holdings that cannot be read, and may be of this store. */
  damaged: z.int(),
  /** In order of category. A collection is one record. */
  categories: z.array(
    z.object({
      category: z.string(),
      counts,
      /** A few records by their references in the deletion log, while these can be made. */
      samples: z.partialRecord(z.enum(NAMED), z.array(z.string())),
    }),
  ),
  /** Datasets of the store: their rows are not registered. The next pass over each finds what came back. */
  datasets: z.array(z.string()),
});
export type RestoreReplayAnswer = z.output<typeof RestoreReplayAnswer>;

/** What the API answers about what came back with a restored store. */
export const REPLAY_ROUTES = {
  replayRestore: {
    method: 'POST',
    path: '/v1/restores/replay',
    roles: ['operator'],
    input: ReplayRestore,
    answer: z.union([RestoreReplayAnswer, ProposedAnswer]),
  },
  queryRestoreReplay: {
    method: 'POST',
    path: '/v1/restores/query',
    roles: ['operator', 'auditor'],
    input: RestoreReplayQuery,
    answer: RestoreReplayAnswer,
  },
} as const;
