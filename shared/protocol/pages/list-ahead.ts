import { yearOf } from '../../domain/calendar/utc-time.ts';
import { logRef } from '../../domain/configuration/references.ts';
import { packList } from '../../domain/record/page-list.ts';
import type { Holding } from '../../domain/record/holding.ts';
import type { HoldingRef, LogRef } from '../../domain/record/ids.ts';
import type { LaneCore } from '../core.ts';

/** The list of records as the log has it, and of which records it is. */
export interface ListAhead extends ReturnType<typeof packList> {
  readonly of: readonly HoldingRef[];
}

/** Of fewer records a list takes no time to speak of. */
const FEWEST = 500;
/** References that are made before the answers of a store are read: that takes less than a millisecond. */
const IN_ONE_TURN = 250;

/**
 * The lists of what is being acted on, made while the store is at work, as if all of it went: where some of it stays, its list
 * is made again. Nothing is said or written by it. Only of lists that take time.
 */
export async function listsAhead<Of>(
  { keys }: Pick<LaneCore, 'keys'>,
  { registeredAt }: Pick<Holding, 'registeredAt'>,
  groups: ReadonlyMap<Of, readonly { readonly ref: HoldingRef }[]>,
): Promise<ReadonlyMap<Of, ListAhead>> {
  const lists = new Map<Of, ListAhead>();
  for (const [group, rows] of groups) {
    if (rows.length < FEWEST) continue;
    const key = await keys.logKey(yearOf(registeredAt));
    const refs: LogRef[] = [];
    for (const [index, { ref }] of rows.entries()) {
      if (index % IN_ONE_TURN === 0) await answersRead();
      refs.push(logRef(key, ref));
    }
    lists.set(group, { ...packList(refs), of: rows.map(({ ref }) => ref) });
  }
  return lists;
}

/** Whether it is the list of these records. Two have the same order only if they come from the same rows. */
export function isListOf({ of }: ListAhead, refs: readonly HoldingRef[]): boolean {
  return of.length === refs.length && of.every((ref, index) => ref === refs[index]);
}

function answersRead(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
