import { expect, test } from 'vitest';
import type { Verb } from '../../../local/virtual/virtual-deployment.ts';
import { collects, owns, rowNames } from '../../support/export/collected.ts';
import { account, type ExportWorld, exportWorld, person, SCANS } from '../../support/export/export-world.ts';
import { beforeCall, counting, killAt, sleepAt } from '../../support/driver/kill-points.ts';

const HOUR = 3_600_000;
const OWN = rowNames(115);
const SCANNED = rowNames(13);
/** It is registered on its own, too. */
const BOTH = 'r-00060';
/** Another one that is registered on its own, and about others. */
const SHARED = 'r-00017';

/** A collection of more rows than are listed at a time, one of files, and single records, two of which lie in the first. */
async function prepared(): Promise<{
  readonly w: ExportWorld;
  readonly ref: Awaited<ReturnType<ExportWorld['asks']>>;
}> {
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
async function wrong({ w, ref }: Awaited<ReturnType<typeof prepared>>): Promise<readonly string[]> {
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

const pass = ({ make }: { readonly make: () => Promise<unknown> }): Promise<unknown> => make();

async function beforeRun(verb: Verb, run: number): ReturnType<typeof prepared> {
  const played = await prepared();
  for (let before = 1; before < run; before += 1) played.w.onNext(verb, pass);
  return played;
}

async function callsOf(verb: Verb, run: number): Promise<readonly string[]> {
  const calls: string[] = [];
  const played = await beforeRun(verb, run);
  played.w.onNext(verb, counting(calls));
  expect(await wrong(played)).toEqual([]);
  return calls;
}

// The lane of rows has two runs, one for its collection; that of files has one. The sweep lists, watches and builds.
const RUNS = [
  ['sweep', 1],
  ['sweep', 3],
  ['dispose', 1],
  ['dispose', 2],
  ['dispose', 3],
] as const;

test.each(RUNS)('a copy of collections whose %s dies in run %i, anywhere, is the same', async (verb, run) => {
  const calls = await callsOf(verb, run);
  const found: string[] = [];
  for (const [index, call] of calls.entries()) {
    for (const when of ['before', 'after'] as const) {
      const played = await beforeRun(verb, run);
      played.w.onNext(verb, killAt(index + 1, when));
      found.push(...(await wrong(played)).map((what) => `${when} ${index + 1} ${call}: ${what}`));
    }
  }
  expect(found).toEqual([]);
  expect(calls.length).toBeGreaterThan(4);
});

test.each(RUNS)(
  'a copy of collections whose %s sleeps in run %i and goes on hours later is not disturbed by it',
  async (verb, run) => {
    const calls = await callsOf(verb, run);
    const found: string[] = [];
    for (const [index, call] of calls.entries()) {
      const played = await beforeRun(verb, run);
      const sleeper = sleepAt(index + 1, () => undefined);
      played.w.onNext(verb, sleeper.interceptor);
      await played.w.pass(40 * 60_000);
      sleeper.wake();
      found.push(...(await wrong(played)).map((what) => `${index + 1} ${call}: ${what}`));
    }
    expect(found).toEqual([]);
  },
);

test.each(RUNS)(
  'a copy of collections that another %s takes further in the middle of run %i is the same',
  async (verb, run) => {
    const calls = await callsOf(verb, run);
    const found: string[] = [];
    for (const [index, call] of calls.entries()) {
      const played = await beforeRun(verb, run);
      played.w.onNext(
        verb,
        beforeCall(index + 1, () => played.w.again(verb, played.ref)),
      );
      found.push(...(await wrong(played)).map((what) => `${index + 1} ${call}: ${what}`));
    }
    expect(found).toEqual([]);
  },
);
