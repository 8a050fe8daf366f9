import * as z from 'zod';
import { LEFT_OUT_REASONS } from '../../domain/export/archive-file.ts';
import type { ExportPart, PartFile } from '../../domain/export/export-part.ts';
import type { RequestRef } from '../../domain/record/ids.ts';
import type { ExportPartKey } from '../../ports/requests.ts';
import type { ItemKey, StoredItem } from '../dynamodb/dynamo-item.ts';
import { part, stored, trusted } from '../dynamodb/dynamo-item.ts';
import { packRefs, unpackRefs } from '../dynamodb/packed-refs.ts';

const PARTS = 'F#';

const fileItem = z.object({
  p: part.text,
  k: part.text,
  b: part.count,
  h: part.bytes,
  r: part.count,
});

const partItem = z.object({
  PK: part.text,
  SK: part.text,
  r: part.count,
  q: part.text,
  b: part.bytes,
  d: part.count,
  f: z.array(fileItem),
  l: z.array(z.object({ c: z.array(part.text), r: z.enum(LEFT_OUT_REASONS), n: part.count })),
  ttl: part.count,
});

/** Names of stores have no `#`. */
export function partsPartition({ store, exportId }: Omit<ExportPartKey, 'number'>): string {
  return `${PARTS}${store}#${exportId}`;
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
    q: one.request,
    b: packRefs(refs),
    d: done,
    f: files.map(toFileItem),
    l: leftOut.map(({ categories, reason, records }) => ({ c: categories, r: reason, n: records })),
    ttl: Math.floor(expires / 1000),
  };
  return stored<typeof body>(partKey(one), body);
}

function toFileItem({ path, key, bytes, sha256, records }: PartFile): z.infer<typeof fileItem> {
  return { p: path, k: key, b: bytes, h: Buffer.from(sha256, 'hex'), r: records };
}

export function fromPartItem(found: StoredItem): ExportPart {
  const item = trusted('export part', partItem, found);
  const [store = '', exportId = ''] = item.PK.slice(PARTS.length).split('#');
  return {
    store,
    request: item.q as RequestRef,
    number: Number(item.SK),
    version: item.r,
    exportId,
    refs: unpackRefs(item.b),
    done: item.d,
    files: item.f.map(fromFileItem),
    leftOut: item.l.map(({ c, r, n }) => ({ categories: c, reason: r, records: n })),
    expires: item.ttl * 1000,
  };
}

function fromFileItem({ p, k, b, h, r }: z.infer<typeof fileItem>): PartFile {
  return { path: p, key: k, bytes: b, sha256: Buffer.from(h).toString('hex'), records: r };
}
