import { timeZoneDatabase } from '../../shared/domain/calendar/calendar.ts';
import { policiesDigest } from '../../shared/domain/configuration/effective-policies.ts';
import { SOFTWARE } from '../../shared/domain/version.ts';
import type { SweepMessage } from '../../shared/ports/queues.ts';
import type { Core } from '../../shared/protocol/core.ts';
import { reportBehind } from '../../shared/protocol/report-behind.ts';
import { hintParked, release } from '../../shared/protocol/release.ts';
import {
  checkPolicies,
  policiesMayHaveChanged,
  proveSegment,
  rePlanSegment,
  startProof,
} from '../../shared/protocol/scans.ts';
import { sweepHourly, sweepMinute } from '../../shared/protocol/sweep.ts';

/**
 * Processes one message. `goOn` returns false when the function's time is nearly over: the rest is sent as a new
 * message, or found by the next hourly run. Every path may run twice.
 */
export async function sweep(core: Core, message: SweepMessage, goOn: () => boolean): Promise<void> {
  switch (message.kind) {
    case 'minute':
      if (policiesMayHaveChanged(core)) await checkPolicies(core, digestNow(core));
      await sweepMinute(core, message.minute);
      return;
    case 'hourly':
      await checkPolicies(core, digestNow(core));
      if ((await sweepHourly(core, goOn)) === 'more') await core.queues.toSweep([message]);
      else await reportBehind(core, goOn);
      return;
    case 're-plan':
      await rePlanSegment(core, message, goOn);
      return;
    case 'weekly':
      await startProof(core);
      return;
    case 'proof':
      await proveSegment(core, message, goOn);
      return;
    case 'release': {
      const hold = await core.registry.wideHold(message.hold);
      if (hold === undefined) await hintParked(core, message.hold);
      else await release(core, { ...hold, state: 'released' });
      return;
    }
  }
}

/** What plans depend on besides facts. When any of it changes, all holdings are planned again. */
function digestNow(core: Core): string {
  return `${policiesDigest(core.configuration.policies, core.clock.now())}/${SOFTWARE}/${timeZoneDatabase()}`;
}
