import type { Fetched } from '../../examples/stories/people-steps.ts';
import type { StoryRecord } from '../../examples/stories/story.ts';
import type { Client } from '../../shared/client/client.ts';
import type { Manifest } from '../../shared/domain/export/manifest.ts';
import { BLOCK_BYTES, paddingOf, sizeInHeader } from '../../shared/domain/export/tar.ts';
import { verifyArchive } from '../../shared/domain/export/verify-archive.ts';
import type { StoryPrinter } from './story-printer.ts';

interface Reader {
  readonly client: Client;
  readonly print: StoryPrinter;
  /** What the story's applications wrote. */
  readonly records: readonly StoryRecord[];
}

/** A record as it is in an archive. */
interface Copied {
  readonly store: string;
  readonly categories: readonly string[];
  readonly data?: Readonly<Record<string, unknown>>;
  /** The content of its file. */
  readonly content?: string;
}

/** Fetches the archive over its link, without credentials, and compares what is in it with what the applications wrote. */
export async function fetchCopy(
  { id, holds, without = {} }: Fetched,
  { client, print, records }: Reader,
): Promise<readonly string[]> {
  const { requests, link } = await client.queryRequests({ id, link: true });
  const { export: copy, state } = requests[0] ?? {};
  if (link === undefined || copy === undefined) return ['there is no link to the archive'];
  const archive = Buffer.from(await (await fetch(link.url)).arrayBuffer());
  const found = await verifyArchive(once(archive), { manifestSha256: copy.manifestSha256 });
  if (found.kind === 'broken') return [`the archive is not whole: ${found.fault}`];
  const { files, leftOut } = found.manifest;
  print.follows(
    '=',
    `The request is ${state ?? 'unknown'}; its archive of ${archive.length} bytes is whole.`,
  );
  const copied = recordsIn(archive, found.manifest);
  for (const { path, bytes } of files) print.follows('=', `${path}: ${bytes} bytes`);
  const failures = [
    ...(state === 'closed' ? [] : [`the request is ${state ?? 'unknown'}, not closed`]),
    ...(leftOut.length === 0 ? [] : [`${leftOut.length} kinds of records are left out`]),
    ...(archive.length === copy.bytes ? [] : [`the answer says ${copy.bytes ?? 'no'} bytes`]),
  ];
  if (copied.length !== holds.length)
    failures.push(`${copied.length} records are in the archive, not ${holds.length}`);
  for (const name of holds) {
    const record = records.find((one) => one.name === name);
    const missing = without[name] ?? [];
    const isThere = record !== undefined && copied.some((one) => isCopyOf(one, record, missing));
    print.follows(isThere ? '✓' : '✗', `in the archive: ${name}`);
    if (!isThere) failures.push(`${name} is not in the archive as it was written`);
  }
  return failures;
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** Every record of an archive that is whole: its files come in the order of its manifest. */
function recordsIn(archive: Buffer, { files }: Manifest): readonly Copied[] {
  const contents = new Map<string, Buffer>();
  const manifestBytes = sizeInHeader(archive.subarray(0, BLOCK_BYTES)) ?? 0;
  let at = BLOCK_BYTES + manifestBytes + paddingOf(manifestBytes);
  for (const { path, bytes } of files) {
    at += BLOCK_BYTES;
    contents.set(path, archive.subarray(at, at + bytes));
    at += bytes + paddingOf(bytes);
  }
  return files
    .filter(({ path }) => path.startsWith('data/'))
    .flatMap(({ path, store }) => {
      const listed = JSON.parse(String(contents.get(path))) as readonly ListedRecord[];
      return listed.map(({ file, ...record }) => ({
        ...record,
        store,
        ...(file !== undefined && { content: String(contents.get(file)) }),
      }));
    });
}

interface ListedRecord {
  readonly categories: readonly string[];
  readonly data?: Readonly<Record<string, unknown>>;
  readonly file?: string;
}

function isCopyOf(
  copied: Copied,
  { store, categories, fields }: StoryRecord,
  missing: readonly string[],
): boolean {
  if (copied.store !== store || !categories.every((name) => copied.categories.includes(name))) return false;
  const { content, data = {} } = copied;
  // Of an object, its newest content.
  if (content !== undefined) return content === Object.values(fields).at(-1);
  return Object.entries(fields).every(([field, value]) =>
    missing.includes(field) ? data[field] == null : String(data[field]) === String(value),
  );
}
