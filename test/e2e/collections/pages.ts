import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import type { Entry } from '../../../shared/domain/record/entry.ts';
import { finish } from '../command.ts';
import { REGION, ROOT_KEY } from '../emulator.ts';
import { sealedLog } from '../evidence.ts';
import { ROW_CATEGORIES } from '../datasets/row-settings.ts';
import { until } from '../people/until.ts';
import type { Scoreboard } from '../scoreboard.ts';
import type { World } from '../world.ts';
import { COMPANY_STORES, type CompanyStore } from './company-settings.ts';

interface Expected {
  /** Planted in every record and id. */
  readonly marker: string;
  /** How many records of the store went. */
  readonly expected: (store: CompanyStore) => number;
}

interface Page {
  readonly index: number;
  readonly entry: Entry;
}

/** Everything that went is counted by an entry, and the list beside the log has the references of exactly these. */
export async function checkPages(
  world: World,
  board: Scoreboard,
  { marker, expected }: Expected,
): Promise<void> {
  let pages: readonly Page[] = [];
  await board.scenario('the entries of collections count every record that went, once', async () => {
    pages = await until(
      'all pages are sealed',
      () => pagesOfLog(world),
      (found) => COMPANY_STORES.every((store) => countOf(found, store) >= expected(store)),
    );
    for (const store of COMPANY_STORES)
      if (countOf(pages, store) !== expected(store))
        throw new Error(`${store}: ${countOf(pages, store)} records, not ${expected(store)}`);
    const one = pages.find(({ entry }) => entry.page?.kept !== undefined);
    if (one?.entry.page?.kept !== 1) throw new Error('no entry says that a record was kept');
    return `${pages.length} pages`;
  });

  await board.scenario('the packaged command computes the root of every page from its list', async () => {
    const lists = await listsOfLog(world);
    if (lists.some(({ text }) => text.includes(marker))) throw new Error('a list names a person');
    const told = pages.filter(({ entry }) => (entry.page?.records ?? 0) > 0);
    const seen = new Set<string>();
    for (const { index, entry } of told) {
      const list = lists.find(({ text }) => text.includes(entry.page?.root ?? 'no root'));
      if (list === undefined) throw new Error(`entry ${index} has no list`);
      for (const line of list.text.split('\n').filter(Boolean)) {
        const { index: of, records } = JSON.parse(line) as { index: number; records: readonly string[] };
        if (of === index) for (const record of records) seen.add(record);
      }
    }
    const all = COMPANY_STORES.reduce((sum, store) => sum + expected(store), 0);
    if (seen.size !== all) throw new Error(`the lists have ${seen.size} references, not ${all}`);
    const [first] = told;
    for (const page of [first, told.findLast(({ entry }) => entry.store === 'files')])
      await checkByCommand(world, board, { page, lists });
    return `${seen.size} references in ${lists.length} objects`;
  });
}

function countOf(pages: readonly Page[], store: CompanyStore): number {
  return pages
    .filter(({ entry }) => entry.store === store)
    .reduce((sum, { entry }) => sum + (entry.page?.records ?? 0), 0);
}

async function pagesOfLog(world: World): Promise<readonly Page[]> {
  const { entries } = await sealedLog(world);
  const rows: readonly string[] = Object.values(ROW_CATEGORIES);
  return entries.flatMap((entry, index) =>
    entry.page === undefined ||
    !COMPANY_STORES.some((store) => store === entry.store) ||
    entry.categories.some((category) => rows.includes(category))
      ? []
      : [{ index, entry }],
  );
}

interface ListObject {
  readonly key: string;
  readonly text: string;
}

/** Read without Tenure's code. */
async function listsOfLog({ emulator, logBucket: Bucket }: World): Promise<readonly ListObject[]> {
  const client = new S3Client({ endpoint: emulator.endpoint, region: REGION, credentials: ROOT_KEY });
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket, Prefix: 'lists/' }));
  const lists: ListObject[] = [];
  for (const { Key: key = '' } of Contents) {
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: key }));
    lists.push({ key, text: (await Body?.transformToString()) ?? '' });
  }
  client.destroy();
  return lists;
}

/** As an auditor does with a list from the bucket. With another reference in the list it is not the same. */
async function checkByCommand(
  { app, people }: World,
  board: Scoreboard,
  { page, lists }: { readonly page: Page | undefined; readonly lists: readonly ListObject[] },
): Promise<void> {
  const list = lists.find(({ text }) => text.includes(page?.entry.page?.root ?? 'no root'));
  if (page === undefined || list === undefined) throw new Error('there is no such page');
  const command = join(app, 'node_modules/.bin/tenure');
  const env = { ...people.environmentOf('auditor'), TENURE_URL: people.url };
  const compute = (file: string) =>
    finish(command, ['log', 'page', String(page.index), '--list', file], { cwd: app, env });
  const file = join(app, `page-${page.index}.jsonl`);
  await writeFile(file, list.text);
  const { code, out, err } = await compute(file);
  if (code !== 0 || !out.includes(String(page.entry.page?.root)))
    throw new Error(`log page ended with ${code}: ${out} ${err}`);
  // An object has the lists of several entries.
  const own = list.text.split('\n').find((line) => line.includes(page.entry.page?.root ?? 'no root')) ?? '';
  const [one = ''] = /[\w-]{22}(?="\])/.exec(own) ?? [];
  if (one === '') throw new Error(`no reference in ${list.key}`);
  const forged = join(app, `forged-${page.index}.jsonl`);
  await writeFile(forged, (await readFile(file, 'utf8')).replaceAll(one, 'z'.repeat(22)));
  const answer = await compute(forged);
  board.refused('a list in which one reference was exchanged', String(answer.code), ['1']);
}
