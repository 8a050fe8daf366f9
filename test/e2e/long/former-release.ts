import { cp, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { finish, ROOT, run } from '../command.ts';

/** The release that this one is deployed over, and that a failed deployment goes back to. */
export const FORMER = { tag: 'v0.1.0', commit: '444a981c193596a36337e751b28da0e92b65adef' } as const;

/** A folder with the former release as it was tagged, and the packages that it was locked with. */
export async function formerRelease(cleanup: AsyncDisposableStack): Promise<string> {
  const folder = await unpacked(cleanup);
  if (isDeepStrictEqual(await lockedPackages(folder), await lockedPackages(ROOT)))
    await cp(join(ROOT, 'node_modules'), join(folder, 'node_modules'), {
      recursive: true,
      verbatimSymlinks: true,
    });
  else await install(folder);
  return folder;
}

/** The same for programs that import its sources: the packages of this checkout do, if they are the same and more. */
export async function formerSources(cleanup: AsyncDisposableStack): Promise<string> {
  const folder = await unpacked(cleanup);
  const [its, ours] = [await lockedPackages(folder), await lockedPackages(ROOT)];
  const isCovered = Object.entries(its).every(([name, locked]) => isDeepStrictEqual(ours[name], locked));
  if (isCovered) await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  else await install(folder);
  return folder;
}

/** The commit is enough: not every clone has the tag. */
async function unpacked(cleanup: AsyncDisposableStack): Promise<string> {
  const { tag, commit } = FORMER;
  const known = await finish('git', ['cat-file', '-e', `${commit}^{commit}`]);
  if (known.code !== 0)
    throw new Error(
      `The history here does not have the release ${tag} (${commit}): run \`git fetch --unshallow --tags\`, or \`git fetch origin tag ${tag}\`.`,
    );
  const folder = await mkdtemp(join(tmpdir(), 'tenure-former-'));
  cleanup.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  const archive = join(folder, 'release.tar');
  await run('git', ['archive', '--output', archive, commit]);
  await run('tar', ['-xf', archive, '-C', folder]);
  await rm(archive);
  return folder;
}

async function install(folder: string): Promise<void> {
  await run('npm', ['ci', '--prefer-offline', '--no-audit', '--no-fund'], { cwd: folder, seconds: 600 });
}

/** Without the release itself, whose version differs. */
async function lockedPackages(folder: string): Promise<Readonly<Record<string, unknown>>> {
  const lock = JSON.parse(await readFile(join(folder, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, unknown>>;
  };
  const { '': _own, ...packages } = lock.packages;
  return packages;
}
