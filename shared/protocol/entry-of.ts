import { timeZoneDatabase } from '../domain/calendar/calendar.ts';
import type { Entry } from '../domain/plan/entry.ts';
import { isoUtc } from '../domain/calendar/utc-time.ts';
import type { Instant } from '../domain/record/ids.ts';
import type { PlannedStage } from '../domain/plan/plan.ts';
import { logRef } from '../domain/configuration/references.ts';
import { SOFTWARE } from '../domain/version.ts';
import type { Attempt, Finished, LaneCore, Result } from './lane-core.ts';
import { logKeyOf } from './facts/refs-of.ts';
import { entitiesOf, unique } from './plan-of.ts';

const DAY = 86_400_000;

/**
 * The entry of an attempt, or nothing: `too-early`, pauses and a hold that was noted before are metrics. An attempt
 * that has cut-off attempts before it always writes one, so that each of them is named once. Of a holding that is
 * unlinked from the log nothing can be said in it.
 */
export async function entryOf(core: LaneCore, finished: Finished): Promise<Entry | undefined> {
  const { attempt, result } = finished;
  const outcome = outcomeOf(attempt, result);
  if (outcome === undefined) return undefined;
  const { holding, interrupted } = attempt;
  const key = await logKeyOf(core.keys, holding);
  if (key === undefined) return undefined;
  return {
    v: 1,
    holding: logRef(key, holding.ref),
    generation: holding.generation,
    stage: holding.claim.stage,
    attempt: holding.claim.attempt,
    ...(interrupted.length > 0 ? { interrupted } : {}),
    categories: unique(holding.registrations.flatMap((registration) => registration.categories)),
    store: holding.store,
    action: holding.claim.stage,
    outcome,
    subjects: entitiesOf(holding).map(({ type, ref }) => ({ type, ref: logRef(key, ref) })),
    ...decidedBy(attempt.stage),
    claimed: isoUtc(holding.claim.claimedAt),
    ...whatTheStoreSaid(result),
    ...unrecoverable(core, holding.store, result),
    software: SOFTWARE,
    tzdata: timeZoneDatabase(),
  };
}

function outcomeOf(attempt: Attempt, result: Result): Entry['outcome'] | undefined {
  const cutOff = attempt.interrupted.length > 0 ? 'interrupted' : undefined;
  switch (result.kind) {
    case 'success':
      return result.outcome;
    case 'failed':
    case 'refused':
    case 'changed':
      return result.kind;
    case 'held': {
      const known = attempt.holding.parked?.hold === result.by.hold;
      return result.by.kind === 'pause' || known ? cutOff : 'held';
    }
    case 'too-early':
    case 'stopped':
    case 'not-written':
      return cutOff;
  }
}

function decidedBy(
  stage: PlannedStage | undefined,
): Pick<Entry, 'policy' | 'policyVersion' | 'rule' | 'facts'> & Partial<Entry> {
  if (stage === undefined) return { policy: '', policyVersion: '', rule: '', facts: [] };
  const { window } = stage;
  return {
    policy: stage.policy,
    policyVersion: stage.policyVersion,
    rule: stage.ruleText,
    facts: stage.facts.map(({ type, occurred, personal }) => (personal ? { type } : { type, occurred })),
    ...(stage.actAt === undefined ? {} : { due: isoUtc(stage.actAt) }),
    ...(window === undefined
      ? {}
      : {
          basis: window.basis,
          window: {
            floor: isoUtc(window.floor),
            ...(window.notBefore === undefined ? {} : { notBefore: isoUtc(window.notBefore) }),
            ...(window.notAfter === undefined ? {} : { notAfter: isoUtc(window.notAfter) }),
          },
        }),
  };
}

function whatTheStoreSaid(result: Result): Partial<Entry> {
  switch (result.kind) {
    case 'success':
      return {
        ...at('acted', result.actedAt),
        ...at('readBack', result.readBackAt),
        ...(result.answer === undefined ? {} : { answer: result.answer }),
      };
    case 'failed':
    case 'refused':
      return { ...at('acted', result.actedAt), ...at('until', result.until), answer: result.code };
    case 'changed':
      return at('acted', result.actedAt);
    case 'held':
    case 'too-early':
    case 'stopped':
    case 'not-written':
      return {};
  }
}

function at<Name extends string>(name: Name, instant: Instant | undefined): Partial<Record<Name, string>> {
  return instant === undefined ? {} : ({ [name]: isoUtc(instant) } as Record<Name, string>);
}

/** From the store's settings: backups and old versions outlive a deletion by that many days. */
function unrecoverable(core: LaneCore, store: string, result: Result): Partial<Entry> {
  const days = core.configuration.stores[store]?.backupDays;
  if (result.kind !== 'success' || result.outcome !== 'deleted' || days === undefined) return {};
  return at('unrecoverableAt', (result.actedAt ?? result.readBackAt) + days * DAY);
}
