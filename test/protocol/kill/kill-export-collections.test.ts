import { collects, owns, rowNames } from '../../support/export/collected.ts';
import { account, exportWorld, person, SCANS } from '../../support/export/export-world.ts';
import { type Asked, disturbedRuns } from '../../support/export/disturbed-runs.ts';

const HOUR = 3_600_000;
const OWN = rowNames(115);
const SCANNED = rowNames(13);
/** It is registered on its own, too. */
const BOTH = 'r-00060';
/** Another one that is registered on its own, and about others. */
const SHARED = 'r-00017';

/** A collection of more rows than are listed at a time, one of files, and single records, two of which lie in the first. */
async function prepared(): Promise<Asked> {
  const w = exportWorld({ pageSize: 10 });
  await collects(w);
  await collects(w, { store: SCANS });
  owns(w, OWN);
  owns(w, SCANNED, SCANS);
  const fields = (id: string) => ({ owner: 'me', text: `text of ${id}` });
  await w.seed(BOTH, { about: [person('me'), account('a')], fields: fields(BOTH) });
  await w.seed(SHARED, { about: [person('me'), person('other')], fields: fields(SHARED) });
  await w.seed('single', { about: [account('a')] });
  return { w, ref: await w.asks() };
}

/** What is wrong with the archive in the end: it has to be ready after the time that a dead run may cost. */
async function wrong({ w, ref }: Asked): Promise<readonly string[]> {
  await w.pass(5 * HOUR);
  const request = await w.request(ref);
  if (request.state !== 'closed') return [`the request is ${request.state}, at ${request.export?.step}`];
  const { records, files, manifest, told } = await w.archive(ref);
  const texts = records
    .flatMap(({ data }) => (data === undefined ? [] : [String(data['text']).slice(8)]))
    .toSorted();
  const scans = [...files]
    .filter(([path]) => path.startsWith('files/'))
    .map(([, bytes]) => (JSON.parse(bytes.toString()) as { text: string }).text.slice(8))
    .toSorted();
  const rows = [...OWN.filter((id) => id !== SHARED), 'single'];
  const names = JSON.stringify([w.registry.allExportParts(), w.registry.allExportPages()]);
  return [
    ...(JSON.stringify(texts) === JSON.stringify(rows) ? [] : [`${texts.length} rows: ${texts.join()}`]),
    ...(JSON.stringify(scans) === JSON.stringify(SCANNED) ? [] : [`files: ${scans.join()}`]),
    ...(told.records === rows.length + SCANNED.length ? [] : [`${told.records} records`]),
    ...(told.leftOut === 1 && manifest.leftOut[0]?.reason === 'about-others'
      ? []
      : [`left out: ${JSON.stringify(manifest.leftOut)}`]),
    ...(names.includes('r-0') ? ['the registry names a row'] : []),
  ];
}

// The lane of rows has two runs, one for its collection; that of files has one. The sweep lists, watches and builds.
const RUNS = [
  ['sweep', 1],
  ['sweep', 3],
  ['dispose', 1],
  ['dispose', 2],
  ['dispose', 3],
] as const;

disturbedRuns({ what: 'a copy of collections', runs: RUNS, prepared, wrong, calls: () => 4 });
