import type { LogHead } from '../ports/log.ts';
import { AdapterError } from './adapter-error.ts';
import { deepFreeze } from './deep-freeze.ts';

/** The head of an empty log. */
export const EMPTY_HEAD: LogHead = deepFreeze({ version: 0, size: 0, batch: [], published: true });

/** A chunk has one place in the log for ever. */
export function settledOtherwise(): AdapterError {
  return new AdapterError(
    'LOG_INDEX_CONFLICT',
    'A chunk of the deletion log cannot be settled: it has no index item, or was settled differently. Stop sealing, leave the bucket unchanged, and compare the log head with the index.',
  );
}
