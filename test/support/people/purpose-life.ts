import { DEFAULT_TIMING } from '../../../shared/domain/configuration/configuration.ts';
import type { Configuration } from '../../../shared/domain/configuration/configuration.ts';
import { foldProfile } from '../../../shared/domain/configuration/fold-profile.ts';
import type { Policy } from '../../../shared/domain/configuration/policy.ts';
import type { EntityState, Fact } from '../../../shared/domain/facts/facts.ts';
import { foldRegistration, foldWithdrawal } from '../../../shared/domain/facts/fold-registration.ts';
import { emptyState, refold } from '../../../shared/domain/facts/fold.ts';
import type { PlannedStage } from '../../../shared/domain/plan/plan.ts';
import { present } from '../../../shared/domain/present.ts';
import type { Holding } from '../../../shared/domain/record/holding.ts';
import type { EntityRef, HoldingRef, Instant } from '../../../shared/domain/record/ids.ts';
import type { Masks } from '../../../shared/domain/record/masks.ts';
import { isSameStage } from '../../../shared/domain/record/stage-name.ts';
import type { LaneCore } from '../../../shared/protocol/core.ts';
import { masksFor } from '../../../shared/protocol/lane/masks-for.ts';
import { factsOf, planOf, policiesOf } from '../../../shared/protocol/plan-of.ts';

/** One record through time, as a lane sees it: registered, planned, and acted on. Its store always does what it says. */
export interface Life {
  /** Answers whether the content is new: the same once more is no other data. */
  register(
    content: { producer: string; purposes: readonly string[]; people: readonly string[] },
    at: Instant,
  ): boolean;
  withdraw(producer: string, at: Instant): void;
  /** What is due by then and not held, with what it masks; done as soon as the caller takes the next. */
  acts(
    facts: readonly Fact[],
    now: Instant,
  ): Generator<{ readonly stage: PlannedStage; readonly masks: Masks }>;
  readonly holding: Holding | undefined;
}

export function purposeLife(policies: readonly Policy[], account: string): Life {
  const policySet = { policies };
  const core = {
    configuration: { policies: policySet, timing: DEFAULT_TIMING, stores: {} } as unknown as Configuration,
  } as LaneCore;
  let holding: Holding | undefined;
  return {
    get holding() {
      return holding;
    },
    register({ producer, purposes, people }, at) {
      const entities = [
        ...people.map((ref) => ({ type: 'person', ref: ref as EntityRef })),
        { type: 'account', ref: account as EntityRef },
      ];
      const folded = foldRegistration(holding, {
        ref: 'record' as HoldingRef,
        store: 'books',
        locator: 'sealed',
        content: { producer, categories: ['contact', 'books'], purposes, entities },
        sent: at,
        received: at,
      });
      if (folded.kind !== 'folded') return false;
      holding = { ...folded.next, state: 'active' };
      return holding.variants.some(({ since }) => since === folded.next.version);
    },
    withdraw(producer, at) {
      if (holding === undefined) return;
      const { ref, store, locator = '' } = holding;
      const folded = foldWithdrawal(holding, { ref, store, locator, producer, sent: at, received: at });
      if (folded.kind === 'folded') holding = folded.next.state === 'withdrawn' ? undefined : folded.next;
    },
    *acts(facts, now) {
      for (let count = 0; holding !== undefined; count += 1) {
        if (count > 20) throw new Error('the same is due again and again');
        const states = statesOf(facts, policies, holding);
        const stage = planOf(core, holding, states, now).next;
        const due = Math.max(
          stage?.actAt ?? Infinity,
          stage?.window?.notBefore ?? 0,
          stage?.window?.floor ?? 0,
        );
        if (
          stage === undefined ||
          due > now - DEFAULT_TIMING.clockTolerance * 1000 ||
          stage.heldByRule === true
        )
          return;
        const acted = { stage: stage.action, ...present({ part: stage.part }) };
        const masks = masksFor(core, { holding, states }, acted, now);
        if (stage.action === 'anonymise' && Object.keys(masks).length === 0) return;
        yield { stage, masks };
        if (stage.action === 'delete') {
          holding = undefined;
          return;
        }
        const done = {
          ...acted,
          outcome: 'anonymised' as const,
          at: now,
          link: `link-${count}`,
          version: holding.version,
          facts: factsOf(stage),
          policies: policiesOf(core, { holding, planned: stage }, now),
        };
        const others = (holding.done ?? []).filter((one) => !isSameStage(one, done));
        holding = { ...holding, version: holding.version + 1, done: [...others, done] };
      }
    },
  };
}

function statesOf(
  facts: readonly Fact[],
  policies: readonly Policy[],
  holding: Holding,
): ReadonlyMap<EntityRef, EntityState> {
  const profile = foldProfile({ policies });
  const refs = holding.variants.flatMap(({ entities }) => entities.map(({ ref }) => ref));
  return new Map(
    refs.map((ref) => [
      ref,
      refold(
        emptyState(profile),
        facts.filter(({ ref: of }) => of.startsWith(`${ref} `)),
        profile,
      ),
    ]),
  );
}
