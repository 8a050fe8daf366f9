import type { Normalisation } from '../configuration/configuration.ts';
import { canonicalLocator } from '../configuration/locator.ts';
import { normaliseId } from '../configuration/references.ts';

/**
 * How records may carry an id: as it was sent, in its one form, or, of a uuid, as a column of that type writes it. All are
 * the same entity's.
 */
export function idSpellings(id: string, normalise: readonly Normalisation[]): readonly string[] {
  const uuid = uuidOf(id);
  return [...new Set([id, normaliseId(id, normalise), ...(uuid === undefined ? [] : [uuid])])];
}

/** Whether it is a uuid, but not as a column of uuids writes it. */
export function isRespelledUuid(id: string): boolean {
  const uuid = uuidOf(id);
  return uuid !== undefined && uuid !== id;
}

function uuidOf(id: string): string | undefined {
  const found = canonicalLocator([{ name: '', type: 'uuid' }], [id]);
  return found.ok ? String(found.locator[0]) : undefined;
}
