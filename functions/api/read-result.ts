import type { Entry, NoteEntry } from '../../shared/domain/record/entry.ts';
import { VOID } from '../../shared/domain/record/work.ts';
import type { ApiPorts } from './api-ports.ts';

/** What a result has put, or will put, into the log; nothing when it is void or missing. */
export async function readResult(
  { registry }: Pick<ApiPorts, 'registry'>,
  token: string,
): Promise<{ readonly entries: readonly Entry[]; readonly actions: readonly NoteEntry[] }> {
  const result = (await registry.results([token])).get(token);
  if (result === undefined || result === VOID) return { entries: [], actions: [] };
  const { entries, actions = [] } = result;
  return { entries, actions };
}
