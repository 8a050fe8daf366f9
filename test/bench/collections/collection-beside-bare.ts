import { recordFact } from '../../../shared/protocol/record-fact.ts';
import { countingCall } from '../../support/counted/counting-call.ts';
import { DUE, ENDED, START } from '../../support/counted/counted-disposal.ts';
import { tableWorld } from '../../support/driver/table-world.ts';
import { collected, NOTES } from '../../support/pages/collection-world.ts';
import { startTables } from '../../support/registry-table.ts';
import { heapAfterCollection } from '../heap.ts';
import type { Row } from '../row.ts';
import { type BareCollection, ID } from './bare-collections.ts';

/** Of the attempts: before them, code is compiled and connections are opened. */
const WARM = 2;
const HOUR = 3_600_000;

/**
 * Disposes of one collection of `count` records, with registry and log in an embedded DynamoDB, and alternately, attempt
 * by attempt, deletes the same number by the bare calls in the same process, so that other load on the machine slows down both.
 * The evidence of an attempt is sealed beside the next one, and that of the last one at the end.
 * No record is registered on its own, and censuses have said so.
 */
export async function collectionBesideBare(
  open: (count: number) => Promise<BareCollection>,
  count: number,
): Promise<Row[]> {
  const tables = await startTables();
  try {
    const bare = await open(count);
    try {
      return await measured(tables, bare, count);
    } finally {
      await bare.store.close();
      await bare.stop();
    }
  } finally {
    await tables.stop();
  }
}

async function measured(
  tables: Awaited<ReturnType<typeof startTables>>,
  bare: BareCollection,
  count: number,
): Promise<Row[]> {
  const counter = countingCall(tables.call);
  const { by, keys, kind, call } = bare;
  let asked = 0;
  const store: BareCollection['store'] = {
    ...bare.store,
    delete(batch) {
      asked += batch.length;
      return bare.store.delete(batch);
    },
  };
  const w = tableWorld(
    { call: counter.call, table: await tables.create(), store },
    { ...START, collections: [{ ...NOTES, by }], hourlyCap: 10 * count, store: { keys } },
  );
  const { contract } = await collected(w, ID);
  await recordFact(w.core, contract.ref, w.fact('contract.ended', ENDED));
  await w.registry.noteMarksWalked({ of: '-', first: DUE - 24 * HOUR, last: DUE - HOUR });
  counter.reset();
  const times: { readonly ours: number; readonly bare: number }[] = [];
  const heaps: number[] = [];
  let deleted = 0;
  for (
    let bells = await w.wake(DUE);
    bells.length > 0;
    bells = w.bells.splice(0).map(({ message }) => message)
  ) {
    for (const bell of bells) {
      const ours = await secondsOf(async () => {
        // In production another function seals, beside the next attempt.
        const sealing = times.length === 0 ? undefined : w.seal();
        await w.work(bell);
        await sealing;
      });
      const theirs = await secondsOf(async () => {
        for (let page = 1; page > 0 && deleted < asked; deleted += page) page = await bare.deletePage();
      });
      times.push({ ours, bare: theirs });
      heaps.push(heapAfterCollection());
    }
  }
  times.push({
    ours: await secondsOf(async () => {
      await w.seal();
    }),
    bare: 0,
  });
  for (let page = 1; page > 0; deleted += page) page = await bare.deletePage();
  if ((await bare.left()) > 0 || deleted !== count) throw new Error(`${deleted} of ${count} records went`);
  const units = counter.writes().reduce((sum, { units: each }) => sum + each, 0);
  const warm = times.slice(WARM);
  const [ours, theirs] = [sum(warm.map((each) => each.ours)), sum(warm.map((each) => each.bare))];
  const [early = 0, late = 0] = [heaps[WARM], heaps.at(-1)];
  const what = `${kind}: a collection of ${count.toLocaleString('en')}`;
  return [
    { what: `${what}: records a second`, measured: count / sum(times.map((each) => each.ours)) },
    {
      what: `${what}: bare records a second (${call})`,
      measured: count / sum(times.map((each) => each.bare)),
    },
    { what: `${what}: speed, compared with bare`, measured: theirs / ours },
    { what: `${what}: write units of the registry for each record`, measured: units / count },
    { what: `${what}: heap at its end, less at attempt ${WARM}: MB`, measured: (late - early) / 1_000_000 },
  ];
}

function sum(all: readonly number[]): number {
  return all.reduce((one, other) => one + other, 0);
}

async function secondsOf(act: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await act();
  return (performance.now() - began) / 1000;
}
