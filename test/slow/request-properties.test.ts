import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { foldProfile } from '../../shared/domain/configuration/fold-profile.ts';
import type { Fact } from '../../shared/domain/facts/facts.ts';
import { emptyState, fold, refold } from '../../shared/domain/facts/fold.ts';
import {
  ERASE_REQUESTED,
  RESTRICT_REQUESTED,
  RESTRICTION_RELEASED,
  scopeText,
} from '../../shared/domain/people/effects.ts';
import { plan, type Plan } from '../../shared/domain/plan/plan.ts';
import type { EntityRef, EventRef, Instant, Occurred } from '../../shared/domain/record/ids.ts';
import { aPolicy, aRule, inputOf } from '../support/rules/rule-world.ts';

const DAY = 86_400_000;
const FIRST = Date.parse('2026-01-01T00:00:00Z');
const PERSON = 'person-1' as EntityRef;
const CONTRACT = 'contract-0' as EntityRef;

const instant = fc.integer({ min: FIRST, max: FIRST + 900 * DAY });
const periods = fc.constantFrom('30 days', '1 year', '3 years');
const rules = fc.record({
  policy: fc.oneof(
    periods.map((period) => `${period} after contract.ended`),
    fc.constantFrom('keep permanently', 'within 30 days after contract.ended'),
  ),
  law: fc.option(
    periods.map((period) => `${period} after contract.ended`),
    { nil: undefined },
  ),
});
/** A life of one record: when its contract ended, when it was registered, and what its person asked for. */
const lives = fc.record({
  rules,
  ended: fc.option(instant, { nil: undefined }),
  sent: instant,
  erased: instant,
  alsoLater: fc.boolean(),
  now: instant,
});
type Life = typeof lives extends fc.Arbitrary<infer Value> ? Value : never;

function aFact(type: string, at: Instant, attributes: Fact['attributes'] = {}): Fact {
  return {
    ref: `${type} ${at}` as EventRef,
    kind: 'event',
    type,
    occurred: new Date(at).toISOString() as Occurred,
    sent: at,
    received: at,
    attributes,
    bodyHash: 'a'.repeat(64),
  };
}

const request = { request: 'r-1', scope: scopeText({ all: true }) };
const erasure = ({ erased, alsoLater }: Life): Fact =>
  aFact(ERASE_REQUESTED, erased, { ...request, alsoLater });
const retraction = (of: Fact): Fact => {
  const { occurred: _occurred, attributes: _attributes, ...rest } = aFact('', of.sent + 1);
  return { ...rest, ref: `not ${of.ref}` as EventRef, kind: 'retraction', about: of.ref };
};

/** The plan with these facts of the person, folded in this order. */
function planWith(
  life: Life,
  asked: readonly Fact[],
  more: { readonly done?: Parameters<typeof plan>[0]['done'] } = {},
): Plan {
  const { rules: texts, ended, sent, now } = life;
  const law = texts.law === undefined ? [] : [aRule(texts.law, { level: 'category', basis: 'law' })];
  const policies = [aPolicy({ records: [aRule(texts.policy, { level: 'category' }), ...law] })];
  const input = inputOf({
    policies,
    subjects: [{ events: {} }, { type: 'person', events: {} }],
    variants: [{ sent }],
    canRestrict: true,
  });
  const profile = foldProfile(input.policies);
  const folded = (facts: readonly Fact[]) => {
    let state = { ...emptyState(profile), version: 1 };
    const history: Fact[] = [];
    for (const fact of facts) {
      history.push(fact);
      const next = fold(state, state, fact, profile);
      state = next === 'history' ? refold(state, history, profile) : next;
    }
    return state;
  };
  const states = new Map([
    [CONTRACT, folded(ended === undefined ? [] : [aFact('contract.ended', ended)])],
    [PERSON, folded(asked)],
  ]);
  return plan({ ...input, states, now, done: more.done ?? [] });
}

const deletionOf = ({ stages }: Plan) => stages.find(({ action }) => action === 'delete');
const outcome = ({ status, next, stages }: Plan) => ({ status, next, stages });
/** What counts is known by the plan's time. */
const known = (life: Life): Life => ({ ...life, now: Math.max(life.now, life.erased, life.sent) + 40 * DAY });

describe('requests of people, for any record', () => {
  test('nothing is erased before it was asked for, nor before any law lets it go', () => {
    fc.assert(
      fc.property(lives, (drawn) => {
        const life = known(drawn);
        const before = deletionOf(planWith(life, []));
        const asked = deletionOf(planWith(life, [erasure(life)]));
        const onlyLaw =
          life.rules.law === undefined
            ? undefined
            : deletionOf(planWith({ ...life, rules: { policy: life.rules.law, law: undefined } }, []));
        if (asked?.actAt === undefined) {
          // Kept: the law does, or the record was registered later and its rules have no date.
          const isLater = life.sent > life.erased && !life.alsoLater;
          expect(isLater || (life.rules.law !== undefined && life.ended === undefined)).toBe(true);
          return;
        }
        if (asked.actAt !== before?.actAt) expect(asked.actAt).toBeGreaterThanOrEqual(life.erased);
        if (onlyLaw?.window?.notBefore !== undefined)
          expect(asked.actAt).toBeGreaterThanOrEqual(onlyLaw.window.notBefore);
      }),
      { numRuns: 2000 },
    );
  });

  test('an erasure deletes what no law keeps, and what was registered later only if it says so', () => {
    fc.assert(
      fc.property(lives, (drawn) => {
        const life = known({ ...drawn, rules: { ...drawn.rules, law: undefined } });
        const asked = planWith(life, [erasure(life)]);
        if (life.sent <= life.erased || life.alsoLater) {
          expect(asked.next).toMatchObject({ action: 'delete', window: { notBefore: life.erased } });
          return;
        }
        const strip = (stage: ReturnType<typeof deletionOf>) => stage && { ...stage, reasons: [] };
        expect(strip(deletionOf(asked))).toEqual(strip(deletionOf(planWith(life, []))));
        expect(deletionOf(asked)?.reasons.join()).toMatch(/registered after the erasure request/);
      }),
      { numRuns: 1000 },
    );
  });

  test('a request that is cancelled is as if it had never been, in whatever order that arrives', () => {
    fc.assert(
      fc.property(lives, fc.boolean(), (drawn, isRestriction) => {
        const life = known(drawn);
        const fact = isRestriction
          ? aFact(RESTRICT_REQUESTED, life.erased, { ...request, forbidsDeletion: true })
          : erasure(life);
        const never = outcome(planWith(life, []));
        expect(outcome(planWith(life, [fact, retraction(fact)]))).toEqual(never);
        expect(outcome(planWith(life, [retraction(fact), fact]))).toEqual(never);
      }),
      { numRuns: 1000 },
    );
  });

  test('a restriction that was released and lifted leaves the plan as before', () => {
    fc.assert(
      fc.property(lives, fc.boolean(), fc.boolean(), (drawn, forbidsDeletion, turned) => {
        const life = known(drawn);
        const fact = aFact(RESTRICT_REQUESTED, life.erased, { ...request, forbidsDeletion });
        const release = aFact(RESTRICTION_RELEASED, life.erased + DAY, { request: 'r-1' });
        const facts = turned ? [release, fact] : [fact, release];
        const never = outcome(planWith(life, []));
        expect(outcome(planWith(life, facts))).toEqual(never);
        const done = [
          { action: 'restrict', at: life.erased + 1000 },
          { action: 'lift', at: life.erased + 2 * DAY },
        ] as const;
        expect(outcome(planWith(life, facts, { done }))).toEqual(never);
        const [restricted] = done;
        // A law and a rule of the policy may be in conflict: that restricts the record, too.
        const isConflict = never.stages.some(
          ({ action, actAt = Infinity }) => action === 'restrict' && actAt <= life.now,
        );
        const lifted = planWith(life, facts, { done: [restricted] }).stages.some(
          ({ action }) => action === 'lift',
        );
        expect(lifted).toBe(!isConflict);
      }),
      { numRuns: 1000 },
    );
  });

  test('while deletion is forbidden nothing that is due is deleted', () => {
    fc.assert(
      fc.property(lives, (drawn) => {
        const life = known(drawn);
        const fact = aFact(RESTRICT_REQUESTED, life.erased, { ...request, forbidsDeletion: true });
        const { stages, next } = planWith(life, [fact, erasure({ ...life, erased: life.erased + 1 })]);
        expect(next?.action).toBe('restrict');
        for (const stage of stages)
          if (stage.action === 'delete' && stage.status === 'due') expect(stage.heldByRule).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});
