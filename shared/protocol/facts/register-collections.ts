import { dayId } from '../../domain/calendar/utc-time.ts';
import { type CollectionFact, foldCollection } from '../../domain/collections/fold-collection.ts';
import { effectivePolicies, policyOf } from '../../domain/configuration/effective-policies.ts';
import type { Holding } from '../../domain/record/holding.ts';
import { lookAtOf } from '../../domain/record/holding.ts';
import type { HoldingRef, Instant } from '../../domain/record/ids.ts';
import type { Keys } from '../../ports/keys.ts';
import type { Core } from '../core.ts';
import { setDamagedAside } from '../damaged.ts';
import { rePlan } from '../plan-writer.ts';
import { writeFolded } from '../registration.ts';
import { seconds } from '../seconds.ts';
import { registeredOn } from './registered-on.ts';

export type CollectingCore = Core & { readonly keys: Keys };

/** The collection of one entity. */
export interface NamedCollection extends Pick<
  CollectionFact,
  'ref' | 'store' | 'collection' | 'producer' | 'entity'
> {
  /** As records carry it. */
  readonly id: string;
}

/** The fact about the entity, or the registration of a record that names it. It is on record already. */
export interface Said extends Pick<CollectionFact, 'sent' | 'received'> {
  /** Records may be written because of it. */
  readonly bringsRecords: boolean;
  readonly isReplayed: boolean;
  /** An earlier run may have died with it. */
  readonly isRepeated: boolean;
}

/**
 * Registers the collections of an entity that a fact is about, or begins them again. Costs one read for all of them where
 * they are there already. For each: pointer, then the states, then the hint, then the holding with its plan, on the
 * version read, then the states again. No answer tells whether anything was written: every repeat is the same fold, and
 * what an earlier run may have left unplanned is planned again.
 */
export async function registerCollections(
  core: CollectingCore,
  named: readonly NamedCollection[],
  said: Said,
): Promise<void> {
  if (named.length === 0) return;
  const { holdings, damaged } = await core.registry.readHoldings(named.map(({ ref }) => ref));
  await setDamagedAside(core, damaged);
  const readable = named.filter(({ ref }) => !damaged.some((one) => one.ref === ref));
  const asTheyWere: HoldingRef[] = [];
  for (const one of readable)
    if ((await registerOne(core, one, said, holdings.get(one.ref))) === 'nothing') asTheyWere.push(one.ref);
  if (said.isRepeated && asTheyWere.length > 0) await rePlan(core, asTheyWere);
}

async function registerOne(
  core: CollectingCore,
  { id, ...collection }: NamedCollection,
  { sent, received: heard, bringsRecords, isReplayed }: Said,
  read: Holding | undefined,
): Promise<'registered' | 'nothing'> {
  const { ref, store, producer, entity } = collection;
  for (let before = read; ; before = (await core.registry.holdings([ref])).get(ref)) {
    const now = core.clock.now();
    const brings = bringsRecords ? missedWithin(core, collection.collection, now) : 0;
    const isWatched = isReplayed || (before !== undefined && mayBeWorkedOn(core, before, now));
    const fold = (received: Instant) =>
      foldCollection(before, { ...collection, sent, received, brings }, { isWatched });
    if (fold(heard).kind === 'nothing') return 'nothing';
    const folded = fold(await registeredOn(core, { received: heard, isReplayed }));
    if (folded.kind === 'nothing') return 'nothing';
    await core.registry.putPointers([entity.ref], ref);
    if (folded.tombstone !== undefined) await core.registry.putTombstone(folded.tombstone);
    const locator = folded.next.locator ?? (await sealedId(core, { ref, store }, id));
    const next = { ...folded.next, locator };
    if ((await writeFolded(core, before, next)) === 'moved') continue;
    if (next.generation !== before?.generation) core.report('register.collected', { producer, store });
    await rePlan(core, [ref]);
    return 'registered';
  }
}

const MINUTE = 60_000;

/**
 * For how long after a fact a disposal may have missed records that it brings: the write lag, and an attempt from its look
 * at the store to its end, whose time is kept to the minute.
 */
function missedWithin(core: Pick<Core, 'configuration'>, category: string, now: Instant): number {
  return writeLag(core, category, now) + seconds(core.configuration.timing.lease) + MINUTE;
}

/** Of the policy that covers the collection's records, in milliseconds. */
export function writeLag(
  { configuration: { policies } }: Pick<Core, 'configuration'>,
  category: string,
  now: Instant,
): number {
  return seconds(policyOf(category, effectivePolicies(policies, now))?.writeLagSeconds ?? 0);
}

/** Whether a worker may have it in a chunk, or soon. */
function mayBeWorkedOn({ configuration }: Core, { state, decision }: Holding, now: Instant): boolean {
  const { lease, minimumHintDistance } = configuration.timing;
  const lookAt = lookAtOf(decision);
  return (
    state === 'pending' || (lookAt !== undefined && lookAt <= now + seconds(lease + minimumHintDistance))
  );
}

/** The locator of a collection is the id alone, sealed as a record's locator is. */
function sealedId(
  core: CollectingCore,
  { ref, store }: { readonly ref: HoldingRef; readonly store: string },
  id: string,
): Promise<string> {
  const bytes = Buffer.from(JSON.stringify([id]), 'utf8');
  return core.keys.encrypt({ scope: store, context: ref }, dayId(core.clock.now()), bytes);
}
