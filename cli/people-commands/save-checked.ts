import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { access, type FileHandle, link, open, rename, rm } from 'node:fs/promises';
import process from 'node:process';
import { codeOf } from '../../shared/domain/error-code.ts';
import { UsageError } from '../usage-error.ts';

interface Target {
  readonly path: string;
  /** Replace the file that is there. */
  readonly force: boolean;
}

/**
 * Writes a file of which `check` reads every byte on the way. It gets its name only if `isRight` of what `check` says: until
 * then it has another one in the same folder, which is removed when the process ends before. Only its owner can read it.
 */
export async function saveChecked<Checked>(
  { path, force }: Target,
  bytes: AsyncIterable<Uint8Array>,
  check: (bytes: AsyncIterable<Uint8Array>) => Promise<Checked>,
  isRight: (checked: Checked) => boolean,
): Promise<Checked> {
  const partial = `${path}.${randomUUID()}.partial`;
  const remove = (): void => rmSync(partial, { force: true });
  process.once('exit', remove);
  try {
    const file = await writing(path, open(partial, 'wx', 0o600));
    const through = written(file, path, bytes);
    let checked: Checked;
    try {
      checked = await check(through);
      await writing(path, file.sync());
    } finally {
      // A check that has seen enough does not read on.
      await through.return(undefined);
      await file.close();
    }
    if (isRight(checked)) await (force ? writing(path, rename(partial, path)) : renameNew(partial, path));
    return checked;
  } finally {
    remove();
    process.off('exit', remove);
  }
}

/** Before anything is fetched: a long download is not for nothing. */
export async function refuseExisting({ path, force }: Target): Promise<void> {
  if (!force && (await exists(path))) throw taken(path);
}

function taken(path: string): UsageError {
  return new UsageError(`${path} is there already: name another file, or add --force to replace it.`);
}

async function writing<Done>(path: string, act: Promise<Done>): Promise<Done> {
  try {
    return await act;
  } catch (error) {
    const code = codeOf(error);
    throw new UsageError(
      `${path} could not be written (${code}): check the folder, its free space and your permission.`,
    );
  }
}

async function* written(
  file: FileHandle,
  path: string,
  bytes: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of bytes) {
    await writing(path, file.writeFile(chunk));
    yield chunk;
  }
}

/** A hard link fails where the name is taken, also by a file that was made in the meantime. */
async function renameNew(partial: string, path: string): Promise<void> {
  try {
    await link(partial, path);
    await rm(partial);
  } catch (error) {
    if (codeOf(error) === 'EEXIST' || (await exists(path))) throw taken(path);
    // Some file systems, such as those of memory sticks, have no hard links.
    await writing(path, rename(partial, path));
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
