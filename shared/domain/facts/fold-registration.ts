import { createHash } from 'node:crypto';
import { canonicalJson } from '../canonical-json.ts';
import { present } from '../present.ts';
import type { HoldingRef, Instant } from '../record/ids.ts';
import {
  type Holding,
  type HoldingVariant,
  type KnownContent,
  MOST_ENTITIES,
  MOST_HOLDING_BYTES,
  MOST_PURPOSES,
  MOST_VARIANTS,
  type Remark,
} from '../record/holding.ts';
import { asKept, tombstoneOf } from './tombstone.ts';

/**
 * Registrations and withdrawals of one holding are facts, folded by when they were sent: in any order and any number of
 * times they end in the same holding. Pure; nothing here writes.
 */

/** A registration as ingest understood it. */
export interface RegistrationFact {
  readonly ref: HoldingRef;
  readonly store: string;
  /** Sealed. */
  readonly locator: string;
  readonly content: Omit<
    HoldingVariant,
    'content' | 'sent' | 'received' | 'registeredAt' | 'since' | 'folded'
  >;
  /** When the producer says that it sent it; taken as `received` where that is later or missing. */
  readonly sent: Instant;
  readonly received: Instant;
}

export type RegistrationRefusal =
  /** More contents, entities, purposes or bytes than a holding may have. */
  | 'HOLDING_TOO_LARGE'
  /** Older than all that the holding remembers of its earlier generations: it is unknown whether it came before. */
  | 'REGISTRATION_TOO_OLD';

export type FoldedRegistration =
  | {
      readonly kind: 'folded';
      readonly next: Holding;
      /** Goes into `T#` first. */ readonly tombstone?: Holding;
    }
  /** It came before, or a withdrawal that was sent later has taken it back. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'refused'; readonly code: RegistrationRefusal };

/** Equal for equal contents, whatever the order of their parts. 128 bits, base64url. */
export function contentDigest(content: RegistrationFact['content']): string {
  const parts = [
    content.producer,
    content.categories.toSorted(),
    content.purposes.toSorted(),
    content.entities
      .map(({ type, ref, role }) => `${type} ${ref}${role === undefined ? '' : ` ${role}`}`)
      .toSorted(),
    content.zone ?? '',
    content.attributes ?? {},
  ];
  return createHash('sha256').update(canonicalJson(parts)).digest().subarray(0, 16).toString('base64url');
}

export function foldRegistration(before: Holding | undefined, fact: RegistrationFact): FoldedRegistration {
  const sent = Math.min(fact.sent, fact.received);
  const { producer } = fact.content;
  const content = contentDigest(fact.content);
  const version = (before?.version ?? 0) + 1;
  const variant: HoldingVariant = {
    ...fact.content,
    content,
    sent,
    received: fact.received,
    since: version,
    folded: version,
  };
  if (before === undefined) return sized(firstOf(fact, variant, {}));
  const same = before.variants.find((one) => one.producer === producer && one.content === content);
  if (same !== undefined && sent <= same.sent) return { kind: 'nothing' };
  const known = before.known?.find((one) => one.producer === producer && one.content === content);
  if (known !== undefined && sent <= known.sent) return { kind: 'nothing' };
  const withdrawnAt = before.withdrawnAt?.[producer];
  if (withdrawnAt !== undefined && sent < withdrawnAt) return voided(before, version, fact.received);
  if (known === undefined && same === undefined && before.knownFrom !== undefined && sent <= before.knownFrom)
    return { kind: 'refused', code: 'REGISTRATION_TOO_OLD' };
  const together = withdrawnAt === sent;
  if (before.state === 'disposed' || before.state === 'withdrawn') {
    const next = nextGeneration(before, [variant], version, fact.received);
    return sized(
      remarked({ ...next, store: fact.store, locator: fact.locator }, together, fact.received),
      tombstoneOf(before),
    );
  }
  const variants =
    same === undefined
      ? [...before.variants, variant]
      : before.variants.map((one) => (one === same ? again(before, one, variant) : one));
  return sized(remarked({ ...before, version, variants }, together, fact.received));
}

/**
 * The same content came again. What came back from a restore, and is registered after that, may be another record by now:
 * then its time begins.
 */
function again({ cameBack }: Holding, one: HoldingVariant, by: HoldingVariant): HoldingVariant {
  const { registeredAt = one.received, ...rest } = one;
  const { sent, received, folded } = by;
  const isOther = cameBack !== undefined && one.received < cameBack;
  return {
    ...rest,
    sent,
    received,
    folded,
    ...present({ registeredAt: isOther ? undefined : registeredAt }),
  };
}

export interface WithdrawalFact {
  readonly ref: HoldingRef;
  readonly store: string;
  /** Sealed: a withdrawal may come before its registration. */
  readonly locator: string;
  readonly producer: string;
  readonly sent: Instant;
  readonly received: Instant;
}

/**
 * Takes back what its producer registered until then; what was sent in the same millisecond stays, with a remark. Before
 * the registration it leaves a withdrawn holding that remembers it.
 */
export function foldWithdrawal(
  before: Holding | undefined,
  fact: WithdrawalFact,
): { readonly kind: 'folded'; readonly next: Holding } | { readonly kind: 'nothing' } {
  const sent = Math.min(fact.sent, fact.received);
  const { producer } = fact;
  if (before === undefined) {
    const next: Holding = {
      ref: fact.ref,
      version: 1,
      generation: 1,
      state: 'withdrawn',
      store: fact.store,
      locator: fact.locator,
      registeredAt: fact.received,
      variants: [],
      withdrawnAt: { [producer]: sent },
    };
    return { kind: 'folded', next };
  }
  const latest = before.withdrawnAt?.[producer];
  if (latest !== undefined && sent <= latest) return { kind: 'nothing' };
  const version = before.version + 1;
  const withdrawnAt = { ...before.withdrawnAt, [producer]: sent };
  if (before.state === 'disposed' || before.state === 'withdrawn')
    return { kind: 'folded', next: { ...before, version, withdrawnAt } };
  const gone = before.variants.filter((one) => one.producer === producer && one.sent < sent);
  // What was sent later is a registration after this withdrawal, also where the same content was registered before it.
  const variants = before.variants
    .filter((one) => !gone.includes(one))
    .map((one) => (one.producer === producer ? { ...one, since: Math.max(one.since, one.folded) } : one));
  const together = variants.some((one) => one.producer === producer && one.sent === sent);
  const memory = remembered(before, gone);
  const next = remarked({ ...before, version, variants, withdrawnAt, ...memory }, together, fact.received);
  return { kind: 'folded', next: variants.length > 0 ? next : withdrawn(next) };
}

/** What becomes of an emptied holding. Its locator stays until no chunk can name it any more: the census removes it. */
function withdrawn(holding: Holding): Holding {
  const { decision: _decision, parked: _parked, toldOf: _told, done, ...rest } = holding;
  return { ...rest, state: 'withdrawn', ...present({ done: done?.map(asKept) }) };
}

/** Of a settled stage: what the attempt did not know, or what may not have been written when it looked at the store. */
export function unknownVariants(
  holding: Holding,
  decidedOn: { readonly version: number; readonly lookedAt: Instant },
  writeLag: number,
): readonly HoldingVariant[] {
  return holding.variants.filter(
    ({ folded, received }) => folded > decidedOn.version || decidedOn.lookedAt < received + writeLag,
  );
}

/**
 * What an act was decided on, with content that has come again since: that may be unknown, too. A replay makes stages due
 * again, and nothing of what was known unknown by that.
 */
export function knownVariants({ variants }: Holding, version: number): readonly HoldingVariant[] {
  return variants.filter(({ since, folded }) => Math.min(since, folded) <= version);
}

/** The next generation: these variants, and the memory of what came before. */
export function nextGeneration(
  before: Holding,
  variants: readonly HoldingVariant[],
  version: number,
  registeredAt: Instant,
): Holding {
  const gone = before.variants.filter((one) => !variants.some((kept) => isSame(kept, one)));
  return {
    ref: before.ref,
    version,
    generation: before.generation + 1,
    state: 'pending',
    store: before.store,
    registeredAt,
    variants: variants.map((one) => startedAt({ ...one, since: version, folded: version }, registeredAt)),
    ...present({
      collection: before.collection,
      locator: before.locator,
      withdrawnAt: before.withdrawnAt,
      remarks: keptRemarks(before, registeredAt),
    }),
    ...remembered(before, gone),
  };
}

/**
 * A record that was disposed of before a fact is listed, also after its application has registered it again. The remark
 * is of a time before that, so it is not about the new generation.
 */
function keptRemarks({ remarks }: Holding, registeredAt: Instant): Holding['remarks'] {
  const at = remarks?.DISPOSED_BEFORE_FACT;
  return at === undefined ? undefined : { DISPOSED_BEFORE_FACT: Math.min(at, registeredAt - 1) };
}

/** In a new generation, all of it is registered when that begins. */
function startedAt({ registeredAt: _former, ...variant }: HoldingVariant, at: Instant): HoldingVariant {
  return variant.received === at ? variant : { ...variant, registeredAt: at };
}

function firstOf(fact: RegistrationFact, variant: HoldingVariant, memory: Partial<Holding>): Holding {
  return {
    ref: fact.ref,
    version: 1,
    generation: 1,
    state: 'active',
    store: fact.store,
    locator: fact.locator,
    registeredAt: fact.received,
    variants: [variant],
    ...memory,
  };
}

function voided(before: Holding, version: number, at: Instant): FoldedRegistration {
  if (before.remarks?.REGISTRATION_VOID !== undefined) return { kind: 'nothing' };
  return { kind: 'folded', next: withRemark({ ...before, version }, 'REGISTRATION_VOID', at) };
}

function remarked(holding: Holding, together: boolean, at: Instant): Holding {
  return together ? withRemark(holding, 'SENT_TOGETHER', at) : holding;
}

function withRemark(holding: Holding, remark: Remark, at: Instant): Holding {
  return { ...holding, remarks: { [remark]: at, ...holding.remarks } };
}

/** The newest `MOST_VARIANTS` contents; of what is dropped only the time is kept. */
function remembered(before: Holding, gone: readonly HoldingVariant[]): Pick<Holding, 'known' | 'knownFrom'> {
  const all = new Map<string, KnownContent>();
  for (const { producer, content, sent } of [...(before.known ?? []), ...gone]) {
    const key = `${producer} ${content}`;
    if ((all.get(key)?.sent ?? -Infinity) < sent) all.set(key, { producer, content, sent });
  }
  const newest = [...all.values()].toSorted((a, b) => b.sent - a.sent || (a.content < b.content ? -1 : 1));
  const dropped = newest.slice(MOST_VARIANTS);
  const knownFrom = Math.max(before.knownFrom ?? -Infinity, ...dropped.map(({ sent }) => sent));
  return present({
    known: newest.length > 0 ? newest.slice(0, MOST_VARIANTS) : undefined,
    knownFrom: Number.isFinite(knownFrom) ? knownFrom : undefined,
  });
}

function isSame(a: HoldingVariant, b: HoldingVariant): boolean {
  return a.producer === b.producer && a.content === b.content;
}

function sized(next: Holding, tombstone?: Holding): FoldedRegistration {
  const entities = new Set(next.variants.flatMap((one) => one.entities.map(({ ref }) => ref)));
  const purposes = new Set(next.variants.flatMap((one) => one.purposes));
  const bytes = Buffer.byteLength(JSON.stringify(next));
  if (
    bytes > MOST_HOLDING_BYTES ||
    next.variants.length > MOST_VARIANTS ||
    entities.size > MOST_ENTITIES ||
    purposes.size > MOST_PURPOSES
  )
    return { kind: 'refused', code: 'HOLDING_TOO_LARGE' };
  return { kind: 'folded', next, ...present({ tombstone }) };
}
