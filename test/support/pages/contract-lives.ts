import fc from 'fast-check';
import { isoUtc } from '../../../shared/domain/calendar/utc-time.ts';
import { placeHold } from '../../../shared/protocol/hold.ts';
import type { Driver } from '../driver/driver.ts';
import { aHoldOn } from '../driver/hold-play.ts';
import { killAt } from '../driver/kill-points.ts';

/** What happens in random lives of rows, whatever the rows are: to a few contracts, and to the processes. */

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
export const CONTRACTS = ['c-0', 'c-1', 'c-2'] as const;
const ROWS = 12;

export type Contract = (typeof CONTRACTS)[number];

export type ContractStep =
  | {
      readonly kind: 'removes' | 'registers' | 'withdraws';
      readonly row: number;
      readonly contract: Contract;
    }
  | { readonly kind: 'ends' | 'renews' | 'holds' | 'releases'; readonly contract: Contract }
  | { readonly kind: 'kills'; readonly call: number; readonly when: 'before' | 'after' }
  | {
      readonly kind: 'fails';
      readonly call: 'look' | 'delete' | 'readBack' | 'list' | 'idsOf' | 'range';
      readonly times: number;
    }
  | { readonly kind: 'passes'; readonly hours: number };

export const aContract = fc.constantFrom(...CONTRACTS);
export const aRow = fc.nat(ROWS - 1);

interface Span {
  readonly from: number;
  to: number;
}

/** What really happened, for the judge: it knows nothing of chunks, passes and plans. */
export class Book {
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

export const open = (spans: readonly Span[] | undefined): Span | undefined =>
  spans?.find(({ to }) => to === Infinity);
export const during = ({ from, to }: Span, at: number): boolean => from < at && to > at;

export async function playStep(d: Driver, book: Book, step: ContractStep): Promise<void> {
  const now = d.clock.now();
  switch (step.kind) {
    case 'removes':
      return d.store.remove([`r-${step.row}`]);
    case 'registers': {
      const name = `r-${step.row}`;
      const all = book.registered.get(name) ?? [];
      book.registered.set(name, [...all, { contract: step.contract, span: { from: now, to: Infinity } }]);
      d.registers(name, [step.contract]);
      return d.settle();
    }
    case 'withdraws':
      endRegistrations(book, `r-${step.row}`, now);
      d.withdraws(`r-${step.row}`);
      return d.settle();
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
      return d.onNext('dispose', killAt(step.call, step.when));
    case 'fails':
      return d.store.fail({ call: step.call, code: 'STORE_TIMEOUT', times: step.times, acts: true });
    case 'passes':
      return d.pass(step.hours * HOUR);
  }
}

export function noteWritten(d: Driver, book: Book, name: string): void {
  // What was registered before its row was there, and has been disposed of since, is not about the row that comes now.
  if (d.holding(name)?.state === 'disposed') endRegistrations(book, name, d.clock.now());
  if (book.written.has(name)) book.rewritten.add(name);
  book.written.set(name, d.clock.now());
}

function endRegistrations({ registered }: Book, name: string, now: number): void {
  for (const { span } of registered.get(name) ?? []) span.to = Math.min(span.to, now);
}
