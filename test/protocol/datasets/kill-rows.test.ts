import { describe, expect, test } from 'vitest';
import { endHold, placeHold } from '../../../shared/protocol/hold.ts';
import { workOnChunk } from '../../../shared/protocol/lane/work-on-chunk.ts';
import { aHoldOn } from '../../support/driver/hold-play.ts';
import { leaseEnds } from '../../support/driver/dying-worker.ts';
import { killedAt, unlessKilled, type When } from '../../support/driver/killed-at.ts';
import type { World } from '../../support/driver/world.ts';
import { contractOf, rowsWorld, sweptRows, writesRows } from '../../support/datasets/rows-world.ts';
import { earlyRows } from '../../support/datasets/early-rows.ts';
import { registersRow, rowNames } from '../../support/pages/collection-world.ts';
import { leftOver, pageViolations } from '../../support/pages/page-violations.ts';

/*
 * A worker is killed before and after each of its calls. Then something comes, or nothing, and time goes on until others
 * have taken over.
 */

const PORTS = ['registry', 'store', 'queues'] as const;
const OWN = rowNames(20);
const OF_CONTRACT = rowNames(10, 'c');
const YOUNG = rowNames(5, 'young');

interface Between {
  readonly name: string;
  happens(w: World): Promise<void>;
  later?(w: World): Promise<void>;
  /** Rows that stay until then. */
  readonly until?: readonly string[];
  /** Rows that have to be there in the end if they were there when it happened. */
  readonly stay?: readonly string[];
  /** The application wrote them again: they are not due any more. */
  readonly written?: readonly string[];
}

const WRITTEN = ['r-000001', 'c-000003', 'r-000019'];

const BETWEEN: readonly Between[] = [
  { name: 'nothing', async happens() {} },
  {
    name: 'the contract ends later than was said',
    async happens(w) {
      const now = new Date(w.clock.now()).toISOString();
      await w.happened(await contractOf(w, 'c-1'), w.fact('contract.ended', now));
    },
    stay: OF_CONTRACT,
  },
  {
    name: 'a hold, and its release',
    async happens(w) {
      await placeHold(w.core, aHoldOn((await contractOf(w, 'c-1')).ref));
    },
    until: OF_CONTRACT,
    async later(w) {
      await endHold(w.core, aHoldOn((await contractOf(w, 'c-1')).ref));
    },
  },
  {
    name: 'rows are written again',
    async happens(w) {
      writesRows(w, WRITTEN, { days: 1 });
    },
    stay: WRITTEN,
    written: WRITTEN,
  },
  {
    name: 'rows are removed by the application',
    async happens(w) {
      w.store.remove(['r-000001']);
      w.store.remove(['c-000003']);
    },
  },
  {
    name: 'a row is registered on its own, and written',
    async happens(w) {
      await registersRow(w, 'r-000005', [await contractOf(w, 'c-2')]);
      writesRows(w, ['r-000005'], { days: 40 });
    },
    stay: ['r-000005'],
    written: ['r-000005'],
  },
];

async function dueRows() {
  const w = rowsWorld({}, [
    'the later of 30 days after record.created and 10 days after contract.ended if any',
  ]);
  await w.happened(await contractOf(w, 'c-1'), w.fact('contract.ended', '2026-02-15'));
  writesRows(w, OWN, { days: 40 });
  writesRows(w, OF_CONTRACT, { days: 39, contract: 'c-1' });
  writesRows(w, YOUNG, { days: 3 });
  return { w, chunk: await sweptRows(w) };
}

async function played(between: Between, kill: { number: number; when: When }) {
  const { stay = [], until = [], written = [] } = between;
  const { w, chunk } = await dueRows();
  const killed = killedAt(w.core, { ports: PORTS, ...kill });
  await workOnChunk(killed.core, chunk).catch(unlessKilled);
  const isWhole = killed.calls() < kill.number;
  const isThere = (row: string): boolean => w.store.fields([row]) !== undefined;
  const there = stay.filter((row) => isThere(row) || written.includes(row));
  const kept = until.filter(isThere);
  await between.happens(w);
  await leaseEnds(w);
  await w.run(w.clock.now() + 2.5 * 3_600_000);
  const gone = kept.filter((row) => !isThere(row)).map((row) => `${row} went under a hold`);
  await between.later?.(w);
  await w.run(w.clock.now() + 2.5 * 3_600_000);
  const wrong = [...gone, ...(await pageViolations(w, written)), ...leftOver(w), ...earlyRows(w)];
  for (const row of [...OWN, ...OF_CONTRACT]) {
    if (isThere(row) && !there.includes(row)) wrong.push(`${row} is left`);
    if (!isThere(row) && there.includes(row)) wrong.push(`${row} is gone`);
  }
  if (!YOUNG.every(isThere)) wrong.push('a young row is gone');
  return { isWhole, wrong };
}

describe.for(BETWEEN)(
  'a worker on a dataset is killed at each of its calls, and then comes: $name',
  (between) => {
    test('all that is due is deleted once and told once, and nothing else', { timeout: 60_000 }, async () => {
      const wrong: string[] = [];
      let number = 1;
      for (; number < 100; number += 1) {
        const found = await played(between, { number, when: 'before' });
        if (found.isWhole) break;
        const after = await played(between, { number, when: 'after' });
        wrong.push(...found.wrong.map((what) => `before ${number}: ${what}`));
        wrong.push(...after.wrong.map((what) => `after ${number}: ${what}`));
      }
      expect(wrong).toEqual([]);
      expect(number).toBeGreaterThan(12);
      expect(number).toBeLessThan(100);
    });
  },
);
