import { hash, randomUUID } from 'node:crypto';
import { link, mkdir, readdir, readFile, rename, unlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Checkpoint, CheckpointName, LogBucket } from '../../shared/ports/log.ts';

export interface FolderBucket extends LogBucket {
  /** Keys directly below this one, in their order: what anyone with a copy of the bucket sees. */
  list(under: string): Promise<readonly string[]>;
  /** Waits for what is being written, and refuses the rest: it would bring a folder back that is removed next. */
  close(): Promise<void>;
}

/** The deletion log's objects as files below a folder, under their keys. */
export function folderBucket(folder: string): FolderBucket {
  const underWay = new Set<Promise<unknown>>();
  let isClosed = false;
  /** One after the other: what a checkpoint is compared with stays there until it is replaced. */
  let replacing: Promise<unknown> = Promise.resolve();

  /** Not after it was closed. */
  function write<Answer>(writing: () => Promise<Answer>): Promise<Answer> {
    if (isClosed) throw new Error('the deletion log is closed: this process is stopping');
    const putting = writing().finally(() => underWay.delete(putting));
    underWay.add(putting);
    return putting;
  }

  async function read(key: string): Promise<Uint8Array | undefined> {
    try {
      return new Uint8Array(await readFile(pathOf(folder, key)));
    } catch (error) {
      if (isCode(error, 'ENOENT')) return undefined;
      throw error;
    }
  }

  async function checkpoint(name: CheckpointName = 'checkpoint'): Promise<Required<Checkpoint> | undefined> {
    const bytes = await read(name);
    if (bytes === undefined) return undefined;
    return { text: Buffer.from(bytes).toString('utf8'), tag: hash('sha256', bytes) };
  }

  /** A reader sees the former one or this one. */
  async function replace(
    name: CheckpointName,
    text: string,
    tag: string | undefined,
  ): Promise<'written' | 'moved'> {
    if ((await checkpoint(name))?.tag !== tag) return 'moved';
    const draft = join(folder, `${randomUUID()}.draft`);
    await mkdir(folder, { recursive: true });
    await writeFile(draft, text, { flag: 'wx' });
    await rename(draft, join(folder, name));
    return 'written';
  }

  /** Linking fails when the name is taken, and a reader never sees half an object under it. */
  async function put(path: string, bytes: Uint8Array): Promise<'written' | 'exists'> {
    const draft = join(folder, `${randomUUID()}.draft`);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(draft, bytes, { flag: 'wx' });
    try {
      await link(draft, path);
      return 'written';
    } catch (error) {
      if (isCode(error, 'EEXIST')) return 'exists';
      throw error;
    } finally {
      await unlink(draft);
    }
  }

  return {
    async putIfAbsent(key, bytes) {
      const path = pathOf(folder, key);
      return write(() => put(path, bytes));
    },

    checkpoint,

    async putCheckpoint(text, tag, name = 'checkpoint') {
      return write(() => {
        const putting = replacing.then(() => replace(name, text, tag));
        replacing = putting.catch(() => undefined);
        return putting;
      });
    },

    async close() {
      isClosed = true;
      await Promise.allSettled(underWay);
    },

    async list(under) {
      try {
        const names = await readdir(pathOf(folder, under));
        return names.toSorted().map((name) => `${under}/${name}`);
      } catch (error) {
        if (isCode(error, 'ENOENT')) return [];
        throw error;
      }
    },

    get: read,
  };
}

/** Keys are ours, and safe as paths: anything else is a mistake in code. */
function pathOf(folder: string, key: string): string {
  const parts = key.split('/');
  if (!parts.every((part) => /^[A-Za-z0-9][\w.-]*$|^[\w-]+$/.test(part))) {
    throw new TypeError(
      'a key of the log bucket is made of letters, digits, dots and hyphens between slashes',
    );
  }
  return join(folder, ...parts);
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
