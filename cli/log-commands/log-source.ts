import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '../../shared/domain/error-code.ts';
import { MAX_ENTRY_BYTES } from '../../shared/domain/log/bundles.ts';
import type { ReadFile } from '../../shared/domain/log/read-receipt.ts';
import { TILE_WIDTH } from '../../shared/domain/log/tiles.ts';
import { UsageError } from '../usage-error.ts';

/** Where a log is read from: a folder with a copy of its bucket, or the URL under which its objects are served. */
export interface LogSource {
  /** Nothing if there is no such object. */
  readonly read: ReadFile;
  /** Names directly below this path, sorted; `undefined` where names cannot be listed at all. */
  list(path: string): Promise<readonly string[] | undefined>;
}

/** No file of a log that is served is larger: a bundle of the longest entries. */
const MOST_BYTES = TILE_WIDTH * (2 + MAX_ENTRY_BYTES);

/** A read that takes longer has ended: a tile has 8 kB, a bundle of the longest entries 16 MB. */
const MOST_MILLISECONDS = 120_000;

export async function logSource(place: string): Promise<LogSource> {
  if (/^https?:\/\//i.test(place)) return servedLog(place);
  const found = await stat(place).catch(() => undefined);
  if (found?.isDirectory() === true) return folderLog(place);
  throw new UsageError(
    `${place} is not a folder: pass the folder with the log's files (the one that has the file \`checkpoint\`), or its URL.`,
  );
}

function folderLog(folder: string): LogSource {
  return {
    async read(path) {
      const found = await unlessMissing(path, stat(join(folder, path)));
      // A pipe would wait for a writer for ever, and a device has no end.
      if (found?.isFile() === false)
        throw new UsageError(`${path} is not a file: pass the folder with the log's files.`);
      return found && unlessMissing(path, readFile(join(folder, path)));
    },
    async list(path) {
      const found = await unlessMissing(path, stat(join(folder, path)));
      if (found?.isDirectory() === false)
        throw new UsageError(`${path} is not a folder: pass the folder with the log's files.`);
      return (found && (await unlessMissing(path, readdir(join(folder, path)))))?.toSorted() ?? [];
    },
  };
}

async function unlessMissing<Found>(path: string, reading: Promise<Found>): Promise<Found | undefined> {
  try {
    return await reading;
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new UsageError(`${path} could not be read (${code}): check the file and your permission.`);
  }
}

function servedLog(url: string): LogSource {
  const base = url.endsWith('/') ? url : `${url}/`;
  return {
    async read(path) {
      const answer = await fetched(base, path);
      if (answer.status === 404) return undefined;
      if (answer.ok) return bytesOf(path, answer);
      throw new UsageError(`${path} could not be read: the server answered ${answer.status}.`);
    },
    list: async () => undefined,
  };
}

async function fetched(base: string, path: string): Promise<Response> {
  try {
    return await fetch(new URL(path, base), { signal: AbortSignal.timeout(MOST_MILLISECONDS) });
  } catch {
    // Its message may quote the URL, which may have a signature.
    throw new UsageError(
      `${path} could not be read: the server did not answer. Check the URL, and try again.`,
    );
  }
}

/** The answer may end too early, never, or be packed in a way that cannot be unpacked. */
async function bytesOf(path: string, { body }: Response): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const part of body ?? []) {
      size += part.length;
      if (size > MOST_BYTES) break;
      parts.push(part);
    }
  } catch {
    throw new UsageError(`${path} could not be read: the server did not send all of it. Try again.`);
  }
  if (size <= MOST_BYTES) return Buffer.concat(parts);
  throw new UsageError(
    `${path} could not be read: the server sends more than ${MOST_BYTES} bytes, and no file of a log has more. Check the URL.`,
  );
}
