import { describe, expect, test } from 'vitest';
import { endHold, hintParked, placeHold } from '../../../shared/protocol/hold.ts';
import { workOnChunk } from '../../../shared/protocol/lane/work-on-chunk.ts';
import { aHoldOn } from '../../support/driver/hold-play.ts';
import { handedOver, leaseEnds } from '../../support/driver/dying-worker.ts';
import { killedAt, unlessKilled, type When } from '../../support/driver/killed-at.ts';
import type { World, WorldOptions } from '../../support/driver/world.ts';
import {
  collected,
  collectionWorld,
  holdingOf,
  registersRow,
  rowNames,
  writes,
} from '../../support/pages/collection-world.ts';
import { leftOver, pageViolations } from '../../support/pages/page-violations.ts';

/*
 * A worker is killed before and after each of its calls. Then something comes, or nothing, and time goes on until others
 * have taken over.
 */

const ROWS = rowNames(120);
const WRITTEN = ['r-000001', 'r-000119', 'new-1', 'a-new-1'];
const PORTS = ['registry', 'store', 'queues'] as const;

interface Between {
  readonly name: string;
  happens(w: World): Promise<void>;
  later?(w: World): Promise<void>;
  /** Rows that have to be there in the end; all others have to be gone. */
  readonly stay?: readonly string[];
  /** Nothing may be deleted from then on. */
  readonly stops?: boolean;
  /** If the disposal had ended and is not settled yet, the collection begins again. */
  readonly beginsAgain?: boolean;
  /** Written then: if the disposal had ended, they stay. */
  readonly written?: readonly string[];
}

const BETWEEN: readonly Between[] = [
  { name: 'nothing', async happens() {} },
  {
    name: 'the contract is renewed',
    async happens(w) {
      const contract = w.entity('contract', 'c-1');
      await w.happened(contract, w.fact('contract.renewed', new Date(w.clock.now()).toISOString()));
    },
    stops: true,
    beginsAgain: true,
  },
  {
    name: 'a hold, and its release',
    async happens(w) {
      await placeHold(w.core, aHoldOn(w.entity('contract', 'c-1').ref));
    },
    async later(w) {
      const hold = aHoldOn(w.entity('contract', 'c-1').ref);
      await endHold(w.core, hold);
      await hintParked(w.core, hold.id);
    },
  },
  {
    name: 'rows are written again, and new ones',
    async happens(w) {
      writes(w, 'c-1', WRITTEN);
    },
    written: WRITTEN,
  },
  {
    name: 'rows are removed by the application',
    async happens(w) {
      w.store.remove(['r-000001']);
      w.store.remove(['r-000110']);
    },
  },
  {
    name: 'a row is registered on its own, and written',
    async happens(w) {
      await registersRow(w, 'r-000005', [w.entity('contract', 'c-2')]);
      writes(w, 'c-1', ['r-000005']);
    },
    stay: ['r-000005'],
  },
];

async function dueChunk(options: WorldOptions) {
  const w = collectionWorld(options);
  const { contract, ref } = await collected(w, 'c-1');
  writes(w, 'c-1', ROWS);
  writes(w, 'c-9', ['other']);
  await w.happened(contract, w.fact('contract.ended', '2026-03-01'));
  return { w, ref, chunk: await handedOver(w) };
}

async function played(between: Between, kill: { number: number; when: When }, options: WorldOptions) {
  const { w, ref, chunk } = await dueChunk(options);
  const killed = killedAt(w.core, { ports: PORTS, ...kill });
  await workOnChunk(killed.core, chunk).catch(unlessKilled);
  const isWhole = killed.calls() < kill.number;
  const effects = w.store.effects.length;
  // It is durable that the stage has ended.
  const hadEnded = w.registry.allResults().length > 0;
  // Then `ingest` begins it again, with whatever it says.
  const wasSettled = holdingOf(w, ref)?.state === 'disposed';
  await between.happens(w);
  await leaseEnds(w);
  await w.run(w.clock.now() + 6 * 3_600_000);
  const stopped = w.store.effects.length === effects;
  await between.later?.(w);
  await w.run(w.clock.now() + 12 * 3_600_000);
  const { stay = [], written = [], stops = false } = between;
  const wrong = [...(await pageViolations(w, written)), ...leftOver(w)];
  if (stops && !stopped) wrong.push('something was deleted that was to stay');
  const mayStay = new Set(stops ? ROWS : [...stay, ...(hadEnded ? written : [])]);
  const left = [...ROWS, ...WRITTEN].filter((row) => w.store.fields([row]) !== undefined);
  if (left.some((row) => !mayStay.has(row))) wrong.push(`${left.length} rows are left`);
  if (stay.some((row) => !left.includes(row))) wrong.push('a row that was registered is gone');
  if (w.store.fields(['other']) === undefined) wrong.push('a row of another contract is gone');
  const { state, generation } = holdingOf(w, ref) ?? {};
  const isOpen = hadEnded ? between.beginsAgain === true && !wasSettled : stops || stay.length > 0;
  if (state !== (isOpen ? 'active' : 'disposed')) wrong.push(`the collection is ${state}`);
  if (hadEnded && isOpen && generation !== 2)
    wrong.push('the disposal that ended is not one of its generations');
  return { isWhole, wrong };
}

describe.for(BETWEEN)(
  'a worker on a collection is killed at each of its calls, and then comes: $name',
  (between) => {
    test.for([
      ['with versions', { versions: true }],
      ['without versions', { versions: false }],
      ['where lists are as strict as looks', { isStrict: true }],
      ['with two parts in flight', { isStrict: true, batch: 45 }],
    ] as const)(
      'all is deleted once, told once, and nothing is left (%s)',
      { timeout: 60_000 },
      async ([, options]) => {
        const wrong: string[] = [];
        let number = 1;
        for (; number < 200; number += 1) {
          const found = await played(between, { number, when: 'before' }, options);
          if (found.isWhole) break;
          const after = await played(between, { number, when: 'after' }, options);
          wrong.push(...found.wrong.map((what) => `before ${number}: ${what}`));
          wrong.push(...after.wrong.map((what) => `after ${number}: ${what}`));
        }
        expect(wrong).toEqual([]);
        expect(number).toBeGreaterThan(20);
        expect(number).toBeLessThan(200);
      },
    );
  },
);
