import type { SweepMessage } from '../../shared/ports/queues.ts';
import { censusSegment, startCensus } from '../../shared/protocol/census.ts';
import { advanceExport } from '../../shared/protocol/export/advance-export.ts';
import type { ExportCore } from '../../shared/protocol/export/export-core.ts';
import { ringColumns } from '../../shared/protocol/columns/ring-columns.ts';
import { tellOfColumns } from '../../shared/protocol/columns/tell-of-columns.ts';
import type { Core } from '../../shared/protocol/core.ts';
import { RESTORED } from '../../shared/domain/record/hold.ts';
import {
  type SettlingCore,
  settlingSegment,
  startSettling,
} from '../../shared/protocol/restore/settle-restored.ts';
import { sweepRequests } from '../../shared/protocol/people/sweep-requests.ts';
import { confirmAsked } from '../../shared/protocol/vendor/confirm-asked.ts';
import { hintParked, release } from '../../shared/protocol/hold.ts';
import { notesAnything } from '../../shared/protocol/notices/is-told.ts';
import { sendNotices } from '../../shared/protocol/notices/send-notices.ts';
import { activatePolicies } from '../../shared/protocol/policy-plan/activate.ts';
import { endOfPlan } from '../../shared/protocol/policy-plan/activation.ts';
import { SEGMENTS } from '../../shared/protocol/walk.ts';
import { planOfWalk } from '../../shared/protocol/policy-plan/begin-plan.ts';
import { planSegment } from '../../shared/protocol/policy-plan/walk-plan.ts';
import { partOfWalk } from '../../shared/protocol/replay/begin-replay.ts';
import { replaySegment } from '../../shared/protocol/replay/walk-replay.ts';
import { checkPolicies, rePlanSegment } from '../../shared/protocol/policies.ts';
import { ringAfterPause, sweepHourly, sweepWake } from '../../shared/protocol/sweep-lanes.ts';

/** After a restore it settles what the log knows, and at any time it makes copies for people. */
export type SweepCore = SettlingCore & ExportCore;

/**
 * Processes one message for `sweep`. `goOn` turns false when the function's time is nearly over: what is left is sent
 * on, or found by the next hourly run. All of it may run twice.
 */
export async function sweep(core: SweepCore, message: SweepMessage, goOn: () => boolean): Promise<void> {
  switch (message.kind) {
    case 'wake':
      if (policiesMayHaveChanged(core)) {
        await checkPolicies(core);
        await activatePolicies(core);
      }
      if ((await sweepWake(core, goOn)) === 'more') await core.queues.toSweep([message]);
      await tellOfColumns(core, goOn);
      if (notesAnything(core.configuration)) await sendNotices(core, goOn);
      return;
    case 'hourly':
      await checkPolicies(core);
      if ((await sweepHourly(core, goOn, await activatePolicies(core))) === 'more')
        await core.queues.toSweep([message]);
      else await startCensus(core);
      if (core.adopted !== undefined) await startSettling(core, core.adopted);
      await ringColumns(core);
      await tellOfColumns(core, goOn);
      await sweepRequests(core, goOn);
      if (notesAnything(core.configuration)) await sendNotices(core, goOn);
      return;
    case 'walk':
      if (message.walk.startsWith('census/')) {
        await censusSegment(core, message, goOn);
        // Once a day also where no policy wants to be told any more: what was noted until then is told.
        if (message.segment === 0) await sendNotices(core, goOn);
      } else if (planOfWalk(message.walk) !== undefined) await planPolicies(core, message, goOn);
      else if (partOfWalk(message.walk) !== undefined) await replaySegment(core, message, goOn);
      else if (message.walk.startsWith('restored/')) await settlingSegment(core, message, goOn);
      else await rePlanSegment(core, message, goOn);
      return;
    case 'release': {
      const hold =
        (await core.registry.holdRecord(message.hold)) ?? (await core.registry.wideHold(message.hold));
      const released =
        hold === undefined ? await hintParked(core, message.hold, goOn) : await release(core, hold, goOn);
      if (released === 'more') await core.queues.toSweep([message]);
      if (hold?.kind === 'pause' || message.hold === RESTORED) await ringAfterPause(core, goOn);
      return;
    }
    case 'confirm-vendor': {
      const { lane, record, requests } = message;
      // A worker has the chunk: it comes again until the worker is done.
      if ((await confirmAsked({ ...core, lane }, record, requests)) === 'busy')
        await core.queues.toSweep([message], 60);
      return;
    }
    case 'ring':
      await ringAfterPause(core, goOn);
      return;
    case 'export':
      await advanceExport(core, message, goOn);
      return;
  }
}

/** A segment of a plan; after the last one the lanes may work. Or the API says that they may, and they are rung. */
async function planPolicies(
  core: Core,
  message: Extract<SweepMessage, { readonly kind: 'walk' }>,
  goOn: () => boolean,
): Promise<void> {
  if (message.segment >= SEGMENTS) return ringAfterPause(core, goOn);
  if ((await planSegment(core, message, goOn)) !== 'done') return;
  if ((await endOfPlan(core)) === 'activated') await ringAfterPause(core, goOn);
}

/** Whether a policy version came into effect within the last hour: then a wake-up looks at the policies, too. */
function policiesMayHaveChanged(core: Core): boolean {
  const now = core.clock.now();
  return core.configuration.policies.policies.some(
    ({ effectiveFrom }) => effectiveFrom <= now && effectiveFrom > now - 3_600_000,
  );
}
