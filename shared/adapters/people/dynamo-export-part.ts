import * as z from 'zod';
import { LEFT_OUT_REASONS } from '../../domain/export/archive-file.ts';
import type {
  CollectionRead,
  ExportPage,
  ExportPart,
  PartFile,
  PartLeftOut,
} from '../../domain/export/export-part.ts';
import { present } from '../../domain/present.ts';
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
  c: z
    .object({
      n: part.count,
      l: part.text.optional(),
      r: part.count,
      f: part.count,
      a: part.text.optional(),
    })
    .optional(),
  ttl: part.count,
});

const pageItem = partItem.pick({ PK: true, SK: true, f: true, l: true, ttl: true }).extend({
  o: part.text.optional(),
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
  const { version, refs, done, files, leftOut, collection, expires } = one;
  const body = {
    r: version,
    q: one.request,
    b: packRefs(refs),
    d: done,
    f: files.map(toFileItem),
    l: leftOut.map(toLeftOutItem),
    c: collection && toCollectionItem(collection),
    ttl: Math.floor(expires / 1000),
  };
  return stored<typeof body>(partKey(one), body);
}

function toCollectionItem({ pages, last, records, dataFiles, place }: CollectionRead) {
  return { n: pages, r: records, f: dataFiles, ...present({ l: last, a: place }) };
}

function toLeftOutItem({ categories, reason, records }: PartLeftOut) {
  return { c: categories, r: reason, n: records };
}

/** The pages of a part lie in a partition of their own. */
export function pagesPartition(key: ExportPartKey): string {
  return `${partsPartition(key)}#${partNumber(key.number)}`;
}

export function toPageItem(one: ExportPage): StoredItem & ItemKey {
  const { page, name, before, files, leftOut, expires } = one;
  const key = { PK: pagesPartition(one), SK: `${partNumber(page)}#${name}` };
  const body = {
    f: files.map(toFileItem),
    l: leftOut.map(toLeftOutItem),
    o: before,
    ttl: Math.floor(expires / 1000),
  };
  return stored<typeof body>(key, body);
}

export function fromPageItem(found: StoredItem): ExportPage {
  const item = trusted('page of an export', pageItem, found);
  const [store = '', exportId = '', number = ''] = item.PK.slice(PARTS.length).split('#');
  const [page = '', name = ''] = item.SK.split('#');
  return {
    store,
    exportId,
    number: Number(number),
    page: Number(page),
    name,
    ...present({ before: item.o }),
    files: item.f.map(fromFileItem),
    leftOut: item.l.map(fromLeftOutItem),
    expires: item.ttl * 1000,
  };
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
    leftOut: item.l.map(fromLeftOutItem),
    ...present({ collection: item.c && fromCollectionItem(item.c) }),
    expires: item.ttl * 1000,
  };
}

function fromCollectionItem({ n, l, r, f, a }: NonNullable<z.infer<typeof partItem>['c']>): CollectionRead {
  return { pages: n, records: r, dataFiles: f, ...present({ last: l, place: a }) };
}

function fromLeftOutItem({ c, r, n }: z.infer<typeof partItem>['l'][number]): PartLeftOut {
  return { categories: c, reason: r, records: n };
}

function fromFileItem({ p, k, b, h, r }: z.infer<typeof fileItem>): PartFile {
  return { path: p, key: k, bytes: b, sha256: Buffer.from(h).toString('hex'), records: r };
}
