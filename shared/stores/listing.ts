import * as z from 'zod';
import type { CollectionPlace, KeyColumn, KeyType } from '../domain/configuration/configuration.ts';
import { canonicalLocator } from '../domain/configuration/locator.ts';
import { present } from '../domain/present.ts';
import {
  type Listed,
  type Locator,
  MOST_LISTED,
  type Presence,
  type Ranged,
  type RangedRow,
  type StoreFailure,
} from '../ports/store.ts';

/** One page as the engine gave it. */
export type Page<At, Of> =
  | {
      /** In order; `undefined` for a record that no locator can name. */
      readonly rows: readonly (Of | undefined)[];
      /** Where the next page begins; absent if the engine has no more. */
      readonly next?: At;
    }
  | { readonly code: StoreFailure };

const SCHEMA = { state: 'unknown', code: 'STORE_SCHEMA' } as const;

interface Asked {
  readonly limit: number;
  readonly after: string | undefined;
}

/** A record of a list. */
export interface ListedRow {
  readonly locator: Locator;
  /** Where the list is as strict as `look`. */
  readonly presence?: Presence;
}

/** Lists one page. `position` parses the engine's position. */
export async function listPage<At>(
  asked: Asked,
  position: z.ZodType<At>,
  ask: (at: At | undefined) => Promise<Page<At, ListedRow>>,
): Promise<Listed> {
  const page = await readPage(asked, position, ask);
  if (page.state === 'unknown') return page;
  const locators = page.rows.map(({ locator }) => locator);
  const seen = page.rows.flatMap(({ presence }) => presence ?? []);
  const isSeen = seen.length > 0 && seen.length === locators.length;
  return { state: 'listed', locators, ...(isSeen && { seen }), ...present({ next: page.next }) };
}

/** The same for the rows of a range. */
export async function rangePage<At>(
  asked: Asked,
  position: z.ZodType<At>,
  ask: (at: At | undefined) => Promise<Page<At, RangedRow>>,
): Promise<Ranged> {
  const page = await readPage(asked, position, ask);
  if (page.state === 'unknown') return page;
  return { state: 'ranged', rows: page.rows, ...present({ next: page.next }) };
}

type Read<Of> =
  | { readonly state: 'page'; readonly rows: readonly Of[]; readonly next?: string }
  | { readonly state: 'unknown'; readonly code: StoreFailure };

/**
 * `next` is the engine's position, and whether a record without a name was left out so far: then the list
 * ends with `STORE_SCHEMA`, after everything else was listed.
 */
async function readPage<At, Of>(
  { limit, after }: Asked,
  position: z.ZodType<At>,
  ask: (at: At | undefined) => Promise<Page<At, Of>>,
): Promise<Read<Of>> {
  if (!Number.isInteger(limit) || limit < 1 || limit > MOST_LISTED)
    throw new RangeError(`a page has 1 to ${MOST_LISTED} records`);
  const begin = after === undefined ? { at: undefined, isUnnamed: false } : cursorOf(after, position);
  if (begin === undefined) return SCHEMA;
  const page = await ask(begin.at);
  if ('code' in page) return { state: 'unknown', code: page.code };
  const rows = page.rows.filter((row) => row !== undefined);
  const isUnnamed = begin.isUnnamed || rows.length < page.rows.length;
  if (page.next === undefined && !isUnnamed) return { state: 'page', rows };
  if (page.next === undefined && rows.length === 0) return SCHEMA;
  return { state: 'page', rows, next: JSON.stringify([page.next ?? null, isUnnamed]) };
}

/** `undefined` if no page can have ended there, or if only what has no name is left. */
function cursorOf<At>(
  after: string,
  position: z.ZodType<At>,
): { readonly at: At; readonly isUnnamed: boolean } | undefined {
  const parsed = z.tuple([position, z.boolean()]).safeParse(jsonOf(after));
  return parsed.success ? { at: parsed.data[0], isUnnamed: parsed.data[1] } : undefined;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The record's locator; `undefined` if these key values cannot be named. */
export function namedBy(keys: readonly KeyColumn[], values: readonly unknown[]): Locator | undefined {
  const locator = canonicalLocator(keys, values);
  return locator.ok ? locator.locator : undefined;
}

/**
 * An id as a value of this type; `undefined` if no value is that id. `042` is another id than `42`, so it finds no number:
 * what is listed for one id must never belong to another one. A uuid has one spelling, too: a record tells only that one, and
 * has to be known to be in the collection that lists it. `ingest` makes the collection of that spelling for each id that is a uuid.
 */
export function idValue(type: KeyType, id: string): string | undefined {
  return idOf(type, id) === id ? id : undefined;
}

/** The id that finds a value of this type; `undefined` if none does. */
export function idOf(type: KeyType, value: unknown): string | undefined {
  // Not as a key, which may not be as long.
  if (type === 'text') return typeof value === 'string' && value.isWellFormed() ? value : undefined;
  const [canonical] = namedBy([{ name: '', type }], [value]) ?? [];
  return canonical === undefined ? undefined : String(canonical);
}

/** A record has one value in each field: only different values of one field tell two collections of a table apart. */
export function fieldOverlap(
  { where: one = {} }: CollectionPlace,
  { where: other = {} }: CollectionPlace,
): string | undefined {
  const areApart = Object.entries(one).some(
    ([field, value]) => Object.hasOwn(other, field) && other[field] !== value,
  );
  return areApart
    ? undefined
    : "write a `where` in both, with different values of one field, such as where: { kind: 'invoice' } and where: { kind: 'draft' }";
}
