import { type Activation, mostNewlyDue } from '../../domain/policy-plan/activation.ts';
import { type ChangedDataset, changedDatasets } from '../../domain/policy-plan/changed-datasets.ts';
import { asOf, inEffectDigest } from '../../domain/policy-plan/in-effect.ts';
import { newlyDue } from '../../domain/policy-plan/tally.ts';
import type { Instant } from '../../domain/record/ids.ts';
import type { Core } from '../core.ts';
import { askForSegments } from '../walk.ts';
import { activePolicies, beginPlan, walkOfPlan } from './begin-plan.ts';
import { type PlanProgress, readPlan } from './read-plan.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Instead of a plan, of policies that are too large to be stored for one: a person has to decide without. */
export const NOT_COUNTED = '';

/** Whether lanes with the deployed policies work. `person`: only a person can say that they do; else it is being counted. */
export type ActivationState =
  | { readonly kind: 'active' }
  | { readonly kind: 'waiting'; readonly for: 'count' | 'person'; readonly since: Instant };

/** By which policies the lanes of this configuration would dispose of records now. */
export function deployedPolicies({ configuration, clock }: Pick<Core, 'configuration' | 'clock'>): string {
  return inEffectDigest(configuration.policies, clock.now());
}

/**
 * Until the policies of this configuration are active, lanes that have them begin nothing. The first ones are active at
 * once. Others are counted against those that are active, and become active if few enough records become due by them; else
 * they wait for a person, and are counted again each day. It may die anywhere: the next sweep goes on. A plan that is marked nowhere counts for nothing.
 */
export async function checkActivation(core: Core): Promise<ActivationState> {
  const now = core.clock.now();
  // Of one instant: a version that comes into effect a moment later is not in the set that this digest names.
  const policies = inEffectDigest(core.configuration.policies, now);
  const set = asOf(core.configuration.policies, now);
  const activation = await core.registry.activation();
  if (activation?.active === policies) {
    await forgetWaiting(core, activation);
    return { kind: 'active' };
  }
  await core.registry.putActiveSet(policies, set);
  if (activation === undefined) {
    await core.registry.putActivation({ version: 1, active: policies, at: core.clock.now() });
    return { kind: 'active' };
  }
  const waiting = activation.waiting?.policies === policies ? activation.waiting : undefined;
  const since = waiting?.since ?? core.clock.now();
  if (waiting?.plan === NOT_COUNTED) return { kind: 'waiting', for: 'person', since };
  const progress = waiting && (await planFor(core, activation));
  if (progress !== undefined && !isOld(core, progress)) {
    await askForSegments(core, walkOfPlan(progress.plan.id), progress.idle);
    return settle(core, activation, progress, since);
  }
  const plan = await begunPlan(core);
  const next = { ...activation, version: activation.version + 1, waiting: { policies, plan, since } };
  await core.registry.putActivation(next);
  return { kind: 'waiting', for: plan === NOT_COUNTED ? 'person' : 'count', since };
}

/** What was registered and happened since it was counted is not in it. */
function isOld({ clock }: Pick<Core, 'clock'>, { isCounted, at }: PlanProgress): boolean {
  return isCounted && clock.now() - at > DAY;
}

/** After the last segment of a plan: if it is the one that the deployed policies wait for, they may become active now. */
export async function endOfPlan(core: Core): Promise<'activated' | 'not-yet'> {
  const activation = await core.registry.activation();
  const { waiting } = activation ?? {};
  if (activation === undefined || waiting?.policies !== deployedPolicies(core)) return 'not-yet';
  const progress = await planFor(core, activation);
  if (progress === undefined) return 'not-yet';
  const { kind } = await settle(core, activation, progress, waiting.since);
  return kind === 'active' ? 'activated' : 'not-yet';
}

/** Nothing if the plan is gone, or compares with other policies than those that are active by now. */
export async function planFor(
  core: Pick<Core, 'registry' | 'clock' | 'configuration'>,
  { active, waiting }: Activation,
): Promise<PlanProgress | undefined> {
  const progress = waiting && (await readPlan(core, waiting.plan));
  const { from = active, to } = progress?.plan ?? {};
  return from === active && to === waiting?.policies ? progress : undefined;
}

export interface WaitingForPerson {
  readonly since: Instant;
  /** Absent if it could not be counted. */
  readonly newlyDue?: number;
  /** Whose rows are not counted. */
  readonly datasets?: readonly ChangedDataset[];
}

/** The deployed policies, if they are counted and only a person can say that lanes work by them. */
export async function waitingForPerson(
  core: Pick<Core, 'registry' | 'clock' | 'configuration'>,
): Promise<WaitingForPerson | undefined> {
  const activation = await core.registry.activation();
  const { waiting } = activation ?? {};
  if (activation === undefined || waiting?.policies !== deployedPolicies(core)) return undefined;
  const { since, plan } = waiting;
  if (plan === NOT_COUNTED) return { since };
  const progress = await planFor(core, activation);
  if (progress?.isCounted !== true) return undefined;
  if (!needsPerson(core, progress)) return undefined;
  const datasets = changedDatasets(core.configuration, progress.plan.sets, core.clock.now());
  return { since, newlyDue: newlyDue(progress.tally), datasets };
}

/** Rows of datasets are not counted: where their policy changes, any number of them may become due. */
function needsPerson(
  { configuration, clock }: Pick<Core, 'configuration' | 'clock'>,
  { tally, plan }: PlanProgress,
): boolean {
  const most = mostNewlyDue(configuration);
  if (most === Infinity) return false;
  return newlyDue(tally) > most || changedDatasets(configuration, plan.sets, clock.now()).length > 0;
}

/** What waits is active. */
export function activated({ version, active, waiting }: Activation, at: Instant): Activation {
  return { version: version + 1, active: waiting?.policies ?? active, at };
}

async function settle(
  core: Core,
  activation: Activation,
  progress: PlanProgress,
  since: Instant,
): Promise<ActivationState> {
  if (!progress.isCounted) return { kind: 'waiting', for: 'count', since };
  if (needsPerson(core, progress)) return { kind: 'waiting', for: 'person', since };
  const written = await core.registry.putActivation(activated(activation, core.clock.now()));
  return written === 'written' ? { kind: 'active' } : { kind: 'waiting', for: 'count', since };
}

/** Where both sets together are too large, all that is due by the new one counts as newly due. */
async function begunPlan(core: Core): Promise<string> {
  const to = core.configuration.policies;
  const from = await activePolicies(core);
  const plan = from === undefined ? 'too-large' : await beginPlan(core, { to, from });
  if (plan !== 'too-large') return plan.id;
  const alone = await beginPlan(core, { to });
  return alone === 'too-large' ? NOT_COUNTED : alone.id;
}

/**
 * The active policies were deployed again, so nothing waits any more. A function of the former release may still run
 * while the next one is deployed: what has just begun to wait is left to that one.
 */
async function forgetWaiting(core: Core, { waiting, ...rest }: Activation): Promise<void> {
  if (waiting === undefined || core.clock.now() - waiting.since < HOUR) return;
  await core.registry.putActivation({ ...rest, version: rest.version + 1 });
}
