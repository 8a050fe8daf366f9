import type { Locator, Store } from '../../shared/ports/store.ts';
import { startTables } from '../support/registry-table.ts';
import type { BareStore } from './bare-stores.ts';
import { disposingLane } from './disposing-lane.ts';
import { median } from './median.ts';
import type { Row } from './row.ts';

const CHUNK = 100;

/**
 * Disposes of `records` records with registry and log in an embedded DynamoDB, and alternately, chunk by chunk, deletes
 * the same number by the bare call in the same process, so that other load on the machine slows down both.
 */
export async function disposalsBesideBare(open: () => Promise<BareStore>, records: number): Promise<Row[]> {
  const tables = await startTables();
  try {
    const bare = await open();
    try {
      const locators = Array.from({ length: records }, (_, n): Locator => [`n-${n}`]);
      await bare.fill(locators);
      const timed = timedStore(bare.store);
      const lane = await disposingLane(tables, timed.store, records);
      if (lane.chunks.length !== records / CHUNK) throw new Error('the sweep made chunks that are not full');
      const rounds: Round[] = [];
      for (const [index, chunk] of lane.chunks.entries()) {
        const batch = locators.slice(index * CHUNK, (index + 1) * CHUNK);
        const before = timed.seconds();
        const whole = await secondsOf(() => lane.dispose(chunk));
        const inStore = timed.seconds() - before;
        rounds.push({ whole, inStore, bare: await secondsOf(() => bare.deleteBare(batch)) });
      }
      const [left, sealed] = [await bare.left(), await lane.sealed()];
      if (left > 0 || sealed !== records) {
        throw new Error(
          `${left} records of ${bare.kind} are left and ${sealed} of ${records} entries sealed`,
        );
      }
      return compared(bare, rounds.slice(1));
    } finally {
      await bare.stop();
    }
  } finally {
    await tables.stop();
  }
}

/** Seconds for one chunk. */
interface Round {
  readonly whole: number;
  readonly inStore: number;
  readonly bare: number;
}

/** Medians over chunks of a hundred, the first one of each left out. */
function compared({ kind, call }: BareStore, rounds: readonly Round[]): Row[] {
  const [whole, bare, inStore] = [
    median(rounds.map((round) => round.whole)),
    median(rounds.map((round) => round.bare)),
    median(rounds.map((round) => round.inStore)),
  ];
  return [
    { what: `${kind}: disposals a second`, measured: CHUNK / whole },
    { what: `${kind}: bare deletes a second (${call})`, measured: CHUNK / bare },
    { what: `${kind}: disposing takes, times bare`, measured: whole / bare },
    { what: `${kind}: its calls to the store alone, times bare`, measured: inStore / bare },
  ];
}

/** The protocol makes one call to its store at a time, so the times add up. */
function timedStore(store: Store): { readonly store: Store; seconds(): number } {
  let seconds = 0;
  const time = async <Answer>(call: () => Promise<Answer>): Promise<Answer> => {
    const began = performance.now();
    const answer = await call();
    seconds += (performance.now() - began) / 1000;
    return answer;
  };
  return {
    seconds: () => seconds,
    store: {
      batch: store.batch,
      atOnce: store.atOnce,
      look: (batch) => time(() => store.look(batch)),
      delete: (batch) => time(() => store.delete(batch)),
      anonymise: (batch, masks) => time(() => store.anonymise(batch, masks)),
      restrict: (batch, on) => time(() => store.restrict(batch, on)),
      readBack: (batch) => time(() => store.readBack(batch)),
      read: (batch) => time(() => store.read(batch)),
      list: (place, limit, after) => time(() => store.list(place, limit, after)),
      idsOf: (batch, place) => time(() => store.idsOf(batch, place)),
      range: (range, limit, after) => time(() => store.range(range, limit, after)),
      survey: (question) => time(() => store.survey(question)),
      recovery: () => time(() => store.recovery()),
      close: () => store.close(),
    },
  };
}

async function secondsOf(act: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await act();
  return (performance.now() - began) / 1000;
}
