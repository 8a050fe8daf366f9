import { expect, test } from 'vitest';
import type { Verb } from '../../../local/virtual/virtual-deployment.ts';
import {
  account,
  type ExportWorld,
  exportWorld,
  person,
  ROWS,
  SCANS,
} from '../../support/export/export-world.ts';
import { beforeCall, counting, killAt, sleepAt } from '../../support/driver/kill-points.ts';

const HOUR = 3_600_000;
const ROWS_TEXTS = Array.from({ length: 23 }, (_, n) => `text of n-${String(n).padStart(2, '0')}`);
const SCANNED = ['0', '1', '2'];

/** More rows than are read at a time, files, and what is left out; on several pages and of several entities. */
async function prepared(): Promise<{
  readonly w: ExportWorld;
  readonly ref: Awaited<ReturnType<ExportWorld['asks']>>;
}> {
  const w = exportWorld({ pageSize: 10 });
  for (const [n, text] of ROWS_TEXTS.entries())
    await w.seed(text.slice(8), { about: n % 3 === 0 ? [account('a')] : [person('me')] });
  for (const n of SCANNED)
    await w.seed(`s-${n}`, { store: SCANS, about: [person('me'), account('a')], fields: { page: n } });
  await w.seed('shared', { about: [person('me'), person('other')] });
  return { w, ref: await w.asks() };
}

/** What is wrong with the archive in the end: it has to be ready after the time that a dead run may cost. */
async function wrong({ w, ref }: Awaited<ReturnType<typeof prepared>>): Promise<readonly string[]> {
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

const pass = ({ make }: { readonly make: () => Promise<unknown> }): Promise<unknown> => make();

/** The function's runs before this one go as they do. */
async function beforeRun(verb: Verb, run: number): ReturnType<typeof prepared> {
  const played = await prepared();
  for (let before = 1; before < run; before += 1) played.w.onNext(verb, pass);
  return played;
}

/** The calls of the run of a function that is disturbed. */
async function callsOf(verb: Verb, run: number): Promise<readonly string[]> {
  const calls: string[] = [];
  const played = await beforeRun(verb, run);
  played.w.onNext(verb, counting(calls));
  expect(await wrong(played)).toEqual([]);
  return calls;
}

// Of the sweep: it lists and asks the lanes; it sees that they are done, builds the archive and closes; the hourly run.
const RUNS = [
  ['sweep', 1],
  ['sweep', 2],
  ['sweep', 3],
  ['dispose', 1],
  ['dispose', 2],
] as const;

test.each(RUNS)(
  'an export whose %s dies in run %i, anywhere, comes to the same archive',
  async (verb, run) => {
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
    expect(calls.length).toBeGreaterThan(verb === 'sweep' && run > 1 ? 4 : 6);
  },
);

test.each(RUNS)(
  'an export whose %s sleeps in run %i and goes on hours later is not disturbed by it',
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
  'an export that another %s takes further in the middle of run %i comes to the same archive',
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
