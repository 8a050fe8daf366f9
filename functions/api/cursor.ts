import { dayId } from '../../shared/domain/calendar/utc-time.ts';
import { bodyHash } from '../../shared/domain/configuration/references.ts';
import { parseJson } from '../../shared/contract/parse.ts';
import type { ApiPorts } from './api-ports.ts';

/** Places are shorter than this, so that the length of a cursor says nothing about the place. */
const PLACE_BYTES = 256;

/**
 * Cursors contain references that must never leave the registry, so they are sealed. They are also bound to their
 * query, so that a cursor cannot be used for a different one.
 */
async function encryptCursor(ports: ApiPorts, query: CursorQuery, place: unknown): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify(place).padEnd(PLACE_BYTES));
  return ports.keys.encrypt(scopeOf(query), dayId(ports.clock.now()), bytes);
}

/** The `next` of an answer, where another page follows. */
export async function nextOf(
  ports: ApiPorts,
  query: CursorQuery,
  place: unknown,
): Promise<{ readonly next?: string }> {
  return place === undefined ? {} : { next: await encryptCursor(ports, query, place) };
}

export async function decryptCursor<Place>(
  ports: ApiPorts,
  query: CursorQuery,
  cursor: string | undefined,
): Promise<{ readonly ok: true; readonly place: Place | undefined } | { readonly ok: false }> {
  if (cursor === undefined) return { ok: true, place: undefined };
  try {
    const bytes = await ports.keys.decrypt(scopeOf(query), cursor);
    const json = parseJson(new TextDecoder().decode(bytes));
    // Only this API can seal, so a cursor that opens was sealed for this query.
    return json.ok ? { ok: true, place: json.value as Place } : { ok: false };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'CIPHERTEXT_BROKEN') return { ok: false };
    throw error;
  }
}

/** The list and all of its filters, without the cursor. */
export interface CursorQuery {
  readonly list: string;
  readonly filters: unknown;
}

function scopeOf(query: CursorQuery): { readonly scope: string; readonly context: string } {
  return { scope: 'cursor', context: bodyHash([query.list, query.filters]) };
}
