import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { Manifest } from '../../../shared/domain/export/manifest.ts';
import { finish, run } from '../command.ts';
import { type LaneRecord, MARKER } from '../records.ts';
import type { Scoreboard } from '../scoreboard.ts';
import type { World } from '../world.ts';

/**
 * Fetched by the application with the packaged command, checked by it again, and unpacked by the `tar` of this machine.
 * Returns the folder.
 */
export async function downloaded(world: World, board: Scoreboard, request: string): Promise<string> {
  const { app, people } = world;
  const command = join(app, 'node_modules/.bin/tenure');
  const download = (player: 'crm' | 'auditor', file: string) =>
    finish(command, ['request', 'download', request, '--into', file], {
      cwd: app,
      env: { ...people.environmentOf(player), TENURE_URL: people.url },
    });
  const denied = await download('auditor', 'copy.tar');
  const [refusal = ''] = denied.err.split(' ');
  board.refused('the command fetches it as an auditor', refusal, ['FORBIDDEN']);
  if (denied.code !== 3) throw new Error(`as an auditor, it ended with ${denied.code}`);
  const { code, out, err } = await download('crm', 'copy.tar');
  if (code !== 0 || !out.includes('every file is right'))
    throw new Error(`download ended with ${code}: ${out} ${err}`);
  // Without the network and the rights of anybody.
  await run(command, ['request', 'verify', 'copy.tar'], { cwd: app });
  const folder = join(app, 'copy');
  await mkdir(folder);
  await run('tar', ['-xf', 'copy.tar', '-C', folder], { cwd: app });
  return folder;
}

interface Expected {
  readonly request: string;
  /** Rows and items. */
  readonly records: readonly LaneRecord[];
  /** The one file. */
  readonly scan: Buffer;
  /** A text of every record that is not in the copy. */
  readonly stranger: string;
}

/** Exactly what the application wrote, in exactly the files of the manifest. */
export async function expectCopy(
  folder: string,
  { request, records, scan, stranger }: Expected,
): Promise<void> {
  const manifest = Manifest.parse(JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')));
  if (manifest.request !== request || manifest.entityType !== 'contract')
    throw new Error(`it is the copy of ${manifest.request}, about a ${manifest.entityType}`);
  const categories = ['contract-data'];
  same('what was left out', manifest.leftOut, [
    { store: 'orders', categories, reason: 'about-others', records: 1 },
    { store: 'pictures', categories, reason: 'gone', records: 1 },
  ]);
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const there = entries.filter((each) => each.isFile()).map((each) => join(each.parentPath, each.name));
  const listed = ['manifest.json', ...manifest.files.map(({ path }) => path)];
  same('the files', there.toSorted(), listed.map((path) => join(folder, path)).toSorted());

  const texts = there.filter((path) => path.endsWith('.json'));
  for (const path of texts)
    if ((await readFile(path, 'utf8')).includes(stranger)) throw new Error(`${path} has another's record`);
  const [file = ''] = manifest.files.flatMap(({ path }) => (path.startsWith('files/') ? [path] : []));
  if (!(await readFile(join(folder, file))).equals(scan)) throw new Error(`${file} is not what was written`);
  const about = { categories, purposes: ['contract'] };
  same('the pictures', await recordsOf(folder, 'pictures'), [
    { ...about, mediaType: 'application/pdf', file },
  ]);
  for (const store of ['members', 'orders'] as const) {
    const own = records.filter(({ lane }) => lane === store);
    const written = own.map((record) => ({ ...about, data: asWritten(record) }));
    same(store, inOrder(await recordsOf(folder, store)), inOrder(written));
  }
}

/** As `Records.write` writes it. */
function asWritten({ lane, key, contract }: LaneRecord): object {
  return lane === 'orders'
    ? { order_id: key, contract, mail: MARKER }
    : { member: key, contract, mail: MARKER, revision: 1 };
}

async function recordsOf(folder: string, store: string): Promise<readonly unknown[]> {
  const data = join(folder, 'data', store);
  const lists = (await readdir(data)).map(
    async (name) => JSON.parse(await readFile(join(data, name), 'utf8')) as unknown[],
  );
  return (await Promise.all(lists)).flat();
}

/** By their text, with the properties of each in one order. */
function inOrder(list: readonly unknown[]): readonly unknown[] {
  const text = (each: unknown): string =>
    JSON.stringify(
      Object.values((each as { data: object }).data)
        .map(String)
        .toSorted(),
    );
  return list.toSorted((a, b) => text(a).localeCompare(text(b)));
}

function same(what: string, found: unknown, expected: unknown): void {
  if (isDeepStrictEqual(found, expected)) return;
  throw new Error(`${what}: ${JSON.stringify(found)}, not ${JSON.stringify(expected)}`);
}
