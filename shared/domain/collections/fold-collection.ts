import { contentDigest, nextGeneration } from '../facts/fold-registration.ts';
import { tombstoneOf } from '../facts/tombstone.ts';
import { present } from '../present.ts';
import type { AboutEntity } from '../record/about.ts';
import type { Holding, HoldingVariant, KnownContent } from '../record/holding.ts';
import type { HoldingRef, Instant } from '../record/ids.ts';

/**
 * A collection is registered by facts about its entity. In any order and any number of times they end in the same
 * holding: it was sent when the first of them was, so a request covers it that came before or after the others, and what
 * is sent later, while the collection is there, takes it out of no erasure. Where its records were disposed of, it begins
 * again with the first fact that was sent later. Pure; nothing here writes.
 */

/** What a fact, or the registration of a record, says of a collection. */
export interface CollectionFact {
  readonly ref: HoldingRef;
  readonly store: string;
  /** Its name: the category of its records. */
  readonly collection: string;
  readonly producer: string;
  readonly entity: AboutEntity;
  /** When it was sent. A request: from when it counts, if that is earlier. */
  readonly sent: Instant;
  readonly received: Instant;
  /**
   * For how many milliseconds after it was sent a disposal may have missed records that it brings. 0: it brings none.
   */
  readonly brings: number;
}

interface CollectionFolding {
  /**
   * A worker may be at the collection, or a restore: its version has to move with each fact, so that what is settled on
   * the former one is looked at again.
   */
  readonly isWatched: boolean;
}

type FoldedCollection =
  | {
      readonly kind: 'folded';
      /** Without a locator where it is new: the caller seals the id. */
      readonly next: Holding;
      /** Goes into `T#` first. */
      readonly tombstone?: Holding;
    }
  /** The collection is there already, or the fact is of the time before its records were disposed of. */
  | { readonly kind: 'nothing' };

const NOTHING: FoldedCollection = { kind: 'nothing' };

export function foldCollection(
  before: Holding | undefined,
  fact: CollectionFact,
  { isWatched }: CollectionFolding,
): FoldedCollection {
  if (before === undefined) return { kind: 'folded', next: firstOf(fact) };
  switch (before.state) {
    case 'disposed':
    case 'withdrawn':
      return beginAgain(before, fact);
    case 'pending':
    case 'active':
      return join(before, fact, isWatched);
  }
}

function firstOf(fact: CollectionFact): Holding {
  const { ref, store, collection, received: registeredAt } = fact;
  const variants = [variantOf(fact, 1)];
  return { ref, store, collection, version: 1, generation: 1, state: 'active', registeredAt, variants };
}

function variantOf(
  { producer, collection, entity, sent, received }: CollectionFact,
  version: number,
): HoldingVariant {
  const content = { producer, categories: [collection], purposes: [], entities: [entity] };
  return {
    ...content,
    content: contentDigest(content),
    sent: Math.min(sent, received),
    received,
    since: version,
    folded: version,
  };
}

/**
 * After a disposal, what was sent later begins the next generation. So does what was sent a little earlier and may bring
 * records that the disposal did not find yet: they belong to what was disposed of, so they go when that went.
 */
function beginAgain(before: Holding, fact: CollectionFact): FoldedCollection {
  const ended = endedAt(before);
  const version = before.version + 1;
  const own = variantOf(fact, version);
  const isLater = own.sent > ended;
  if (!isLater && own.sent + fact.brings <= ended) return NOTHING;
  const former = before.variants.find((one) => isSame(one, own));
  const sent = isLater || former === undefined ? own.sent : Math.min(former.sent, own.sent);
  const next = nextGeneration(before, [{ ...own, sent }], version, fact.received);
  return {
    kind: 'folded',
    next: { ...next, collection: fact.collection, ...knownUntil(next, own, ended) },
    tombstone: tombstoneOf(before),
  };
}

function join(before: Holding, fact: CollectionFact, isWatched: boolean): FoldedCollection {
  const version = before.version + 1;
  const own = variantOf(fact, version);
  const found = before.variants.find((one) => isSame(one, own));
  // The configuration names another producer or type of entity since: the records are kept by whichever keeps longer.
  if (found === undefined)
    return { kind: 'folded', next: { ...before, version, variants: [...before.variants, own] } };
  const ended = clearedAt(before);
  const isLater = own.sent > ended;
  if (isLater && found.sent <= ended) return restart(before, own, ended);
  const isEarliest = isLater === found.sent > ended && own.sent < found.sent;
  const isNews = isWatched && fact.received > found.received;
  if (!isEarliest && !isNews) return NOTHING;
  const joined: HoldingVariant = {
    ...found,
    ...(isEarliest && { sent: own.sent }),
    ...(isNews && {
      received: fact.received,
      registeredAt: found.registeredAt ?? found.received,
    }),
  };
  return { kind: 'folded', next: { ...before, version, variants: replaced(before, found, joined) } };
}

/** Its records were disposed of, but for those that are kept on their own: what is written since is another time's. */
function restart(before: Holding, own: HoldingVariant, ended: Instant): FoldedCollection {
  const found = before.variants.find((one) => isSame(one, own));
  const { kept: _kept, ...rest } = before;
  const received = Math.max(own.received, found?.received ?? 0);
  const variants = replaced(before, found, { ...own, received });
  const next = { ...rest, version: own.folded, variants, ...knownUntil(before, own, ended) };
  return { kind: 'folded', next };
}

function replaced(
  { variants }: Holding,
  found: HoldingVariant | undefined,
  by: HoldingVariant,
): readonly HoldingVariant[] {
  return variants.map((one) => (one === found ? by : one));
}

/** When what was sent until then had been disposed of, in this generation or before it. */
function clearedAt({ known = [], kept }: Holding): Instant {
  return Math.max(kept?.at ?? -Infinity, ...known.map(({ sent }) => sent));
}

/** When the last of a tombstone's records went. */
function endedAt({ done = [] }: Holding): Instant {
  return Math.max(-Infinity, ...done.filter(({ stage }) => stage === 'delete').map(({ at }) => at));
}

/** Remembers until when what was sent belongs to the time before. */
function knownUntil({ known = [] }: Holding, own: HoldingVariant, ended: Instant): Pick<Holding, 'known'> {
  const others = known.filter((one) => !isSame(one, own));
  const { producer, content } = own;
  const all: readonly KnownContent[] = [
    ...(Number.isFinite(ended) ? [{ producer, content, sent: ended }] : []),
    ...others,
  ];
  return present({ known: all.length > 0 ? all : undefined });
}

/**
 * The next generation of a collection that the settlement of its disposal has made, for records that this may have missed.
 * It belongs to what was disposed of, until something is sent later.
 */
export function continued(next: Holding, ended: Instant): Holding {
  return next.variants.reduce((holding, one) => ({ ...holding, ...knownUntil(holding, one, ended) }), next);
}

function isSame(
  a: Pick<HoldingVariant, 'producer' | 'content'>,
  b: Pick<HoldingVariant, 'producer' | 'content'>,
): boolean {
  return a.producer === b.producer && a.content === b.content;
}
