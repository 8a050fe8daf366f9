import { type CollectionFact, continued, foldCollection } from '../../domain/collections/fold-collection.ts';
import type { Fact } from '../../domain/facts/facts.ts';
import { isEffectType } from '../../domain/people/effects.ts';
import { REACHED, SHARED } from '../../domain/people/linked.ts';
import { present } from '../../domain/present.ts';
import type { Holding } from '../../domain/record/holding.ts';
import type { Instant } from '../../domain/record/ids.ts';

import { LINKED } from '../../domain/record/incoming.ts';
import type { ResultLine } from '../../domain/record/work.ts';
import { minuteUp } from '../hint.ts';
import { type CollectingCore, writeLag } from './register-collections.ts';
import { registeredOn } from './registered-on.ts';

/** What a result says of a disposal. */
type Disposal = Pick<ResultLine, 'lookedAt' | 'at'>;

/**
 * What was said about a collection's entities that its disposal does not settle, the earliest first. A fact that arrived
 * while the collection was there has left no trace in it: only the history of the entity tells. It is read before the
 * holding is written, so of a fact that comes in between, either this or `ingest` sees the other.
 */
export async function saidSince(
  core: CollectingCore,
  { ref, store, collection, variants }: Holding,
  { lookedAt, at }: Disposal,
): Promise<readonly CollectionFact[]> {
  if (collection === undefined) return [];
  // Records that it brings may be written for a write lag after it was sent.
  const missed = writeLag(core, collection, at) + minuteUp(at) - lookedAt;
  const said: CollectionFact[] = [];
  for (const variant of variants) {
    for (const entity of variant.entities) {
      const { producer } = variant;
      for (const fact of await core.registry.history(entity.ref)) {
        const brings = bringsRecords(fact) ? missed : 0;
        const sent = countsFrom(fact);
        if (isNote(fact) || sent + brings <= minuteUp(at)) continue;
        const received = await registeredOn(core, { received: fact.received, isReplayed: true });
        said.push({ ref, store, collection, producer, entity, sent, received, brings });
      }
    }
  }
  return said.toSorted((a, b) => a.sent - b.sent);
}

interface Settled {
  readonly after: Holding;
  /** Put first, where the next generation takes the item. */
  readonly tombstone?: Holding;
}

/**
 * What becomes of a collection whose disposal at that instant is settled, with all that was said since. `before`: as it
 * was read. Pure.
 */
export function afterFacts(
  before: Holding,
  settled: Settled,
  { said, at }: { readonly said: readonly CollectionFact[]; readonly at: Instant },
): Settled {
  const isNext = settled.after.generation > before.generation;
  const begun: Settled = isNext ? { ...settled, after: continued(settled.after, minuteUp(at)) } : settled;
  return said.reduce((now, fact): Settled => {
    // All of it is one write.
    const folded = foldCollection({ ...now.after, version: before.version }, fact, { isWatched: false });
    if (folded.kind === 'nothing') return now;
    const { kind: _kind, next, tombstone = now.tombstone } = folded;
    return { after: { ...present({ locator: before.locator }), ...next }, ...present({ tombstone }) };
  }, begun);
}

/** A request counts from when it was asked for, as in `ingest`. */
function countsFrom({ kind, type, occurred, sent }: Fact): Instant {
  return kind === 'event' && isEffectType(type) && occurred !== undefined
    ? Math.min(Date.parse(occurred), sent)
    : sent;
}

function bringsRecords({ kind, type }: Fact): boolean {
  return kind === 'event' && !isEffectType(type) && type !== LINKED;
}

/** Of our own making: no one has said anything. */
function isNote({ type }: Fact): boolean {
  return type === REACHED || type === SHARED;
}
