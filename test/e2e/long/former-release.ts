import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { finish, ROOT, run } from '../command.ts';

/** The release that this one is deployed over, and that a failed deployment goes back to. */
export const FORMER = { tag: 'v0.1.0', commit: '444a981c193596a36337e751b28da0e92b65adef' } as const;

/**
 * A folder with the former release as it was tagged, and the packages that it was locked with. The commit is enough:
 * not every clone has the tag.
 */
export async function formerRelease(cleanup: AsyncDisposableStack): Promise<string> {
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
  if (isDeepStrictEqual(await lockedPackages(folder), await lockedPackages(ROOT)))
    await cp(join(ROOT, 'node_modules'), join(folder, 'node_modules'), {
      recursive: true,
      verbatimSymlinks: true,
    });
  else await run('npm', ['ci', '--prefer-offline', '--no-audit', '--no-fund'], { cwd: folder, seconds: 600 });
  return folder;
}

/** Without the release itself, whose version differs. */
async function lockedPackages(folder: string): Promise<unknown> {
  const lock = JSON.parse(await readFile(join(folder, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, unknown>>;
  };
  const { '': _own, ...packages } = lock.packages;
  return packages;
}
