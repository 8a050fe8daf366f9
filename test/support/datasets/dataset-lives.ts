import fc from 'fast-check';
import { isoUtc } from '../../../shared/domain/calendar/utc-time.ts';
import { driver, type Driver } from '../driver/driver.ts';
import { NOTES } from '../pages/collection-world.ts';
import {
  aContract as contract,
  aRow as row,
  Book,
  type Contract,
  CONTRACTS,
  type ContractStep,
  DAY,
  during,
  HOUR,
  noteWritten,
  playStep,
} from '../pages/contract-lives.ts';
import { leftOver, pageViolations } from '../pages/page-violations.ts';
import { LOGS, rowsOptions } from './rows-world.ts';

/** Random lives of the rows of a dataset, beside a collection in the same store and rows that are registered on their own. */

const RULE =
  'the later of (2 days after the later of record.created and record.used if any) and 1 day after contract.ended if any';

type Kind = 'log' | 'note';

interface Written {
  readonly of: Kind;
  readonly contract: Contract | null;
  /** Hours since it was created, and since it was used. */
  readonly age: number;
  readonly used: number | null;
}

export type Step =
  | ContractStep
  | ({ readonly kind: 'writes'; readonly row: number } & Written)
  | { readonly kind: 'writes-many'; readonly contract: Contract };

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
  if (step.kind === 'writes') return put(d, book, `r-${step.row}`, step);
  if (step.kind === 'writes-many') {
    for (let n = 0; n < 130; n += 1)
      put(d, book, `${step.contract}-${n}`, { of: 'log', contract: step.contract, age: 30, used: null });
    return;
  }
  if (step.kind === 'kills') {
    // The next worker has something to do.
    const more = book.written.size;
    for (let n = 0; n < 5; n += 1)
      put(d, book, `more-${more}-${n}`, { of: 'log', contract: null, age: 60, used: null });
  }
  return playStep(d, book, step);
}

function put(d: Driver, book: Book, name: string, { of, contract: owner, age, used }: Written): void {
  noteWritten(d, book, name);
  const now = d.clock.now();
  d.store.put([name], {
    kind: of,
    contract: owner,
    created: isoUtc(now - age * HOUR),
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
