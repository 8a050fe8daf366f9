import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import { present } from '../../domain/present.ts';
import type { AboutEntity } from '../../domain/record/about.ts';
import type { HoldingRef } from '../../domain/record/ids.ts';
import {
  type Decision,
  type Holding,
  type HoldingVariant,
  LOOKED,
  REMARKS,
  type StageDone,
} from '../../domain/record/holding.ts';
import type { ItemKey, StoredItem } from './dynamo-item.ts';
import { part, SCHEMA, trusted, whole } from './dynamo-item.ts';
import type { ConditionalWrite } from './dynamo-statements.ts';

export const HOLDING_SK = 'H';

export function holdingKey(ref: HoldingRef): ItemKey {
  return { PK: `H#${ref}`, SK: HOLDING_SK };
}

export const TOMBSTONE_PREFIX = 'T#';

/** Below the same partition as its successors. */
export function tombstoneKey(ref: HoldingRef, generation: number): ItemKey {
  return { PK: `H#${ref}`, SK: `${TOMBSTONE_PREFIX}${generation}` };
}

const variantItem = z.object({
  p: part.text,
  d: part.text,
  c: z.array(part.text),
  u: z.array(part.text).optional(),
  e: z.array(z.tuple([part.text, part.entityRef, part.text.optional()])).optional(),
  z: part.text.optional(),
  a: part.attributes.optional(),
  s: part.instant,
  /** Left out where it is the same as `s`. */
  r: part.instant.optional(),
  i: part.instant.optional(),
  n: part.count,
  /** Left out where it is the same as `n`. */
  f: part.count.optional(),
});
type VariantItem = z.infer<typeof variantItem>;

const decisionItem = z.object({
  s: part.planStatus,
  p: part.text,
  g: part.action.optional(),
  a: part.instant.optional(),
  d: part.instant.optional(),
  w: part.text.optional(),
  c: part.instant.optional(),
});
type DecisionItem = z.infer<typeof decisionItem>;

const doneItem = z.tuple([
  part.action,
  part.outcome,
  part.instant,
  part.text,
  part.count,
  part.text,
  part.text,
  /** The part of the record, if not the whole. */
  part.text.optional(),
]);

const holdingItem = z.object({
  PK: part.text,
  r: part.count,
  g: part.count,
  s: part.holdingState,
  t: part.text,
  l: part.text.optional(),
  a: part.instant,
  e: z.array(variantItem),
  w: z.record(z.string(), part.instant).optional(),
  k: z.array(z.tuple([part.text, part.text, part.instant])).optional(),
  f: part.instant.optional(),
  d: decisionItem.optional(),
  h: part.instant.optional(),
  q: z
    .tuple([part.text])
    .or(z.tuple([part.text, part.entityRef]))
    .optional(),
  o: z.array(doneItem).optional(),
  n: part.instant.optional(),
  m: z.partialRecord(z.enum(REMARKS), part.instant).optional(),
  c: part.text.optional(),
  x: z.tuple([part.count, part.instant]).optional(),
  u: part.instant.optional(),
  i: doneItem.optional(),
  p: z.tuple([part.text, part.instant]).optional(),
  b: part.instant.optional(),
  y: part.count.optional(),
  j: z.tuple([part.text, part.instant, part.text, part.count]).optional(),
  /** Not within `p`: a former release reads that, too. */
  z: z
    .tuple([part.instant])
    .or(z.tuple([part.instant, z.enum(LOOKED)]))
    .optional(),
});
type HoldingItem = z.infer<typeof holdingItem>;

type Field = Exclude<keyof Holding, 'ref'>;
type Encode<Name extends Field> = (value: NonNullable<Holding[Name]>) => unknown;

const same = <Value>(value: Value): Value => value;

/** Every field with its attribute: a field that is added to the record does not compile until it stands here. */
const FIELDS: { readonly [Name in Field]: readonly [keyof HoldingItem, Encode<Name>] } = {
  version: ['r', same],
  generation: ['g', same],
  state: ['s', same],
  store: ['t', same],
  locator: ['l', same],
  registeredAt: ['a', same],
  variants: ['e', (variants) => variants.map(toVariantItem)],
  withdrawnAt: ['w', same],
  known: ['k', (known) => known.map(({ producer, content, sent }) => [producer, content, sent])],
  knownFrom: ['f', same],
  decision: ['d', toDecisionItem],
  hintAt: ['h', same],
  parked: ['q', ({ hold, entity }) => (entity === undefined ? [hold] : [hold, entity])],
  done: ['o', (done) => done.map(toDoneItem)],
  toldOf: ['n', same],
  remarks: ['m', same],
  collection: ['c', same],
  waitsUntil: ['u', same],
  partly: ['i', toDoneItem],
  kept: ['x', ({ records, at }) => [records, at]],
  probe: ['p', ({ locator, at }) => [locator, at]],
  cameBack: ['b', same],
  recoveryDays: ['y', same],
  askedIn: ['j', ({ producer, minute, id, version }) => [producer, minute, id, version]],
  look: ['z', ({ at, seen }) => (seen === undefined ? [at] : [at, seen])],
};
const NAMES = Object.keys(FIELDS) as Field[];

export function toHoldingItem(key: ItemKey, holding: Holding): StoredItem & ItemKey {
  const item: Record<string, unknown> = {};
  for (const name of NAMES) {
    const value = encoded(name, holding);
    if (value !== undefined) item[FIELDS[name][0]] = value;
  }
  return { ...key, v: SCHEMA, ...item };
}

function encoded(name: Field, holding: Holding): unknown {
  const value = holding[name];
  return value === undefined ? undefined : (FIELDS[name][1] as (value: unknown) => unknown)(value);
}

/**
 * Only what changes is written: a holding that is disposed of sends a few hundred bytes. Attributes that this code does
 * not know stay as they are, and so does the schema version that says who wrote them; an item of the former schema is
 * written whole.
 */
export function toHoldingUpdate(before: Holding, after: Holding, storedSchema: number): ConditionalWrite {
  const set: Record<string, unknown> = storedSchema < SCHEMA ? { v: SCHEMA } : {};
  const remove: string[] = [];
  for (const name of NAMES) {
    if (storedSchema >= SCHEMA && before[name] === after[name]) continue;
    const value = encoded(name, after);
    if (value === undefined) {
      if (before[name] !== undefined) remove.push(FIELDS[name][0]);
    } else if (storedSchema < SCHEMA || !isDeepStrictEqual(value, encoded(name, before))) {
      set[FIELDS[name][0]] = value;
    }
  }
  return { kind: 'update', key: holdingKey(after.ref), version: before.version, set, remove };
}

export function fromHoldingItem(found: StoredItem): Holding {
  const item = trusted('holding', holdingItem, found);
  return whole<Holding>({
    ref: item.PK.slice('H#'.length) as HoldingRef,
    version: item.r,
    generation: item.g,
    state: item.s,
    store: item.t,
    locator: item.l,
    registeredAt: item.a,
    variants: item.e.map(fromVariantItem),
    withdrawnAt: item.w,
    known: item.k?.map(([producer, content, sent]) => ({ producer, content, sent })),
    knownFrom: item.f,
    decision: item.d && fromDecisionItem(item.d),
    hintAt: item.h,
    parked: item.q && whole<NonNullable<Holding['parked']>>({ hold: item.q[0], entity: item.q[1] }),
    done: item.o?.map(fromDoneItem),
    toldOf: item.n,
    remarks: item.m && present(item.m),
    collection: item.c,
    waitsUntil: item.u,
    partly: item.i && fromDoneItem(item.i),
    kept: item.x && { records: item.x[0], at: item.x[1] },
    probe: item.p && { locator: item.p[0], at: item.p[1] },
    cameBack: item.b,
    recoveryDays: item.y,
    askedIn: item.j && { producer: item.j[0], minute: item.j[1], id: item.j[2], version: item.j[3] },
    look: item.z && whole<NonNullable<Holding['look']>>({ at: item.z[0], seen: item.z[1] }),
  });
}

/** What can be told of an item that cannot be read. */
export function keptOf({ PK, t: store }: StoredItem): { readonly ref: HoldingRef; readonly store?: string } {
  const ref = String(PK).slice('H#'.length) as HoldingRef;
  return typeof store === 'string' ? { ref, store } : { ref };
}

function toVariantItem(variant: HoldingVariant): VariantItem {
  const { producer, content, categories, purposes, entities, zone, attributes } = variant;
  const { sent, received, registeredAt, since, folded } = variant;
  return whole<VariantItem>({
    p: producer,
    d: content,
    c: [...categories],
    u: purposes.length === 0 ? undefined : [...purposes],
    e: entities.length === 0 ? undefined : entities.map(toEntityItem),
    z: zone,
    a: attributes,
    s: sent,
    r: received === sent ? undefined : received,
    i: registeredAt,
    n: since,
    f: folded === since ? undefined : folded,
  });
}

function toEntityItem({ type, ref, role }: AboutEntity): NonNullable<VariantItem['e']>[number] {
  return role === undefined ? [type, ref] : [type, ref, role];
}

function fromVariantItem(item: VariantItem): HoldingVariant {
  return whole<HoldingVariant>({
    producer: item.p,
    content: item.d,
    categories: item.c,
    purposes: item.u ?? [],
    entities: (item.e ?? []).map(([type, ref, role]) => ({ type, ref, ...present({ role }) })),
    zone: item.z,
    attributes: item.a,
    sent: item.s,
    received: item.r ?? item.s,
    registeredAt: item.i,
    since: item.n,
    folded: item.f ?? item.n,
  });
}

function toDecisionItem(decision: Decision): DecisionItem {
  const { status, policies, stage, actAt, deadline, reason, changesAt } = decision;
  return whole<DecisionItem>({
    s: status,
    p: policies,
    g: stage,
    a: actAt,
    d: deadline,
    w: reason,
    c: changesAt,
  });
}

function fromDecisionItem(item: DecisionItem): Decision {
  return whole<Decision>({
    status: item.s,
    policies: item.p,
    stage: item.g,
    actAt: item.a,
    deadline: item.d,
    reason: item.w,
    changesAt: item.c,
  });
}

function toDoneItem(done: StageDone): z.infer<typeof doneItem> {
  const { stage, outcome, at, link, version, facts, policies, part: of } = done;
  const whole = [stage, outcome, at, link, version, facts, policies] as const;
  return of === undefined ? [...whole] : [...whole, of];
}

function fromDoneItem(item: z.infer<typeof doneItem>): StageDone {
  const [stage, outcome, at, link, version, facts, policies, of] = item;
  return { stage, outcome, at, link, version, facts, policies, ...present({ part: of }) };
}
