import type { SchedulerClient } from '@aws-sdk/client-scheduler';
import { CreateScheduleCommand } from '@aws-sdk/client-scheduler';
import { minuteId } from '../domain/calendar/utc-time.ts';
import type { Instant } from '../domain/record/ids.ts';
import type { SweepMessage } from '../ports/queues.ts';
import { codeOf } from '../domain/error-code.ts';
import type { Report } from '../ports/report.ts';
import type { Timers } from '../ports/timers.ts';

export interface SchedulerTimersOptions {
  readonly group: string;
  /** The sweep's queue. */
  readonly targetArn: string;
  /** Assumed by the scheduler; may send to the queue and to the dead-letter queue. */
  readonly roleArn: string;
  readonly deadLetterArn: string;
  readonly report: Report;
}

/** After an hour, the hourly sweep has done the work of the wake-up. */
const RETRY_SECONDS = 3600;
const REMEMBERED_MINUTES = 10_000;
/** Waiting for a scheduler that cannot be reached, once for each minute, would take all of a function's time. */
const PAUSE_MILLISECONDS = 60_000;

/**
 * One schedule per minute, named `due-20260301T1005`, so that repeated requests from functions and retries are
 * harmless. It deletes itself after it has fired. A warm instance requests each minute once.
 */
export function schedulerTimers(client: SchedulerClient, options: SchedulerTimersOptions): Timers {
  const { group, targetArn, roleArn, deadLetterArn, report } = options;
  const known = new Set<Instant>();
  let askAgainAt = 0;

  return {
    async wake(minute) {
      if (known.has(minute) || performance.now() < askAgainAt) return;
      const message: SweepMessage = { kind: 'wake' };
      const command = new CreateScheduleCommand({
        Name: `due-${minuteId(minute).replace(/[-:]/g, '')}`,
        GroupName: group,
        ScheduleExpression: `at(${minuteId(minute)}:00)`,
        ScheduleExpressionTimezone: 'UTC',
        FlexibleTimeWindow: { Mode: 'OFF' },
        ActionAfterCompletion: 'DELETE',
        Target: {
          Arn: targetArn,
          RoleArn: roleArn,
          Input: JSON.stringify(message),
          DeadLetterConfig: { Arn: deadLetterArn },
          RetryPolicy: { MaximumEventAgeInSeconds: RETRY_SECONDS },
        },
      });
      try {
        await client.send(command);
      } catch (error) {
        const code = codeOf(error);
        if (code !== 'ConflictException') {
          if (code === 'SCHEDULER_UNREACHABLE') askAgainAt = performance.now() + PAUSE_MILLISECONDS;
          report('timers.refused', { code });
          return;
        }
      }
      if (known.size >= REMEMBERED_MINUTES) known.clear();
      known.add(minute);
    },
  };
}
