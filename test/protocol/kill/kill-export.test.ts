import { expect, test } from 'vitest';
import { account, exportWorld, person, ROWS, SCANS } from '../../support/export/export-world.ts';
import { type Asked, disturbedRuns } from '../../support/export/disturbed-runs.ts';

const HOUR = 3_600_000;
const ROWS_TEXTS = Array.from({ length: 23 }, (_, n) => `text of n-${String(n).padStart(2, '0')}`);
const SCANNED = ['0', '1', '2'];

/** More rows than are read at a time, files, and what is left out; on several pages and of several entities. */
async function prepared(): Promise<Asked> {
  const w = exportWorld({ pageSize: 10 });
  for (const [n, text] of ROWS_TEXTS.entries())
    await w.seed(text.slice(8), { about: n % 3 === 0 ? [account('a')] : [person('me')] });
  for (const n of SCANNED)
    await w.seed(`s-${n}`, { store: SCANS, about: [person('me'), account('a')], fields: { page: n } });
  await w.seed('shared', { about: [person('me'), person('other')] });
  return { w, ref: await w.asks() };
}

/** What is wrong with the archive in the end: it has to be ready after the time that a dead run may cost. */
async function wrong({ w, ref }: Asked): Promise<readonly string[]> {
  await w.pass(5 * HOUR);
  const request = await w.request(ref);
  if (request.state !== 'closed') return [`the request is ${request.state}, at ${request.export?.step}`];
  const { records, files, manifest, told } = await w.archive(ref);
  const texts = records.flatMap(({ data }) => (data === undefined ? [] : [String(data['text'])])).toSorted();
  const pages = [...files]
    .filter(([path]) => path.startsWith('files/'))
    .map(([, bytes]) => (JSON.parse(bytes.toString()) as { page: string }).page)
    .toSorted();
  return [
    ...(JSON.stringify(texts) === JSON.stringify(ROWS_TEXTS) ? [] : [`rows: ${texts.join()}`]),
    ...(JSON.stringify(pages) === JSON.stringify(SCANNED) ? [] : [`files: ${pages.join()}`]),
    ...(told.records === ROWS_TEXTS.length + SCANNED.length ? [] : [`${told.records} records`]),
    ...(manifest.leftOut.length === 1 && told.leftOut === 1
      ? []
      : [`left out: ${JSON.stringify(manifest.leftOut)}`]),
    ...(w.exports.openUploads().length > 1 ? ['uploads were left behind'] : []),
  ];
}

// Of the sweep: it lists and asks the lanes; it sees that they are done, builds the archive and closes; the hourly run.
const RUNS = [
  ['sweep', 1],
  ['sweep', 2],
  ['sweep', 3],
  ['dispose', 1],
  ['dispose', 2],
] as const;

disturbedRuns({
  what: 'an export',
  runs: RUNS,
  prepared,
  wrong,
  calls: (verb, run) => (verb === 'sweep' && run > 1 ? 4 : 6),
});

test.each([ROWS, SCANS])(
  'a bell of %s that comes again, late or of a part that does not exist changes nothing',
  async (lane) => {
    const played = await prepared();
    const { w, ref } = played;
    const queue = w.deployment.queue(`lane-${lane}`);
    for (const part of [1, 1, 2, 7]) queue.send(JSON.stringify({ kind: 'export', lane, request: ref, part }));
    await w.pass(10 * 60_000);
    const objects = w.exports.allObjects().length;
    for (const part of [1, 7]) queue.send(JSON.stringify({ kind: 'export', lane, request: ref, part }));
    w.sends(ref);
    expect(await wrong(played)).toEqual([]);
    expect(w.exports.allObjects()).toHaveLength(objects);
    expect(w.errors).toEqual([]);
  },
);
