import { createHash } from 'node:crypto';
import { API_SOURCE } from '../../shared/contract/bus.ts';
import { NOTICE_SOURCE } from '../../shared/contract/notice.ts';
import { HEARTBEAT_TYPE, SWEEP_SOURCE } from '../../shared/contract/heartbeat.ts';
import type { ConfigurationProblem } from '../../shared/domain/configuration/configuration-problem.ts';
import type { Configuration } from '../../shared/domain/configuration/configuration.ts';

/** An event pattern in EventBridge's form. */
export type EventPattern = Readonly<Record<string, unknown>>;

/** One rule of the bus. Together, the patterns of all rules match every event exactly once, and no notice. */
export interface IngestRule {
  readonly id: string;
  readonly description: string;
  readonly pattern: EventPattern;
  /** Without a group, the queue treats each message as one of a sender of its own. */
  readonly group?: string;
}

type Producers = Configuration['producers'];

/** Of what neither a producer sends nor is a heartbeat: operators' corrections, retries, unknown sources. */
const OTHERS = 'tenure.others';

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html */
const RULES_PER_BUS = 300;
const PATTERN_CHARACTERS = 2048;

/**
 * The rules that carry events to the ingest queue, each in the message group of its producer. The queue prefers
 * producers with few messages in flight, so that a flood of one producer delays the others only a little.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fair-queues-detailed.html
 * The group of a rule's target is a fixed text, so each producer has a rule.
 * https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_SqsParameters.html
 */
export function ingestRules(producers: Producers): readonly IngestRule[] {
  return [...Object.entries(producers).map(producerRule), heartbeatRule(), ...otherRules(producers)];
}

/**
 * What the producer sends to the bus, and what the api accepted from it. With another source it is another rule: the one
 * of the former source carries its events until the new rules are there.
 */
function producerRule([name, { source }]: readonly [string, { readonly source: string }]): IngestRule {
  return {
    id: `IngestRule-${name}-${digest(source)}`,
    description: `Sends the events of the producer ${name} to the ingest queue`,
    pattern: {
      $or: [{ source: [source] }, { source: [API_SOURCE], detail: { tenureproducer: [name] } }],
    },
    group: name,
  };
}

function digest(source: string): string {
  return createHash('sha256').update(source).digest('hex').slice(0, 8);
}

/** A heartbeat has no group: a message of a sender of its own is never one of a sender with too many messages. */
function heartbeatRule(): IngestRule {
  return {
    id: 'IngestRuleHeartbeats',
    description: 'Sends heartbeats to the ingest queue',
    pattern: { source: [SWEEP_SOURCE], 'detail-type': [HEARTBEAT_TYPE] },
  };
}

/**
 * Everything that no other rule matches: no event is without a rule, but for what applications are told. Two rules, because patterns have a limit. The last
 * one may stop taking what the others take only when they are there.
 */
function otherRules(producers: Producers): readonly IngestRule[] {
  const names = Object.keys(producers);
  const sources = Object.values(producers).map(({ source }) => source);
  return [
    {
      id: 'IngestRuleOtherRequests',
      description: 'Sends what the api accepted from operators to the ingest queue',
      pattern: {
        source: [API_SOURCE],
        $or: [
          { detail: { tenureproducer: [{ exists: false }] } },
          ...(names.length === 0 ? [] : [{ detail: { tenureproducer: [{ 'anything-but': names }] } }]),
        ],
      },
      group: OTHERS,
    },
    {
      id: 'IngestRule',
      description: 'Sends every other event to the ingest queue',
      pattern: {
        $or: [
          { source: [{ 'anything-but': [...sources, API_SOURCE, SWEEP_SOURCE, NOTICE_SOURCE] }] },
          { source: [SWEEP_SOURCE], 'detail-type': [{ 'anything-but': [HEARTBEAT_TYPE] }] },
        ],
      },
      group: OTHERS,
    },
  ];
}

/** EventBridge's limits. A deployment beyond them fails only after it has changed half of its rules. */
export function checkIngestRules({ producers }: Configuration): ConfigurationProblem[] {
  const rules = ingestRules(producers);
  const count = Object.keys(producers).length;
  const advice = 'use fewer producers, or split the deployment';
  if (rules.length > RULES_PER_BUS)
    return [
      {
        path: 'producers',
        message: `${count} producers need ${rules.length} rules, but an event bus can have ${RULES_PER_BUS}; ${advice}`,
      },
    ];
  const longest = Math.max(...rules.map(({ pattern }) => JSON.stringify(pattern).length));
  if (longest <= PATTERN_CHARACTERS) return [];
  return [
    {
      path: 'producers',
      message: `the names or sources of the ${count} producers need an event pattern of ${longest} characters, but EventBridge allows ${PATTERN_CHARACTERS}; give them shorter names and sources, ${advice}`,
    },
  ];
}
