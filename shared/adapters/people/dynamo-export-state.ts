import * as z from 'zod';
import { EXPORT_STEPS, type ExportArchive, type ExportState } from '../../domain/export/export-state.ts';
import type { EntityRef } from '../../domain/record/ids.ts';
import { type Every, part, whole } from '../dynamodb/dynamo-item.ts';
import { present } from '../../domain/present.ts';

const REF_BYTES = 16;

const archiveItem = z.object({
  b: part.count,
  h: part.text,
  r: part.count,
  l: part.count,
  a: part.instant,
  u: part.instant,
});

/** In the item of its request, as a map. */
export const exportItem = z.object({
  i: part.text,
  s: z.enum(EXPORT_STEPS),
  a: part.instant,
  /** The entities that it reaches, 16 bytes each. */
  e: part.bytes,
  /** The person whose account it is, in the same way. */
  k: part.bytes.optional(),
  n: part.text.optional(),
  p: z.record(z.string(), part.count),
  r: z.record(z.string(), part.count).optional(),
  l: part.instant.optional(),
  q: z.record(z.string(), part.instant).optional(),
  u: z.object({ i: part.text, p: part.text }).optional(),
  x: archiveItem.optional(),
});

export function toExportItem(state: ExportState): object {
  const { id, step, startedAt, reached, knownAs, place, parts, listedAt, read, askedAt, upload, archive } =
    state;
  const body: Every<z.infer<typeof exportItem>> = {
    i: id,
    s: step,
    a: startedAt,
    e: packed(reached),
    k: knownAs && packed([knownAs]),
    n: place,
    p: parts,
    r: read,
    l: listedAt,
    q: askedAt,
    u: upload && { i: upload.id, p: upload.plan },
    x: archive && toArchiveItem(archive),
  };
  return present(body);
}

export function fromExportItem(item: z.infer<typeof exportItem>): ExportState {
  return whole<ExportState>({
    id: item.i,
    step: item.s,
    startedAt: item.a,
    reached: unpacked(item.e),
    knownAs: item.k && unpacked(item.k)[0],
    place: item.n,
    parts: item.p,
    read: item.r,
    listedAt: item.l,
    askedAt: item.q,
    upload: item.u && { id: item.u.i, plan: item.u.p },
    archive: item.x && fromArchiveItem(item.x),
  });
}

function toArchiveItem(archive: ExportArchive): z.infer<typeof archiveItem> {
  const { bytes, manifestSha256, records, leftOut, at, until } = archive;
  return { b: bytes, h: manifestSha256, r: records, l: leftOut, a: at, u: until };
}

function fromArchiveItem({ b, h, r, l, a, u }: z.infer<typeof archiveItem>): ExportArchive {
  return { bytes: b, manifestSha256: h, records: r, leftOut: l, at: a, until: u };
}

function packed(refs: readonly EntityRef[]): Uint8Array {
  return Buffer.concat(refs.map((ref) => Buffer.from(ref, 'base64url')));
}

function unpacked(bytes: Uint8Array): readonly EntityRef[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from(
    { length: Math.floor(buffer.length / REF_BYTES) },
    (_, index) => buffer.toString('base64url', index * REF_BYTES, (index + 1) * REF_BYTES) as EntityRef,
  );
}
