import fc from 'fast-check';
import { isoUtc } from '../../../shared/domain/calendar/utc-time.ts';
import { placeHold } from '../../../shared/protocol/hold.ts';
import { driver, type Driver } from '../driver/driver.ts';
import { aHoldOn } from '../driver/hold-play.ts';
import { killAt } from '../driver/kill-points.ts';
import { NOTES } from '../pages/collection-world.ts';
import { leftOver, pageViolations } from '../pages/page-violations.ts';
import { LOGS, rowsOptions } from './rows-world.ts';

/** Random lives of the rows of a dataset, beside a collection in the same store and rows that are registered on their own. */

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const CONTRACTS = ['c-0', 'c-1', 'c-2'] as const;
const ROWS = 12;
const RULE =
  'the later of (2 days after the later of record.created and record.used if any) and 1 day after contract.ended if any';

type Contract = (typeof CONTRACTS)[number];
type Kind = 'log' | 'note';

export type Step =
  | {
      readonly kind: 'writes';
      readonly row: number;
      readonly of: Kind;
      readonly contract: Contract | null;
      /** Hours since it was created, and since it was used. */
      readonly age: number;
      readonly used: number | null;
    }
  | {
      readonly kind: 'removes' | 'registers' | 'withdraws';
      readonly row: number;
      readonly contract: Contract;
    }
  | { readonly kind: 'ends' | 'renews' | 'holds' | 'releases' | 'writes-many'; readonly contract: Contract }
  | { readonly kind: 'kills'; readonly call: number; readonly when: 'before' | 'after' }
  | {
      readonly kind: 'fails';
      readonly call: 'range' | 'delete' | 'readBack' | 'list';
      readonly times: number;
    }
  | { readonly kind: 'passes'; readonly hours: number };

const contract = fc.constantFrom(...CONTRACTS);
const row = fc.nat(ROWS - 1);

export const aStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('writes' as const),
      row,
      of: fc.constantFrom('log', 'log', 'log', 'note'),
      contract: fc.option(contract),
      age: fc.integer({ min: 0, max: 80 }),
      used: fc.option(fc.integer({ min: 0, max: 80 })),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom('removes', 'registers', 'withdraws'),
      row,
      contract,
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('ends', 'ends', 'renews'), contract }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constantFrom('holds', 'releases', 'writes-many'), contract }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('kills' as const),
      call: fc.integer({ min: 1, max: 22 }),
      when: fc.constantFrom('before', 'after'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('fails' as const),
      call: fc.constantFrom('range', 'delete', 'readBack', 'list'),
      times: fc.integer({ min: 1, max: 5 }),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('passes' as const), hours: fc.constantFrom(1, 2, 3, 12, 25) }),
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
  readonly registered = new Map<string, { readonly contract: string; readonly span: Span }[]>();
  readonly written = new Map<string, number>();
  readonly rewritten = new Set<string>();
  more = 0;
}

const open = (spans: readonly Span[] | undefined): Span | undefined =>
  spans?.find(({ to }) => to === Infinity);
const during = ({ from, to }: Span, at: number): boolean => from < at && to > at;

/** What happened in all lives together: a test that nothing happens in says nothing. */
export interface Seen {
  deletions: number;
  logs: number;
  interrupted: number;
  held: number;
  kept: number;
}

/** Plays these steps, lets time pass, and answers what is wrong: sentences, none if all is well. */
export async function livedRows(steps: readonly Step[], seen: Seen): Promise<readonly string[]> {
  const options = rowsOptions({ start: '2026-03-03T08:30:00Z' }, [RULE]);
  const collection = { ...NOTES, where: { kind: 'note' } };
  const dataset = { ...LOGS, where: { kind: 'log' } };
  const store = { ...options.store, datasets: [dataset] };
  const d = await driver({ ...options, store, collections: [collection] });
  const book = new Book();
  for (const step of steps) await play(d, book, step);
  d.store.repair();
  for (const one of CONTRACTS) await play(d, book, { kind: 'releases', contract: one });
  await d.pass(4 * DAY);
  const entries = d.registry.allResults().flatMap((result) => ('void' in result ? [] : result.entries));
  seen.deletions += d.store.effects.length;
  for (const { page, interrupted, categories } of entries) {
    if (!categories.includes('logs') || page === undefined) continue;
    seen.logs += 1;
    if (interrupted === true) seen.interrupted += 1;
    if (page.held !== undefined) seen.held += 1;
    if (page.kept !== undefined) seen.kept += 1;
  }
  const wrong = [...early(d, book), ...lost(d, book), ...(await pageViolations(d, [...book.rewritten]))];
  const thrown = d.runs.flatMap(({ error }) => (error === undefined ? [] : ['a function threw']));
  return [...wrong, ...leftOver(d), ...thrown];
}

async function play(d: Driver, book: Book, step: Step): Promise<void> {
  const now = d.clock.now();
  switch (step.kind) {
    case 'writes':
      return put(d, book, `r-${step.row}`, step);
    case 'writes-many':
      for (let n = 0; n < 130; n += 1)
        put(d, book, `${step.contract}-${n}`, { of: 'log', contract: step.contract, age: 30, used: null });
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
      for (const { span } of book.registered.get(`r-${step.row}`) ?? []) span.to = Math.min(span.to, now);
      d.withdraws(`r-${step.row}`);
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
      if (step.kind === 'renews' || current === undefined) d.happens(type, step.contract, isoUtc(now));
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
      // The next worker has something to do.
      book.more += 1;
      for (let n = 0; n < 5; n += 1)
        put(d, book, `more-${book.more}-${n}`, { of: 'log', contract: null, age: 60, used: null });
      return d.onNext('dispose', killAt(step.call, step.when));
    case 'fails':
      return d.store.fail({ call: step.call, code: 'STORE_TIMEOUT', times: step.times, acts: true });
    case 'passes':
      return d.pass(step.hours * HOUR);
  }
}

type Written = Pick<Extract<Step, { kind: 'writes' }>, 'of' | 'contract' | 'age' | 'used'>;

function put(d: Driver, book: Book, name: string, { of, contract: owner, age, used }: Written): void {
  // What was registered before its row was there, and has been disposed of since, is not about the row that comes now.
  if (d.holding(name)?.state === 'disposed')
    for (const { span } of book.registered.get(name) ?? []) span.to = Math.min(span.to, d.clock.now());
  if (book.written.has(name)) book.rewritten.add(name);
  const now = d.clock.now();
  book.written.set(name, now);
  const created = isoUtc(now - age * HOUR);
  d.store.put([name], {
    kind: of,
    contract: owner,
    created,
    used: used === null ? null : isoUtc(now - used * HOUR),
    country: null,
  });
}

type Fields = Readonly<Record<string, unknown>>;

/** Why a row must not go at this time, by the rules of its kind, or by those that it was registered for. */
function reasons(book: Book, name: string, fields: Fields, at: number): readonly string[] {
  const owner = fields['contract'];
  const own = (book.registered.get(name) ?? []).filter(({ span }) => during(span, at));
  const isNote = fields['kind'] === 'note';
  const inCollection =
    isNote && typeof owner === 'string' && (book.known.get(owner) ?? Infinity) < at ? [owner] : [];
  const about = new Set([...inCollection, ...own.map((one) => one.contract)]);
  const found = [...about].flatMap((one) => {
    const isDue = (book.ended.get(one) ?? []).some(({ from, to }) => from + DAY <= at && to > at);
    return isDue ? [] : [`its contract ${one} is not over`];
  });
  const named = own.length > 0 ? [] : typeof owner === 'string' ? [owner] : [];
  for (const one of new Set([...about, ...named]))
    if ((book.held.get(one) ?? []).some((span) => during(span, at))) found.push(`a hold on ${one}`);
  if (about.size > 0) return found;
  if (isNote) return ['nothing is about it'];
  const last = Math.max(...['created', 'used'].map((name_) => Date.parse(String(fields[name_])) || 0));
  if (last + 2 * DAY > at) found.push('its clock');
  for (const one of named)
    if ((book.ended.get(one) ?? []).some((span) => during(span, at) && span.from + DAY > at))
      found.push(`${one} has just ended`);
  return found;
}

function early(d: Driver, book: Book): readonly string[] {
  return d.store.effects.flatMap(({ locator, at, before }) =>
    reasons(book, String(locator[0]), before, at).map(
      (why) => `${String(locator[0])} went at ${isoUtc(at)}, and there was ${why}`,
    ),
  );
}

/** Rows of the dataset that are due for a day by the end, and are not registered, are gone. */
function lost(d: Driver, book: Book): readonly string[] {
  const end = d.clock.now();
  return [...book.written.keys()].flatMap((name) => {
    const fields = d.store.fields([name]);
    if (fields?.['kind'] !== 'log' || book.registered.has(name)) return [];
    return reasons(book, name, fields, end - DAY).length === 0 ? [`${name} is lost`] : [];
  });
}
