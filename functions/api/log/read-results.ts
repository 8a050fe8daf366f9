import type { Entry, NoteEntry } from '../../../shared/domain/record/entry.ts';
import { VOID } from '../../../shared/domain/record/work.ts';
import type { ApiPorts } from '../api-ports.ts';

/** Results that are read at the same time: one answer of the table (16 MB) and the memory have room for the largest. */
export const RESULTS_AT_ONCE = 25;

export interface LogLines {
  readonly entries: readonly Entry[];
  readonly actions: readonly NoteEntry[];
}

const NONE: LogLines = { entries: [], actions: [] };

/**
 * What results, at most `RESULTS_AT_ONCE`, have put, or will put, into the log, in the order of the tokens; nothing for one
 * that is void or missing.
 */
export async function readResults(
  { registry }: Pick<ApiPorts, 'registry'>,
  tokens: readonly string[],
): Promise<ReadonlyMap<string, LogLines>> {
  const results = await registry.results(tokens);
  return new Map(
    tokens.map((token) => {
      const result = results.get(token);
      if (result === undefined || result === VOID) return [token, NONE];
      const { entries, actions = [] } = result;
      return [token, { entries, actions }];
    }),
  );
}
