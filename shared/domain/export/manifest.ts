import { hash } from 'node:crypto';
import * as z from 'zod';
import { isoUtc } from '../calendar/utc-time.ts';
import { canonicalJson } from '../canonical-json.ts';
import { parts } from '../each.ts';
import { type ArchiveContents, LEFT_OUT_REASONS, type LeftOut } from './archive-file.ts';
import { MOST_FILE_BYTES, MOST_PATH_BYTES } from './tar.ts';

/** A number at the end, which grows with every change of what an archive's bytes are: its digest names the whole archive. */
const EXPORT_FORMAT = 'tenure-export/1';

const Count = z.int().min(0);

/** The first file of an archive: what else is in it, and what is not. */
export const Manifest = z.strictObject({
  format: z.literal(EXPORT_FORMAT),
  /** The request's name, as answers of the API have it. */
  request: z.string().min(1),
  entityType: z.string().min(1),
  asOf: z.iso.datetime(),
  /** In the order in which the archive has them. */
  files: z.array(
    z.strictObject({
      path: z
        .string()
        .max(MOST_PATH_BYTES)
        .regex(/^(data|files)\/[a-z0-9-]+\/[0-9]+-[0-9]+(\.[a-z0-9]+)?$/),
      bytes: Count.max(MOST_FILE_BYTES),
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
      store: z.string().min(1),
      records: Count,
    }),
  ),
  leftOut: z.array(
    z.strictObject({
      store: z.string().min(1),
      categories: z.array(z.string()),
      reason: z.enum(LEFT_OUT_REASONS),
      records: Count,
    }),
  ),
});
export type Manifest = z.infer<typeof Manifest>;

export interface WrittenManifest {
  readonly bytes: Uint8Array;
  readonly sha256: string;
}

/** How many files are written as JSON at a time: as one text, those of a large archive would take much memory. */
const FILES_AT_A_TIME = 1000;

/** The manifest as it is in the archive: canonical JSON, so that equal contents have equal bytes. */
export function writeManifest({
  request,
  entityType,
  asOf,
  files,
  leftOut,
}: ArchiveContents): WrittenManifest {
  const before = { asOf: isoUtc(asOf), entityType };
  const after = { format: EXPORT_FORMAT, leftOut, request };
  const lists = parts(files, FILES_AT_A_TIME).map((some, index) => {
    const listed = some.map(({ path, bytes, sha256, store, records }) => ({
      path,
      bytes,
      sha256,
      store,
      records,
    }));
    return Buffer.from(`${index === 0 ? '' : ','}${inner(listed)}`);
  });
  const bytes = Buffer.concat([
    Buffer.from(`{${inner(before)},"files":[`),
    ...lists,
    Buffer.from(`],${inner(after)}}`),
  ]);
  return { bytes, sha256: hash('sha256', bytes) };
}

/** Canonical JSON without the brackets around it. */
function inner(value: object): string {
  return canonicalJson(value).slice(1, -1);
}

/** Records that are left out of the same store and categories for the same reason are one line, in a fixed order. */
export function mergeLeftOut(all: readonly LeftOut[]): readonly LeftOut[] {
  const merged = new Map<string, LeftOut>();
  for (const one of all) {
    const categories = [...new Set(one.categories)].toSorted();
    const key = canonicalJson([one.store, categories, one.reason]);
    const records = (merged.get(key)?.records ?? 0) + one.records;
    if (records > 0) merged.set(key, { store: one.store, categories, reason: one.reason, records });
  }
  return [...merged].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
}
