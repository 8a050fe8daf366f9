import * as z from 'zod';
import { ACTIONS, OUTCOMES } from '../../domain/record/actions.ts';
import type {
  Claim,
  Decision,
  FormerAttempt,
  Holding,
  Registration,
  StageDone,
} from '../../domain/record/holding.ts';
import type { HoldingRef } from '../../domain/record/ids.ts';
import type { ItemKey, StoredItem } from './dynamo-item.ts';
import { part, stored, trusted, whole } from './dynamo-item.ts';

export const HOLDING_SK = 'H';

export function holdingKey(ref: HoldingRef): ItemKey {
  return { PK: `H#${ref}`, SK: HOLDING_SK };
}

/** Below the same partition as its successors. */
export function tombstoneKey(ref: HoldingRef, generation: number): ItemKey {
  return { PK: `H#${ref}`, SK: `T#${generation}` };
}

const action = z.enum(ACTIONS);

const registrationItem = z.object({
  p: part.text,
  c: z.array(part.text),
  u: z.array(part.text),
  e: z.array(z.tuple([part.text, part.entityRef])),
  z: part.text.optional(),
  a: part.attributes.optional(),
});

const decisionItem = z.object({
  s: part.planStatus,
  p: part.text,
  g: action.optional(),
  a: part.instant.optional(),
  d: part.instant.optional(),
});

const claimItem = z.object({
  t: part.text,
  u: part.instant,
  g: action,
  n: part.count,
  a: part.instant,
  r: part.count,
  f: z.array(z.tuple([part.text, part.instant, part.count])).optional(),
  x: z.literal(true).optional(),
});

const doneItem = z.tuple([action, z.enum(OUTCOMES), part.instant, part.text, part.count]);

const holdingItem = z.object({
  PK: part.text,
  r: part.count,
  g: part.count,
  s: part.holdingState,
  t: part.text,
  l: part.text.optional(),
  a: part.instant,
  e: z.array(registrationItem),
  d: decisionItem.optional(),
  h: part.instant.optional(),
  w: z.boolean().optional(),
  n: part.count.optional(),
  f: part.count.optional(),
  o: z.array(doneItem).optional(),
  c: claimItem.optional(),
  k: z
    .tuple([part.text])
    .or(z.tuple([part.text, part.entityRef]))
    .optional(),
  q: z.array(part.eventRef).optional(),
  b: z.boolean().optional(),
});
type RegistrationItem = z.infer<typeof registrationItem>;
type DecisionItem = z.infer<typeof decisionItem>;
type ClaimItem = z.infer<typeof claimItem>;
type HoldingItem = z.infer<typeof holdingItem>;

export function toHoldingItem(key: ItemKey, holding: Holding): StoredItem {
  return stored<Omit<HoldingItem, 'PK'>>(key, {
    r: holding.version,
    g: holding.generation,
    s: holding.state,
    t: holding.store,
    l: holding.locator,
    a: holding.registeredAt,
    e: holding.registrations.map(toRegistrationItem),
    d: holding.decision && toDecisionItem(holding.decision),
    h: holding.hintAt,
    w: holding.seen,
    n: holding.attempts,
    f: holding.failures,
    o: holding.done?.map(({ stage, outcome, at, chunk, line }) => [stage, outcome, at, chunk, line]),
    c: holding.claim && toClaimItem(holding.claim),
    k: holding.parked && toParkedItem(holding.parked),
    q: holding.receipts && [...holding.receipts],
    b: holding.disposedBeforeFact,
  });
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
    registrations: item.e.map(fromRegistrationItem),
    decision: item.d && fromDecisionItem(item.d),
    hintAt: item.h,
    seen: item.w,
    attempts: item.n,
    failures: item.f,
    done: item.o?.map(([stage, outcome, at, chunk, line]): StageDone => ({
      stage,
      outcome,
      at,
      chunk,
      line,
    })),
    claim: item.c && fromClaimItem(item.c),
    parked: item.k && whole<NonNullable<Holding['parked']>>({ hold: item.k[0], entity: item.k[1] }),
    receipts: item.q,
    disposedBeforeFact: item.b,
  });
}

function toRegistrationItem(registration: Registration): RegistrationItem {
  return whole<RegistrationItem>({
    p: registration.producer,
    c: [...registration.categories],
    u: [...registration.purposes],
    e: registration.entities.map(({ type, ref }): [string, typeof ref] => [type, ref]),
    z: registration.zone,
    a: registration.attributes,
  });
}

function fromRegistrationItem(item: RegistrationItem): Registration {
  return whole<Registration>({
    producer: item.p,
    categories: item.c,
    purposes: item.u,
    entities: item.e.map(([type, ref]) => ({ type, ref })),
    zone: item.z,
    attributes: item.a,
  });
}

function toDecisionItem(decision: Decision): DecisionItem {
  const { status, policies, stage, actAt, deadline } = decision;
  return whole<DecisionItem>({ s: status, p: policies, g: stage, a: actAt, d: deadline });
}

function fromDecisionItem(item: DecisionItem): Decision {
  return whole<Decision>({
    status: item.s,
    policies: item.p,
    stage: item.g,
    actAt: item.a,
    deadline: item.d,
  });
}

function toClaimItem(claim: Claim): ClaimItem {
  return whole<ClaimItem>({
    t: claim.token,
    u: claim.leaseUntil,
    g: claim.stage,
    n: claim.attempt,
    a: claim.claimedAt,
    r: claim.version,
    f: claim.former?.map(({ token, claimedAt, attempt }): [string, number, number] => [
      token,
      claimedAt,
      attempt,
    ]),
    x: claim.unread,
  });
}

function fromClaimItem(item: ClaimItem): Claim {
  return whole<Claim>({
    token: item.t,
    leaseUntil: item.u,
    stage: item.g,
    attempt: item.n,
    claimedAt: item.a,
    version: item.r,
    former: item.f?.map(([token, claimedAt, attempt]): FormerAttempt => ({ token, claimedAt, attempt })),
    unread: item.x,
  });
}

function toParkedItem({ hold, entity }: NonNullable<Holding['parked']>): NonNullable<HoldingItem['k']> {
  return entity === undefined ? [hold] : [hold, entity];
}
