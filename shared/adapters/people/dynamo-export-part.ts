import * as z from 'zod';
import { type ExportPart, LEFT_OUT_REASONS, type PieceFile } from '../../domain/people/export-part.ts';
import { present } from '../../domain/present.ts';
import type { RequestRef } from '../../domain/record/ids.ts';
import type { ExportPartKey } from '../../ports/requests.ts';
import type { ItemKey, StoredItem } from '../dynamodb/dynamo-item.ts';
import { part, stored, trusted } from '../dynamodb/dynamo-item.ts';
import { packRefs, unpackRefs } from '../dynamodb/packed-refs.ts';

const PARTS = 'F#';

const fileItem = z.object({
  k: z.enum(['data', 'file']),
  n: part.text,
  o: part.text,
  b: part.count,
  h: part.bytes,
  m: part.text.optional(),
  r: part.count,
});

const partItem = z.object({
  PK: part.text,
  SK: part.text,
  r: part.count,
  e: part.text,
  b: part.bytes,
  d: part.count,
  f: z.array(fileItem),
  l: z.array(z.object({ c: z.array(part.text), r: z.enum(LEFT_OUT_REASONS), n: part.count })),
  ttl: part.count,
});

/** Names of stores have no `#`. */
export function partsPartition({ store, request }: Omit<ExportPartKey, 'number'>): string {
  return `${PARTS}${store}#${request}`;
}

/** So that numbers are in order. */
export function partNumber(number: number): string {
  return String(number).padStart(8, '0');
}

export function partKey(key: ExportPartKey): ItemKey {
  return { PK: partsPartition(key), SK: partNumber(key.number) };
}

export function toPartItem(one: ExportPart): StoredItem & ItemKey {
  const { version, refs, done, files, leftOut, expires } = one;
  const body = {
    r: version,
    e: one.export,
    b: packRefs(refs),
    d: done,
    f: files.map(toFileItem),
    l: leftOut.map(({ categories, reason, records }) => ({ c: categories, r: reason, n: records })),
    ttl: Math.floor(expires / 1000),
  };
  return stored<typeof body>(partKey(one), body);
}

function toFileItem({ kind, name, object, bytes, sha256, mediaType, records }: PieceFile): object {
  const hash = Buffer.from(sha256, 'hex');
  return { k: kind, n: name, o: object, b: bytes, h: hash, r: records, ...present({ m: mediaType }) };
}

export function fromPartItem(found: StoredItem): ExportPart {
  const item = trusted('export part', partItem, found);
  const [store = '', request = ''] = item.PK.slice(PARTS.length).split('#');
  return {
    store,
    request: request as RequestRef,
    number: Number(item.SK),
    version: item.r,
    export: item.e,
    refs: unpackRefs(item.b),
    done: item.d,
    files: item.f.map(fromFileItem),
    leftOut: item.l.map(({ c, r, n }) => ({ categories: c, reason: r, records: n })),
    expires: item.ttl * 1000,
  };
}

function fromFileItem({ k, n, o, b, h, m, r }: z.infer<typeof fileItem>): PieceFile {
  const sha256 = Buffer.from(h).toString('hex');
  return { kind: k, name: n, object: o, bytes: b, sha256, records: r, ...present({ mediaType: m }) };
}
