import fc from 'fast-check';
import { driver, type Driver } from '../driver/driver.ts';
import { NOTES } from './collection-world.ts';
import {
  aContract as contract,
  aRow as row,
  Book,
  type Contract,
  CONTRACTS,
  type ContractStep,
  DAY,
  noteWritten,
  open,
  playStep,
} from './contract-lives.ts';
import { leftOver, pageViolations } from './page-violations.ts';

/** Random lives of the rows of a few contracts, mixed with rows that are registered on their own. */

export type Step =
  | ContractStep
  | { readonly kind: 'writes'; readonly row: number; readonly contract: Contract }
  | { readonly kind: 'writes-many'; readonly contract: Contract };

export const aStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('writes' as const), row, contract }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom('removes', 'registers', 'registers', 'withdraws'),
      row,
      contract,
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('ends', 'ends', 'renews'), contract }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom('holds', 'releases', 'writes-many'), contract }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('kills' as const),
      call: fc.integer({ min: 1, max: 45 }),
      when: fc.constantFrom('before', 'after'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('fails' as const),
      call: fc.constantFrom('look', 'delete', 'readBack', 'list', 'idsOf'),
      times: fc.integer({ min: 1, max: 5 }),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('passes' as const), hours: fc.constantFrom(1, 3, 12, 25, 30) }),
  },
) as fc.Arbitrary<Step>;

/** What happened in all lives together: a test that nothing happens in says nothing. */
export interface Seen {
  deletions: number;
  pages: number;
  interrupted: number;
  kept: number;
  singles: number;
}

/** Plays these steps, lets time pass, and answers what is wrong: sentences, none if all is well. */
export async function lived(steps: readonly Step[], seen: Seen): Promise<readonly string[]> {
  const d = await driver({
    start: '2026-03-03T08:30:00Z',
    rules: { notes: ['1 day after contract.ended'] },
    collections: [NOTES],
    policy: { writeLagSeconds: 3600 },
    isStrict: steps.length % 2 === 0,
  });
  const book = new Book();
  for (const step of steps) await play(d, book, step);
  d.store.repair();
  for (const one of CONTRACTS) await play(d, book, { kind: 'releases', contract: one });
  await d.pass(4 * DAY);
  const entries = d.registry.allResults().flatMap((result) => ('void' in result ? [] : result.entries));
  seen.deletions += d.store.effects.length;
  for (const { page, interrupted } of entries) {
    if (page === undefined) seen.singles += 1;
    else seen.pages += 1;
    if (interrupted === true) seen.interrupted += 1;
    if (page?.kept !== undefined) seen.kept += 1;
  }
  return [...early(d, book), ...lost(d, book), ...(await pageViolations(d, [...book.rewritten])), ...left(d)];
}

async function play(d: Driver, book: Book, step: Step): Promise<void> {
  if (step.kind === 'writes') return put(d, book, `r-${step.row}`, step.contract);
  if (step.kind !== 'writes-many') return playStep(d, book, step);
  for (let n = 0; n < 130; n += 1)
    put(d, book, `${step.contract}-${String(n).padStart(3, '0')}`, step.contract);
}

function put(d: Driver, book: Book, name: string, owner: Contract): void {
  noteWritten(d, book, name);
  d.store.put([name], { contract: owner });
}

/** Nothing went before the day after the end of each contract that it was about, or under a hold on one of them. */
function early(d: Driver, book: Book): readonly string[] {
  return d.store.effects.flatMap(({ locator, at, before }) => {
    const name = String(locator[0]);
    const owner = String(before['contract']);
    const own = (book.registered.get(name) ?? []).filter(({ span }) => span.from < at && span.to > at);
    const inCollection = (book.known.get(owner) ?? Infinity) < at ? [owner] : [];
    const about = new Set([...inCollection, ...own.map((one) => one.contract)]);
    if (about.size === 0) return [`${name} went, and nothing was about it`];
    return [...about].flatMap((one) => {
      const isDue = (book.ended.get(one) ?? []).some(({ from, to }) => from + DAY <= at && to > at);
      const isHeld = (book.held.get(one) ?? []).some(({ from, to }) => from < at && to > at);
      return [
        ...(isDue ? [] : [`${name} of ${one} went at ${new Date(at).toISOString()}, early`]),
        ...(isHeld ? [`${name} went under a hold on ${one}`] : []),
      ];
    });
  });
}

/** What was written before its contract ended, and is due for all that it is about, is gone. */
function lost(d: Driver, book: Book): readonly string[] {
  const end = d.clock.now();
  return [...book.written].flatMap(([name, at]) => {
    const owner = d.store.fields([name])?.['contract'];
    if (typeof owner !== 'string') return [];
    const wasWithdrawn = (book.registered.get(name) ?? []).some(({ span }) => span.to < Infinity);
    const own = (book.registered.get(name) ?? []).filter(({ span }) => span.to === Infinity);
    const about = [owner, ...own.map((one) => one.contract)];
    const isDue = about.every((one) => {
      const current = open(book.ended.get(one));
      return current !== undefined && at <= current.from && current.from + 3 * DAY < end;
    });
    // What was kept for its own reasons, and withdrawn, is found when the collection is looked at again: in thirty days.
    return isDue && !wasWithdrawn ? [`${name} of ${owner} is lost`] : [];
  });
}

function left(d: Driver): readonly string[] {
  return [
    ...leftOver(d),
    ...d.registry.allQuarantined().map(({ code }) => `quarantined: ${code}`),
    ...d.runs.flatMap(({ error }) => (error === undefined ? [] : ['a function threw'])),
  ];
}
