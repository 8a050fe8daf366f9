import { canonicalJson } from '../../domain/canonical-json.ts';
import { MAX_ENTRY_BYTES } from '../../domain/log/bundles.ts';
import type { Entry } from '../../domain/record/entry.ts';
import { categoriesOf, entitiesOf } from '../plan-of.ts';
import { decidedBy } from './entry-of.ts';
import type { Told } from './told.ts';

export const ENTRY_TOO_LARGE = 'ENTRY_TOO_LARGE';

/** More than an entry has besides what is counted: names, instants, versions, and what is said of a page. */
const REST = 4096;
/** A reference of the log, with the words around it and its type. */
const SUBJECT = 50;

/** Whether the entry may have more bytes than one can have in the log's tree. Asked before anything is done. */
export function mayBeTooLarge({
  holding,
  planned,
  masks = {},
}: Pick<Told, 'holding' | 'planned' | 'masks'>): boolean {
  const texts = canonicalJson([
    categoriesOf(holding),
    { ...decidedBy(planned) },
    Object.entries(masks).map(([field, { kind }]) => [field, kind]),
  ]);
  const subjects = entitiesOf(holding).reduce((sum, { type }) => sum + SUBJECT + Buffer.byteLength(type), 0);
  return REST + Buffer.byteLength(texts) + subjects > MAX_ENTRY_BYTES;
}

/**
 * The entry, without the words that made it too large: a holding may have grown after an attempt acted on it, and what was
 * done is told in any case.
 */
export function withinBounds(entry: Entry): Entry {
  if (Buffer.byteLength(canonicalJson(entry)) <= MAX_ENTRY_BYTES) return entry;
  return { ...entry, masks: {}, categories: [], subjects: [], facts: [], rule: '', answer: ENTRY_TOO_LARGE };
}
