import { policiesDigest } from '../domain/configuration/effective-policies.ts';
import { timeZoneDatabase } from '../domain/calendar/calendar.ts';
import { SOFTWARE } from '../domain/version.ts';
import type { Core } from './core.ts';
import { hintMinute, wakeFor } from './hint.ts';
import { isPlannedByOthers } from './plan-of.ts';
import { rePlanRead } from './plan-writer.ts';
import { SEGMENTS, segmentId, walkSegment } from './walk.ts';

const WEEK = 7 * 24 * 3_600_000;

/** What plans depend on besides facts. */
function policiesNow(core: Pick<Core, 'configuration' | 'clock'>): string {
  return `${policiesDigest(core.configuration.policies, core.clock.now())}/${SOFTWARE}/${timeZoneDatabase()}`;
}

/**
 * Policies in effect that nothing was planned by yet are recorded, and every holding whose own policies changed is
 * planned again, segment by segment. Segments that have not ended are sent again, so a lost message costs an hour. A
 * version that comes into effect within a week gets a wake-up at that minute.
 */
export async function checkPolicies(core: Core): Promise<void> {
  const now = core.clock.now();
  for (const { effectiveFrom } of core.configuration.policies.policies) {
    if (effectiveFrom > now && effectiveFrom < now + WEEK)
      await wakeFor(core, hintMinute(effectiveFrom, now, core.configuration.timing));
  }
  const id = await rePlanOf(core);
  const open: { kind: 'walk'; walk: string; segment: number }[] = [];
  for (let segment = 0; segment < SEGMENTS; segment += 1) {
    const walk = await core.registry.walk(segmentId(id, segment));
    if (walk.done !== true) open.push({ kind: 'walk', walk: id, segment });
  }
  if (open.length > 0) await core.queues.toSweep(open);
}

/** A change of policies starts a new walk, also a change back to policies that were in effect before. */
async function rePlanOf(core: Core): Promise<string> {
  const digest = policiesNow(core);
  for (;;) {
    const run = await core.registry.policyRun();
    if (run?.digest === digest) return `re-plan/${digest}/${run.recordedAt}`;
    await core.registry.putPolicyRun({ digest, recordedAt: core.clock.now() }, run?.digest);
  }
}

/** One segment of a re-plan. Only what was decided under other policies is planned again; the rest is read once. */
export async function rePlanSegment(
  core: Core,
  message: { readonly walk: string; readonly segment: number },
  goOn: () => boolean,
): Promise<void> {
  const walked = await walkSegment(core, { id: message.walk, segment: message.segment }, goOn, {
    scan: (...page) => core.registry.scanHoldings(...page),
    async visit({ items }) {
      const now = core.clock.now();
      const others = items.filter((holding) => isPlannedByOthers(core, holding, now));
      await rePlanRead(core, others);
    },
  });
  if (walked === 'more') await core.queues.toSweep([{ kind: 'walk', ...message }]);
  if (walked === 'done') core.report('sweep.re-planned', { count: 1 });
}
