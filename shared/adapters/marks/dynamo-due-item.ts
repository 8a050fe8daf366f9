import * as z from 'zod';
import { DUE_STATES } from '../../domain/record/entry.ts';
import type { HoldingRef } from '../../domain/record/ids.ts';
import type { DueHolding, DuePage } from '../../ports/upkeep.ts';
import {
  invalid,
  type ItemKey,
  part,
  stored,
  type StoredItem,
  trusted,
  ttl,
} from '../dynamodb/dynamo-item.ts';
import { CENSUS_DAYS, censusListPartition } from '../dynamodb/dynamo-upkeep-item.ts';

/** A reference of 16 bytes, generation, year, and the state's place in `DUE_STATES`. */
const REF_BYTES = 16;
const ROW_BYTES = REF_BYTES + 4 + 2 + 1;

const dueItem = z.object({ h: part.bytes });

/** Apart from the counts of the census, like its other lists. No reason is written like this. */
export function duePartition(run: string): string {
  return censusListPartition(run, '~due');
}

export function toDueItem({ run, page, at, due }: DuePage): StoredItem & ItemKey {
  const bytes = Buffer.alloc(due.length * ROW_BYTES);
  for (const [index, { ref, generation, year, state }] of due.entries()) {
    const start = index * ROW_BYTES;
    const own = Buffer.from(ref, 'base64url');
    if (own.length !== REF_BYTES) throw invalid('due', 'h (not a reference)');
    own.copy(bytes, start);
    bytes.writeUInt32BE(generation, start + REF_BYTES);
    bytes.writeUInt16BE(year, start + REF_BYTES + 4);
    bytes.writeUInt8(DUE_STATES.indexOf(state), start + REF_BYTES + 6);
  }
  const key = { PK: duePartition(run), SK: page };
  return stored<{ h: Uint8Array; ttl: number }>(key, { h: bytes, ttl: ttl(at, CENSUS_DAYS) });
}

export function fromDueItem(found: StoredItem): readonly DueHolding[] {
  const { h } = trusted('due', dueItem, found);
  const bytes = Buffer.from(h.buffer, h.byteOffset, h.length);
  return Array.from({ length: Math.floor(bytes.length / ROW_BYTES) }, (_, index) => {
    const start = index * ROW_BYTES;
    const state = DUE_STATES[bytes.readUInt8(start + REF_BYTES + 6)];
    if (state === undefined) throw invalid('due', 'h (a state that is not known)');
    return {
      ref: bytes.toString('base64url', start, start + REF_BYTES) as HoldingRef,
      generation: bytes.readUInt32BE(start + REF_BYTES),
      year: bytes.readUInt16BE(start + REF_BYTES + 4),
      state,
    };
  });
}
