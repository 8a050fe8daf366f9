import * as z from 'zod';
import type { Activation, WaitingPolicies } from '../../domain/policy-plan/activation.ts';
import type { PolicyPlan, PolicyPlans } from '../../ports/policy-plans.ts';
import { markKey } from '../dynamodb/dynamo-heartbeat.ts';
import { type ItemKey, part, stored, type StoredItem, trusted, whole, ttl } from '../dynamodb/dynamo-item.ts';
import { ABSENT, type DynamoTable, versionIs } from '../dynamodb/dynamo-table.ts';
import { MOST_PACKED_BYTES, packed, setOf, setsOf } from './packed.ts';

export const ACTIVATION = markKey('activation');

/** As long as a census: what waits for a person for longer is counted once more. */
const PLAN_DAYS = 35;

export function dynamoPolicyPlans(table: DynamoTable): PolicyPlans {
  return {
    async putPolicyPlan(plan) {
      const item = toPlanItem(plan);
      if (item.b.length > MOST_PACKED_BYTES) return 'too-large';
      return (await table.put(item, ABSENT)) ? 'written' : 'taken';
    },

    async policyPlan(id) {
      const item = await table.get(planKey(id));
      return item && fromPlanItem(item);
    },

    async activation() {
      const item = await table.get(ACTIVATION);
      return item && fromActivationItem(item);
    },

    async putActivation(next) {
      return (await table.put(toActivationItem(next), versionIs(next.version - 1))) ? 'written' : 'moved';
    },

    async putActiveSet(digest, set) {
      const b = packed(set);
      if (b.length <= MOST_PACKED_BYTES) await table.put(stored<{ b: Uint8Array }>(setKey(digest), { b }));
    },

    async activeSet(digest) {
      const item = await table.get(setKey(digest));
      return item && setOf(trusted('set of policies', z.object({ b: part.bytes }), item).b);
    },
  };
}

/** Beside the mark, in its partition. Its key has no other item of the mark's. */
function setKey(digest: string): ItemKey {
  return { PK: ACTIVATION.PK, SK: `S#${digest}` };
}

const planItem = z.object({
  PK: part.text,
  a: part.instant,
  f: part.text.optional(),
  t: part.text,
  e: part.instant.optional(),
  b: part.bytes,
});

function planKey(id: string): ItemKey {
  return { PK: `PP#${id}`, SK: 'P' };
}

function toPlanItem({ id, at, from, to, asIf, sets }: PolicyPlan) {
  const b = packed(sets);
  const body = { a: at, f: from, t: to, e: asIf, b, ttl: ttl(at, PLAN_DAYS) };
  return { ...stored<typeof body>(planKey(id), body), b };
}

function fromPlanItem(found: StoredItem): PolicyPlan {
  const { PK, a: at, f: from, t: to, e: asIf, b } = trusted('policy plan', planItem, found);
  return whole<PolicyPlan>({ id: PK.slice('PP#'.length), at, from, to, asIf, sets: setsOf(b) });
}

const activationItem = z.object({
  r: part.count,
  d: part.text,
  a: part.instant,
  w: z.object({ d: part.text, p: part.text, s: part.instant }).optional(),
});

function toActivationItem({ version, active, at, waiting }: Activation): StoredItem & ItemKey {
  const w = waiting && { d: waiting.policies, p: waiting.plan, s: waiting.since };
  const body = { r: version, d: active, a: at, w };
  return stored<typeof body>(ACTIVATION, body);
}

export function fromActivationItem(found: StoredItem): Activation {
  const { r: version, d: active, a: at, w } = trusted('activation', activationItem, found);
  const waiting = w && whole<WaitingPolicies>({ policies: w.d, plan: w.p, since: w.s });
  return whole<Activation>({ version, active, at, waiting });
}
