import { policiesDigest } from '../domain/configuration/effective-policies.ts';
import { timeZoneDatabase } from '../domain/calendar/calendar.ts';
import { PLANNER } from '../domain/version.ts';
import type { Instant } from '../domain/record/ids.ts';
import type { PolicyRun } from '../ports/upkeep.ts';
import type { Core } from './core.ts';
import { setDamagedAside } from './damaged.ts';
import { isRefusedByPolicies, namesDigest } from './facts/refused-by-policies.ts';
import { hintMinute, wakeFor } from './hint.ts';
import { notePolicyChanges } from './notices/note-policy-changes.ts';
import { isPlannedByOthers } from './plan-of.ts';
import { rePlanRead } from './plan-writer.ts';
import { seconds } from './seconds.ts';
import { SEGMENTS, segmentId, walkSegment } from './walk.ts';

const WEEK = 7 * 24 * 3_600_000;
/** How the ids of re-plans begin; then come what it plans by and when that was recorded. */
const WALK = 're-plan/';

/** The segment after those of the holdings: the quarantine. */
const QUARANTINE = SEGMENTS;

/**
 * What plans depend on besides facts, for a plan that is made at `at`, and what `ingest` takes. Policies that come into
 * effect later are in it, because `ingest` takes what they declare already.
 */
export function policiesAt({ configuration }: Pick<Core, 'configuration'>, at: Instant): string {
  const digest = policiesDigest(configuration.policies, at);
  return `${digest}/${PLANNER.since}/${timeZoneDatabase()}/${namesDigest(configuration)}`;
}

/**
 * Policies in effect that nothing was planned by yet are recorded, and every holding whose own policies changed is
 * planned again, segment by segment. Segments that have not ended are sent again, so a lost message costs an hour. A
 * version counts once it is in effect on every clock: after that no plan can be made by the former one. One that comes
 * into effect within a week gets a wake-up for that minute.
 */
export async function checkPolicies(core: Core): Promise<void> {
  const { timing } = core.configuration;
  const onAnyClock = core.clock.now() - 2 * seconds(timing.clockTolerance);
  for (const { effectiveFrom } of core.configuration.policies.policies) {
    if (effectiveFrom > onAnyClock && effectiveFrom < onAnyClock + WEEK)
      await wakeFor(
        core,
        hintMinute(effectiveFrom + seconds(timing.clockTolerance), core.clock.now(), timing),
      );
  }
  const id = await rePlanOf(core, onAnyClock);
  const open: { kind: 'walk'; walk: string; segment: number }[] = [];
  for (let segment = 0; segment < SEGMENTS; segment += 1) {
    const walk = await core.registry.walk(segmentId(id, segment));
    if (walk.done !== true) open.push({ kind: 'walk', walk: id, segment });
  }
  if (open.length > 0) await core.queues.toSweep(open);
}

function walkOf({ digest, recordedAt }: PolicyRun): string {
  return `${WALK}${digest}/${recordedAt}`;
}

/**
 * The last segment of the newest re-plan, until it has ended: asked for while something is in quarantine that other
 * policies refused. What comes into quarantine later was refused by the present ones, or is tried once more in vain.
 */
export async function askForRefused(core: Core): Promise<void> {
  const run = await core.registry.policyRun();
  if (run === undefined) return;
  const walk = await core.registry.walk(segmentId(walkOf(run), QUARANTINE));
  if (walk.done !== true)
    await core.queues.toSweep([{ kind: 'walk', walk: walkOf(run), segment: QUARANTINE }]);
}

/** A change of policies starts a new walk, also a change back to policies that were in effect before. */
async function rePlanOf(core: Core, at: Instant): Promise<string> {
  const digest = policiesAt(core, at);
  for (;;) {
    const run = await core.registry.policyRun();
    if (run?.digest === digest) return walkOf(run);
    const policies = await notePolicyChanges(core, run, at);
    await core.registry.putPolicyRun({ digest, recordedAt: core.clock.now(), policies }, run?.digest);
  }
}

interface SegmentMessage {
  readonly walk: string;
  readonly segment: number;
}

/**
 * One segment of a re-plan. Only what was decided under other policies is planned again; the rest is read once. A
 * walker that would plan by other policies than the walk is for (its clock is behind, or its software or configuration
 * older) leaves the segment: it would end the walk without planning anything. The hourly sweep asks again.
 */
export async function rePlanSegment(core: Core, message: SegmentMessage, goOn: () => boolean): Promise<void> {
  const policies = policiesAt(core, core.clock.now());
  if (!message.walk.startsWith(`${WALK}${policies}/`)) return;
  if (message.segment === QUARANTINE) return retryRefused(core, message, policies, goOn);
  const walked = await walkSegment(core, { id: message.walk, segment: message.segment }, goOn, {
    scan: (...page) => core.registry.scanHoldings(...page),
    async visit({ items, damaged }) {
      await setDamagedAside(core, damaged);
      const now = core.clock.now();
      const others = items.filter((holding) => isPlannedByOthers(core, holding, now));
      await rePlanRead(core, others);
    },
  });
  if (walked === 'more') await core.queues.toSweep([{ kind: 'walk', ...message }]);
  if (walked === 'done') core.report('sweep.re-planned', { count: 1 });
}

/**
 * The segment of a re-plan that is no holdings: what the former policies refused is tried again, a page at a time. The
 * page is sent before the cursor moves, so a walk that dies sends it twice, and `ingest` tries it once. A message that is
 * refused again stays in quarantine since its first arrival.
 */
async function retryRefused(
  core: Core,
  message: SegmentMessage,
  policies: string,
  goOn: () => boolean,
): Promise<void> {
  const walked = await walkSegment(core, { id: message.walk, segment: message.segment }, goOn, {
    scan: (_segment, _segments, after) => core.registry.quarantined(after),
    async visit({ items }) {
      const refused = items.filter(({ code, cut }) => isRefusedByPolicies(code) && cut === undefined);
      if (refused.length === 0) return;
      await core.queues.retryRefused(
        refused.map(({ id }) => id),
        policies,
      );
      core.report('sweep.retried', { count: refused.length });
    },
  });
  if (walked === 'more') await core.queues.toSweep([{ kind: 'walk', ...message }]);
}
