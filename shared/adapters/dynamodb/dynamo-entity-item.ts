import * as z from 'zod';
import { present } from '../../domain/present.ts';
import type { EntityState, Fact, Occurrence } from '../../domain/facts/facts.ts';
import type { EntityRef, EventRef, HoldingRef } from '../../domain/record/ids.ts';
import type { Spelling } from '../../ports/entities.ts';
import type { Every, ItemKey, StoredItem } from './dynamo-item.ts';
import type { ConditionalWrite } from './dynamo-statements.ts';
import { part, stored, trusted, whole } from './dynamo-item.ts';

export const FACT_PREFIX = 'F#';
export const POINTER_PREFIX = 'H#';
export const SPELLING_PREFIX = 'V#';
export const STATE_SK = 'S';
const ENTITY = 'E#';

export function entityPartition(entity: EntityRef): string {
  return `${ENTITY}${entity}`;
}

/** Nothing for an item of another kind. */
export function entityOf(PK: string): EntityRef | undefined {
  return PK.startsWith(ENTITY) ? (PK.slice(ENTITY.length) as EntityRef) : undefined;
}

export function stateKey(entity: EntityRef): ItemKey {
  return { PK: entityPartition(entity), SK: STATE_SK };
}

export function factKey(entity: EntityRef, event: EventRef): ItemKey {
  return { PK: entityPartition(entity), SK: `${FACT_PREFIX}${event}` };
}

export function pointerKey(entity: EntityRef, holding: HoldingRef): ItemKey {
  return { PK: entityPartition(entity), SK: `${POINTER_PREFIX}${holding}` };
}

export function toPointerItem(entity: EntityRef, holding: HoldingRef): StoredItem & ItemKey {
  return stored(pointerKey(entity, holding), {});
}

/** Lies with what the id would be in lower case. */
export function toSpellingItem({ folded, spelled, type }: Spelling): StoredItem & ItemKey {
  const key = { PK: entityPartition(folded), SK: `${SPELLING_PREFIX}${spelled}` };
  return stored<{ t: string }>(key, { t: type });
}

export function fromSpellingItem(found: StoredItem): { readonly type: string } {
  return { type: trusted('spelling', z.object({ t: part.text }), found).t };
}

/** Reads any item whose sort key names a holding: pointers, and what is parked under a hold. */
export function fromPointerItem(found: StoredItem): HoldingRef {
  return trusted('pointer', z.object({ SK: part.text }), found).SK.slice(POINTER_PREFIX.length) as HoldingRef;
}

const factItem = z.object({
  SK: part.text,
  k: z.enum(['event', 'correction', 'retraction']),
  t: part.text,
  o: part.occurred.optional(),
  s: part.instant,
  r: part.instant,
  x: part.eventRef.optional(),
  a: part.attributes.optional(),
  b: part.text,
});
type FactItem = z.infer<typeof factItem>;

export function toFactItem(entity: EntityRef, fact: Fact): StoredItem & ItemKey {
  return stored<Omit<FactItem, 'SK'>>(factKey(entity, fact.ref), {
    k: fact.kind,
    t: fact.type,
    o: fact.occurred,
    s: fact.sent,
    r: fact.received,
    x: fact.about,
    a: fact.attributes,
    b: fact.bodyHash,
  });
}

export function fromFactItem(found: StoredItem): Fact {
  const item = trusted('fact', factItem, found);
  return whole<Fact>({
    ref: item.SK.slice(FACT_PREFIX.length) as EventRef,
    kind: item.k,
    type: item.t,
    occurred: item.o,
    sent: item.s,
    received: item.r,
    about: item.x,
    attributes: item.a,
    bodyHash: item.b,
  });
}

const occurrenceItem = z.tuple([part.eventRef, part.occurred, part.instant, part.attributes.optional()]);

const danglingItem = z.tuple([part.eventRef, part.eventRef, part.instant]);

const stateItem = z.object({
  PK: part.text,
  r: part.count,
  p: part.text,
  o: z.record(z.string(), z.array(occurrenceItem)),
  n: part.count,
  d: z.union([z.array(danglingItem), z.literal('too-many')]).optional(),
  t: z.union([z.array(part.text), z.literal('all')]).optional(),
  h: z.array(part.text).optional(),
  z: z.array(part.text).optional(),
});
type StateItem = z.infer<typeof stateItem>;

export function toStateItem(entity: EntityRef, state: EntityState): StoredItem & ItemKey {
  return stored<Omit<StateItem, 'PK'>>(stateKey(entity), toStateBody(state));
}

/**
 * The next version of a state. An existing item is changed by attribute: what a later release has added to it stays, and
 * so does the schema version that says so. (A release that raises `SCHEMA` also has to raise it in items of the former
 * one, as `toHoldingUpdate` does.)
 */
export function toStateWrite(entity: EntityRef, state: EntityState): ConditionalWrite {
  const next = { ...state, version: state.version + 1 };
  if (state.version === 0) return { kind: 'insert', item: toStateItem(entity, next) };
  const body = toStateBody(next);
  const remove = Object.entries(body).flatMap(([name, value]) => (value === undefined ? [name] : []));
  return { kind: 'update', key: stateKey(entity), version: state.version, set: present(body), remove };
}

function toStateBody(state: EntityState): Every<Omit<StateItem, 'PK'>> {
  return {
    r: state.version,
    p: state.profile,
    o: mapValues(state.occurrences, (occurrences) => occurrences.map(toOccurrenceItem)),
    n: state.rebuilt,
    d:
      state.dangling === 'too-many'
        ? state.dangling
        : unlessEmpty(state.dangling.map(({ ref, about, received }) => [ref, about, received])),
    t: typeof state.truncated === 'object' ? [...state.truncated] : state.truncated,
    h: unlessEmpty(state.holds),
    z: unlessEmpty(state.freezing ?? []),
  };
}

export function fromStateItem(found: StoredItem): readonly [EntityRef, EntityState] {
  const item = trusted('entity state', stateItem, found);
  const state = whole<EntityState>({
    version: item.r,
    profile: item.p,
    occurrences: mapValues(item.o, (occurrences) => occurrences.map(fromOccurrenceItem)),
    rebuilt: item.n,
    dangling:
      item.d === 'too-many'
        ? item.d
        : (item.d ?? []).map(([ref, about, received]) => ({ ref, about, received })),
    truncated: item.t,
    holds: item.h ?? [],
    // An older release changes `h` and leaves `z` as it is.
    freezing: unlessEmpty((item.z ?? []).filter((id) => item.h?.includes(id) === true)),
  });
  return [item.PK.slice(ENTITY.length) as EntityRef, state];
}

function toOccurrenceItem(occurrence: Occurrence): z.infer<typeof occurrenceItem> {
  const { ref, occurred, sent, attributes } = occurrence;
  return attributes === undefined ? [ref, occurred, sent] : [ref, occurred, sent, attributes];
}

function fromOccurrenceItem([ref, occurred, sent, attributes]: z.infer<typeof occurrenceItem>): Occurrence {
  return whole<Occurrence>({ ref, occurred, sent, attributes });
}

function unlessEmpty<Item>(items: readonly Item[]): Item[] | undefined {
  return items.length === 0 ? undefined : [...items];
}

function mapValues<From, To>(
  record: Readonly<Record<string, From>>,
  map: (value: From) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]));
}
