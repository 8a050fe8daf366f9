import type { Holding } from '../../domain/record/holding.ts';
import type { Instant } from '../../domain/record/ids.ts';
import type { DamagedHolding } from '../../ports/holdings.ts';
import type { Registry } from '../../ports/registry.ts';
import type { Core } from '../core.ts';

/*
 * A store is marked before the first of its records is registered on its own, and the mark stays. So a lane that reads no
 * mark after it has listed records knows that none of them was registered before it listed them: it need not ask for each.
 *
 * A table may have records from before there were marks, or be restored from a time before one. So no mark says something
 * only while walks over all holdings have marked what they found. The first walk may have begun under a release that did
 * not mark, while such a release still registered: it takes another one, which began after the first had ended. What was
 * walked before a table was adopted, or too long ago, does not count.
 */

/** A census begins once a day, and may take a day. */
const LONGEST_SINCE_WALK = 60 * 3_600_000;
/** Of a table that was not restored. */
const NOT_ADOPTED = '-';

const markedBefore = new WeakMap<Registry, Set<string>>();

/** Before anything of the registration is written. A write for each store and process. */
export async function markRegistered({ registry }: Pick<Core, 'registry'>, store: string): Promise<void> {
  const known = markedBefore.get(registry) ?? new Set();
  if (known.has(store)) return;
  await registry.markRegistered(store);
  markedBefore.set(registry, known.add(store));
}

type Asking = Pick<Core, 'registry' | 'clock' | 'adopted'>;

/** Whether no record of the store can have been registered on its own before this was called. */
export async function hasNoRegistered(core: Asking, store: string): Promise<boolean> {
  const { stores, walked } = await core.registry.registeredMarks();
  return !stores.has(store) && walked?.of === ofTable(core) && isFresh(core, walked.last);
}

/** Marks the stores of what a walk finds: also of what is disposed of, and of what cannot be read. */
export function markingWalk({
  registry,
  configuration,
}: Pick<Core, 'registry' | 'configuration'>): (
  items: readonly Holding[],
  damaged: readonly DamagedHolding[],
) => Promise<void> {
  let known: Set<string> | undefined;
  return async (items, damaged) => {
    known ??= new Set((await registry.registeredMarks()).stores);
    const unknown = damaged.some(({ store }) => store === undefined) ? Object.keys(configuration.stores) : [];
    const found = [
      ...items.flatMap(({ store, collection }) => (collection === undefined ? [store] : [])),
      ...damaged.flatMap(({ store }) => store ?? []),
      ...unknown,
    ];
    for (const store of new Set(found)) {
      if (known.has(store)) continue;
      await registry.markRegistered(store);
      known.add(store);
    }
  };
}

/** All segments of a walk have ended. `begun`: it did not begin before that. */
export async function noteWalked(core: Asking, begun: Instant): Promise<void> {
  const { walked } = await core.registry.registeredMarks();
  const of = ofTable(core);
  if (walked?.of !== of || !isFresh(core, walked.last ?? walked.first))
    return core.registry.noteMarksWalked({ of, first: core.clock.now() });
  if (begun <= Math.max(walked.first, walked.last ?? 0)) return;
  return core.registry.noteMarksWalked({ ...walked, last: begun });
}

function ofTable({ adopted = NOT_ADOPTED }: Pick<Asking, 'adopted'>): string {
  return adopted;
}

function isFresh({ clock }: Pick<Asking, 'clock'>, at: Instant | undefined): boolean {
  return at !== undefined && clock.now() < at + LONGEST_SINCE_WALK;
}
