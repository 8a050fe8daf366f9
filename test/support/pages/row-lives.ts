import fc from 'fast-check';
import { placeHold } from '../../../shared/protocol/hold.ts';
import { driver, type Driver } from '../driver/driver.ts';
import { aHoldOn } from '../driver/hold-play.ts';
import { killAt } from '../driver/kill-points.ts';
import { NOTES } from './collection-world.ts';
import { leftOver, pageViolations } from './page-violations.ts';

/** Random lives of the rows of a few contracts, mixed with rows that are registered on their own. */

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const CONTRACTS = ['c-0', 'c-1', 'c-2'] as const;
const ROWS = 12;

type Contract = (typeof CONTRACTS)[number];

export type Step =
  | {
      readonly kind: 'writes' | 'removes' | 'registers' | 'withdraws';
      readonly row: number;
      readonly contract: Contract;
    }
  | { readonly kind: 'ends' | 'renews' | 'holds' | 'releases' | 'writes-many'; readonly contract: Contract }
  | { readonly kind: 'kills'; readonly call: number; readonly when: 'before' | 'after' }
  | {
      readonly kind: 'fails';
      readonly call: 'look' | 'delete' | 'readBack' | 'list' | 'idsOf';
      readonly times: number;
    }
  | { readonly kind: 'passes'; readonly hours: number };

const contract = fc.constantFrom(...CONTRACTS);
const row = fc.nat(ROWS - 1);

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

interface Span {
  readonly from: number;
  to: number;
}

/** What really happened, for the judge: it knows nothing of chunks, passes and plans. */
class Book {
  /** By contract: when it was ended, and until when that was so. */
  readonly ended = new Map<string, Span[]>();
  readonly held = new Map<string, Span[]>();
  /** Since when each contract is known by an event: before, it has no collection. */
  readonly known = new Map<string, number>();
  /** By row: about which contracts it was registered, since when. */
  readonly registered = new Map<string, { readonly contract: string; readonly span: Span }[]>();
  readonly written = new Map<string, number>();
  readonly rewritten = new Set<string>();
}

const open = (spans: readonly Span[] | undefined): Span | undefined =>
  spans?.find(({ to }) => to === Infinity);

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
  const now = d.clock.now();
  switch (step.kind) {
    case 'writes':
      return put(d, book, `r-${step.row}`, step.contract);
    case 'writes-many':
      for (let n = 0; n < 130; n += 1)
        put(d, book, `${step.contract}-${String(n).padStart(3, '0')}`, step.contract);
      return;
    case 'removes':
      return d.store.remove([`r-${step.row}`]);
    case 'registers': {
      const name = `r-${step.row}`;
      const all = book.registered.get(name) ?? [];
      book.registered.set(name, [...all, { contract: step.contract, span: { from: now, to: Infinity } }]);
      d.registers(name, [step.contract]);
      return d.settle();
    }
    case 'withdraws': {
      const name = `r-${step.row}`;
      for (const { span } of book.registered.get(name) ?? []) span.to = Math.min(span.to, now);
      d.withdraws(name);
      return d.settle();
    }
    case 'ends':
    case 'renews': {
      if (!book.known.has(step.contract)) book.known.set(step.contract, now);
      const spans = book.ended.get(step.contract) ?? [];
      book.ended.set(step.contract, spans);
      const current = open(spans);
      if (step.kind === 'renews' && current !== undefined) current.to = now;
      if (step.kind === 'ends' && current === undefined) spans.push({ from: now, to: Infinity });
      const type = step.kind === 'ends' ? 'contract.ended' : 'contract.renewed';
      // An end that comes again moves nothing.
      if (step.kind === 'renews' || current === undefined)
        d.happens(type, step.contract, new Date(now).toISOString());
      await d.settle();
      d.clock.advance(60_000);
      return;
    }
    case 'holds': {
      const spans = book.held.get(step.contract) ?? [];
      if (open(spans) !== undefined) return;
      const id = `h-${step.contract}-${spans.length}`;
      const placed = await placeHold(d.core, aHoldOn(await d.contract(step.contract), { id }));
      if (placed.kind !== 'placed') throw new Error('not placed');
      spans.push({ from: d.clock.now(), to: Infinity });
      book.held.set(step.contract, spans);
      return;
    }
    case 'releases': {
      const spans = book.held.get(step.contract) ?? [];
      const current = open(spans);
      if (current === undefined) return;
      current.to = now;
      d.toSweep({ kind: 'release', hold: `h-${step.contract}-${spans.indexOf(current)}` });
      return d.settle();
    }
    case 'kills':
      return d.onNext('dispose', killAt(step.call, step.when));
    case 'fails':
      return d.store.fail({ call: step.call, code: 'STORE_TIMEOUT', times: step.times, acts: true });
    case 'passes':
      return d.pass(step.hours * HOUR);
  }
}

function put(d: Driver, book: Book, name: string, owner: Contract): void {
  // What was registered before its row was there, and has been disposed of since, is not about the row that comes now.
  if (d.holding(name)?.state === 'disposed')
    for (const { span } of book.registered.get(name) ?? []) span.to = Math.min(span.to, d.clock.now());
  if (book.written.has(name)) book.rewritten.add(name);
  book.written.set(name, d.clock.now());
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
