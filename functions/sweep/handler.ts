import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import {
  adoptedTable,
  awsArchive,
  awsBus,
  awsDynamo,
  awsExports,
  awsKeys,
  awsQueues,
  awsRegistry,
  awsTimers,
} from '../../shared/adapters/aws-ports.ts';
import { randomTokens } from '../../shared/adapters/random-tokens.ts';
import type { OwnEvents } from '../../shared/adapters/sqs-queues.ts';
import { systemClock } from '../../shared/adapters/system-clock.ts';
import { stampedDetail } from '../../shared/contract/bus.ts';
import { columnDetail } from '../../shared/contract/column-message.ts';
import { heartbeatDetail, SWEEP_SOURCE } from '../../shared/contract/heartbeat.ts';
import { NOTICE_SOURCE, noticeDetail } from '../../shared/contract/notice.ts';
import { retryDetail, retryRefusedDetail } from '../../shared/contract/retry.ts';
import { parseSweepMessage } from '../../shared/contract/messages.ts';
import type { Archive } from '../../shared/ports/archive.ts';
import type { Bus } from '../../shared/ports/bus.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { SweepMessage } from '../../shared/ports/queues.ts';
import { reportReviews } from '../../shared/protocol/people/hold-review.ts';
import { reportArchive } from '../../shared/protocol/waiting-too-long.ts';
import { eachMessage } from '../../shared/runtime/batch-failures.ts';
import { parseEnvironment } from '../../shared/runtime/environment.ts';
import { codeOf } from '../../shared/domain/error-code.ts';
import { deployedConfiguration } from '../../shared/runtime/deployed-configuration.ts';
import { powertoolsReport } from '../../shared/runtime/report.ts';
import { warmStart, whileTimeIsLeft } from '../../shared/runtime/warm-start.ts';
import { Environment, laneUrls } from './config.ts';
import { sweep, type SweepCore } from './sweep.ts';

interface SweepOptions {
  readonly goOn?: () => boolean;
  /** The archive of the bus, where the bus has one. */
  readonly archive?: Archive;
}

/**
 * Fired by wake-ups at the minutes of hints, and every hour. It may fire late, twice or without need: it reads what is
 * due from the registry and sends it to the lanes, which work on durable chunks. Wake-ups that carry the holdings would
 * be simpler, but then a lost wake-up would lose them.
 */
export function sweepHandler(
  core: SweepCore,
  { goOn = () => true, archive }: SweepOptions = {},
): (event: SQSEvent) => Promise<SQSBatchResponse> {
  return (event) =>
    eachMessage(
      event.Records,
      parseSweepMessage,
      async (message) => {
        await sweep(core, message, goOn);
        if (isPartOfCensus(message)) await reportDaily(core, archive);
        return 'done';
      },
      (error) => core.report('sweep.failed', { code: codeOf(error) }),
    );
}

/** Once a day, or a few times if the first segment is long. The hourly run has no request to spare for it. */
function isPartOfCensus(message: SweepMessage): boolean {
  return message.kind === 'walk' && message.segment === 0 && message.walk.startsWith('census/');
}

async function reportDaily(core: SweepCore, archive: Archive | undefined): Promise<void> {
  await reportReviews(core);
  if (archive !== undefined) await reportArchive(core, archive);
}

/** A heartbeat has to arrive. A retry, or a fact of a request, that does not is sent again by the next hourly sweep. */
function ownEvents(bus: Bus, notices: Bus, clock: Clock): OwnEvents {
  return {
    // The bus reports why. What it did not take is sent by a later run, and stops nothing else of this one.
    notify: (all) => notices.publish(all.map(noticeDetail)).catch(() => all.map(() => 'failed' as const)),
    async sendHeartbeat() {
      const [answer] = await bus.publish([heartbeatDetail(clock.now())]);
      if (answer !== 'durable') throw new Error('HEARTBEAT_REFUSED: the bus did not take the heartbeat');
    },
    async sendFacts(facts) {
      const details = facts.map(({ speaker, sent }) => stampedDetail(speaker, sent, { isRequest: true }));
      const answers = await bus.publish(details);
      if (answers.some((answer) => answer !== 'durable'))
        throw new Error('FACT_REFUSED: the bus did not take a fact of a request');
    },
    async tellIngest(messages) {
      const answers = await bus.publish(messages.map(columnDetail));
      if (answers.some((answer) => answer !== 'durable'))
        throw new Error('COLUMN_REFUSED: the bus did not take all that was found in columns');
    },
    async retry(ids) {
      await bus.publish(ids.map(retryDetail));
    },
    async retryRefused(ids, policies) {
      const answers = await bus.publish(ids.map((id) => retryRefusedDetail(id, policies)));
      if (answers.some((answer) => answer !== 'durable'))
        throw new Error('RETRY_REFUSED: the bus did not take all messages that are to be tried again');
    },
  };
}

const start = warmStart(async (): Promise<{ readonly core: SweepCore; readonly archive: Archive }> => {
  const env = parseEnvironment(Environment, process.env);
  const report = powertoolsReport('sweep');
  const clock = systemClock();
  const bus = awsBus(env, SWEEP_SOURCE, report);
  const dynamo = awsDynamo();
  const configuration = await deployedConfiguration(import.meta.url);
  const core: SweepCore = {
    configuration,
    registry: awsRegistry(dynamo, env),
    keys: awsKeys(dynamo, env, configuration.timing),
    queues: awsQueues(
      {
        lanes: laneUrls(env.SWEEP_QUEUE_URL, env.LANE_QUEUE_PREFIX, Object.keys(configuration.stores)),
        sweep: env.SWEEP_QUEUE_URL,
        seal: env.SEAL_QUEUE_URL,
      },
      ownEvents(bus, awsBus(env, NOTICE_SOURCE, report), clock),
    ),
    timers: awsTimers(env, report),
    exports: awsExports(env),
    clock,
    tokens: randomTokens(),
    report,
    ...adoptedTable(env),
  };
  return { core, archive: awsArchive(env) };
});

export const handler = async (event: SQSEvent, context: Context): Promise<SQSBatchResponse> => {
  const { core, archive } = await start();
  const goOn = whileTimeIsLeft(context, core.configuration.timing.functionTimeout);
  return sweepHandler(core, { goOn, archive })(event);
};
