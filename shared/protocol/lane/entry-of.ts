import { timeZoneDatabase } from '../../domain/calendar/calendar.ts';
import { isoUtc, yearOf } from '../../domain/calendar/utc-time.ts';
import { logRef } from '../../domain/configuration/references.ts';
import type { PlannedStage } from '../../domain/plan/plan.ts';
import { present } from '../../domain/present.ts';
import { isSuccess } from '../../domain/record/actions.ts';
import type { Instant } from '../../domain/record/ids.ts';
import type { Masks } from '../../domain/record/masks.ts';
import { SOFTWARE } from '../../domain/version.ts';
import type { Entry, EntryPage } from '../../domain/record/entry.ts';
import { NO_FLOOR } from '../../domain/record/window.ts';
import type { Chunk, WorkRecord } from '../../domain/record/work.ts';
import type { LaneCore } from '../core.ts';
import { categoriesOf, entitiesOf } from '../plan-of.ts';
import { unrecoverableAt } from '../facts/unrecoverable-at.ts';
import { hasEnded, READ_BACK_BROKEN, type Told } from './told.ts';

const DAY = 86_400_000;

/**
 * The entry of what an attempt came to, or nothing: a hold that was noted before is a metric, and failures of a chunk
 * are entries at most once a day for each code.
 */
export async function entryOf(
  core: LaneCore,
  chunk: Chunk,
  work: WorkRecord,
  told: Told & { readonly entryPage?: EntryPage; readonly recoveryDays?: number },
): Promise<Entry | undefined> {
  if (!isEntry(chunk, told)) return undefined;
  const { holding } = told;
  const key = await core.keys.logKey(yearOf(holding.registeredAt));
  const { masks = {} } = told;
  return {
    v: 2,
    token: work.token,
    holding: logRef(key, holding.ref),
    generation: told.generation,
    stage: told.stage,
    ...present({ part: told.part, interrupted: told.interrupted }),
    categories: categoriesOf(holding),
    store: holding.store,
    outcome: told.outcome === 'anonymised' && hasPseudonym(masks) ? 'pseudonymised' : told.outcome,
    ...present({ page: told.entryPage }),
    ...(told.stage === 'anonymise' && isReadBack(told) && { masks: kindsOf(masks) }),
    subjects: entitiesOf(holding).map(({ type, ref }) => ({ type, ref: logRef(key, ref) })),
    ...decidedBy(told.planned),
    leased: isoUtc(work.begunAt),
    ...present({
      acted: iso(told.actedAt),
      readBack: iso(told.readBackAt),
      answer: told.code,
      until: iso(told.until),
      unrecoverableAt: unrecoverableAt(told.outcome, told.at, told.recoveryDays),
    }),
    software: SOFTWARE,
    tzdata: timeZoneDatabase(),
  };
}

function isEntry({ failure }: Chunk, told: Told): boolean {
  switch (told.outcome) {
    case 'deleted':
    case 'anonymised':
    case 'restricted':
    case 'lifted':
    case 'already-so':
    case 'requested':
    case 'confirmed-by-vendor':
      return true;
    case 'held':
      return told.holding.parked?.hold !== told.hold?.id;
    case 'failed':
    case 'refused':
    case 'changed':
      // Of what has ended nothing comes later that could tell it. What was destroyed and written again is always told.
      return (
        hasEnded(told.holding) ||
        told.code === READ_BACK_BROKEN ||
        failure === undefined ||
        !failure.told.includes(codeOf(told)) ||
        told.at >= failure.at + DAY
      );
    case 'too-early':
      return false;
  }
}

/** The code by which failures are told apart. */
export function codeOf({ outcome, code }: Pick<Told, 'outcome' | 'code'>): string {
  return code ?? outcome;
}

/** What a vendor says that it has done tells nothing of masks. */
function isReadBack({ outcome }: Told): boolean {
  return isSuccess(outcome) && outcome !== 'confirmed-by-vendor';
}

function hasPseudonym(masks: Masks): boolean {
  return Object.values(masks).some(({ kind }) => kind === 'pseudonym');
}

function kindsOf(masks: Masks): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(masks).map(([field, { kind }]) => [field, kind]));
}

/** No instant may tell the date of a personal event. Where the stage has no window to show, its instants are left out. */
export function decidedBy(
  stage: PlannedStage | undefined,
): Pick<Entry, 'policy' | 'policyVersion' | 'rule' | 'facts'> & Partial<Entry> {
  if (stage === undefined) return { policy: '', policyVersion: '', rule: '', facts: [] };
  const { window, shown } = stage;
  const common = {
    policy: stage.policy,
    policyVersion: stage.policyVersion,
    rule: stage.ruleText,
    // Also what chose the rules, if that was a fact.
    facts: [...stage.facts, ...(stage.located ?? []).map((one) => one.fact)].map((fact) =>
      fact.personal ? { type: fact.type } : { type: fact.type, occurred: fact.occurred },
    ),
    ...present({ basis: window?.basis }),
  };
  if (shown !== undefined)
    return {
      ...common,
      ...present({ basis: shown.window.basis, due: iso(stage.actAt), window: windowOf(shown.window, false) }),
    };
  // Rows of a dataset have dates of their own.
  if (stage.actAt === undefined || stage.facts.some((fact) => fact.personal)) return common;
  const floorIsPersonal = stage.floorIsPersonal === true;
  return {
    ...common,
    ...present({
      due: floorIsPersonal ? undefined : iso(stage.actAt),
      window: window && windowOf(window, floorIsPersonal),
    }),
  };
}

function windowOf(
  { notBefore, notAfter, floor }: NonNullable<PlannedStage['window']>,
  floorIsPersonal: boolean,
): NonNullable<Entry['window']> {
  const known = floorIsPersonal || floor === NO_FLOOR ? undefined : iso(floor);
  return present({ floor: known, notBefore: iso(notBefore), notAfter: iso(notAfter) });
}

function iso(instant: Instant | undefined): string | undefined {
  return instant === undefined ? undefined : isoUtc(instant);
}
