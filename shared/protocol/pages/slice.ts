import { canonicalLocator } from '../../domain/configuration/locator.ts';
import { holdingRef } from '../../domain/configuration/references.ts';
import { own } from '../../domain/own.ts';
import { present } from '../../domain/present.ts';
import type { HoldingRef } from '../../domain/record/ids.ts';
import type { GoneBy } from '../../domain/record/work.ts';
import type { Locator, Place, Presence, StoreFailure } from '../../ports/store.ts';
import type { LaneCore } from '../core.ts';
import { hasNoRegistered } from '../facts/registered-marks.ts';
import { sealedBytes } from './pack-locators.ts';

/** A record of a collection that is disposed of with it. */
export interface Row {
  readonly ref: HoldingRef;
  readonly locator: Locator;
  readonly recordVersion?: string;
}

/** Records that follow each other in the list of a collection or dataset: a pass moves on by whole slices. */
export interface Slice<One extends Row = Row> {
  /** There, and not registered on their own. Of a dataset: those that are due. */
  readonly rows: readonly One[];
  readonly listed: number;
  /** Registered on their own: their own plan decides. */
  readonly kept: number;
  /** The codes of those that could not be looked at. */
  readonly failed: readonly string[];
  /** Of the locators, as a work record has them. */
  readonly bytes: number;
  /** Absent at the end of the list. */
  readonly next?: string;
  /** Others that follow in this slice have no turn: it is listed again. */
  readonly isCut?: true;
  /** Of a dataset: the others, but for those that fail. */
  readonly goneBy?: Omit<GoneBy, 'failed'>;
}

/**
 * Lists records, then reads which of them are registered on their own: whatever is written or registered in between is
 * seen, or makes another version of the record. Where a list may be older than the records, as an index is, it looks at them
 * first, and asks whether they are still in the place: one may have been given to another entity a while ago.
 */
export async function readSlice(
  core: LaneCore,
  place: Place,
  limit: number,
  after: string | undefined,
): Promise<Slice | { readonly code: StoreFailure }> {
  const page = await core.store.list(place, limit, after);
  if (page.state === 'unknown') return { code: page.code };
  const failed: string[] = [];
  const byRef = new Map<HoldingRef, Seen>();
  const refOf = await refsOfRows(core);
  for (const [index, locator] of page.locators.entries()) {
    const ref = refOf(locator);
    if (ref === undefined) failed.push('STORE_SCHEMA');
    else byRef.set(ref, { ref, locator, ...present({ presence: page.seen?.[index] }) });
  }
  const looked = page.seen === undefined ? await lookAt(core, [...byRef.values()]) : [...byRef.values()];
  let there: readonly Row[] = looked.flatMap(({ ref, locator, presence }) =>
    presence?.state === 'present' ? [{ ref, locator, ...present({ recordVersion: presence.version }) }] : [],
  );
  failed.push(
    ...looked.flatMap(({ presence = LOST }) => (presence.state === 'unknown' ? [presence.code] : [])),
  );
  if (page.seen === undefined) {
    const inPlace = await stillIn(core, place, there);
    failed.push(...inPlace.failed);
    there = inPlace.rows;
  }
  const owned = await registeredAmong(core, there);
  const rows = there.filter(({ ref }) => !owned.has(ref));
  return {
    rows,
    listed: page.locators.length,
    kept: there.length - rows.length,
    failed,
    bytes: sealedBytes(rows.map(({ locator }) => locator)),
    ...present({ next: page.next }),
  };
}

interface Seen extends Pick<Row, 'ref' | 'locator'> {
  readonly presence?: Presence;
}

const LOST: Presence = { state: 'unknown', code: 'STORE_ERROR' };

async function lookAt({ store }: Pick<LaneCore, 'store'>, rows: readonly Seen[]): Promise<readonly Seen[]> {
  const presences = rows.length === 0 ? [] : await store.look(rows.map(({ locator }) => locator));
  return rows.map((row, index) => ({ ...row, presence: presences[index] ?? LOST }));
}

async function stillIn(
  { store }: Pick<LaneCore, 'store'>,
  { by, value, where }: Place,
  rows: readonly Row[],
): Promise<{ readonly rows: Row[]; readonly failed: readonly string[] }> {
  if (rows.length === 0) return { rows: [], failed: [] };
  const members = await store.idsOf(
    rows.map(({ locator }) => locator),
    { by, ...present({ where }) },
  );
  const still = rows.filter((_, index) => {
    const member = members[index];
    return member?.state === 'in' && member.id === value;
  });
  const failed = rows.flatMap((_, index) => {
    const member = members[index] ?? { state: 'unknown' as const, code: 'STORE_ERROR' };
    return member.state === 'unknown' ? [member.code] : [];
  });
  return { rows: still, failed };
}

/** The reference that each record would be registered with. Nothing if it cannot be named by the keys of now. */
export async function refsOfRows({
  keys,
  configuration,
  lane,
}: Pick<LaneCore, 'keys' | 'configuration' | 'lane'>): Promise<(locator: Locator) => HoldingRef | undefined> {
  const columns = own(configuration.stores, lane)?.keys ?? [];
  const key = await keys.registryKey();
  return (locator) => {
    const canonical = canonicalLocator(columns, locator);
    return canonical.ok ? holdingRef(key, lane, canonical.canonical) : undefined;
  };
}

/**
 * Those of the lane's records that are registered on their own. Also those whose registration cannot be read: what is
 * unknown keeps. The records have to have been read before.
 */
export async function registeredAmong(
  core: Pick<LaneCore, 'registry' | 'clock' | 'lane' | 'adopted'>,
  rows: readonly Pick<Row, 'ref'>[],
): Promise<ReadonlySet<HoldingRef>> {
  if (rows.length === 0 || (await hasNoRegistered(core, core.lane))) return new Set();
  const { holdings, damaged } = await core.registry.readHoldings(rows.map(({ ref }) => ref));
  const open = [...holdings.values()].filter(({ state }) => state !== 'disposed' && state !== 'withdrawn');
  return new Set([...open, ...damaged].map(({ ref }) => ref));
}

export function rowsOf(slices: readonly Slice[]): number {
  return slices.reduce((sum, { rows }) => sum + rows.length, 0);
}
