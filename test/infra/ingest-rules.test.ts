import { describe, expect, test } from 'vitest';
import { checkIngestRules, ingestRules } from '../../infra/constructs/ingest-rules.ts';
import retention from '../../retention.config.ts';
import { API_SOURCE } from '../../shared/contract/bus.ts';
import { heartbeatDetail, SWEEP_SOURCE } from '../../shared/contract/heartbeat.ts';
import { NOTICE_SOURCE, noticeDetail } from '../../shared/contract/notice.ts';
import { retryDetail } from '../../shared/contract/retry.ts';
import type { Configuration } from '../../shared/domain/configuration/configuration.ts';
import { matchesPattern } from '../support/event-pattern.ts';
import { ofType, synthesized } from '../support/house/synthesized.ts';

/** The example, and a producer that only reports events. */
const [first] = Object.values(retention.producers);
if (first === undefined) throw new Error('the example has no producer');
const billing = {
  ...first,
  source: 'com.example.billing',
  principals: ['arn:aws:iam::111122223333:role/billing'],
  stores: {},
};
const producers = { ...retention.producers, billing };
const { state } = synthesized({ ...retention, producers });

interface Target {
  readonly Arn: unknown;
  readonly DeadLetterConfig: unknown;
  readonly SqsParameters?: { readonly MessageGroupId: string };
}
interface Rule {
  readonly EventPattern: Readonly<Record<string, unknown>>;
  readonly Targets: readonly Target[];
}

const rules = ofType(state, 'AWS::Events::Rule').map(({ id, Properties, ...rest }) => ({
  id,
  ...rest,
  ...(Properties as unknown as Rule),
}));
const sources = Object.entries(producers).map(([name, { source }]) => ({ name, source }));

/** The message groups in which an event arrives at the queue. */
function groupsOf(source: string, type: string, detail: object): readonly (string | undefined)[] {
  const event = { version: '0', id: 'e-1', source, 'detail-type': type, detail };
  return rules
    .filter(({ EventPattern }) => matchesPattern(EventPattern, event))
    .flatMap(({ Targets }) => Targets.map(({ SqsParameters }) => SqsParameters?.MessageGroupId));
}

function parsed({ type, detail }: { readonly type: string; readonly detail: string }): [string, object] {
  return [type, JSON.parse(detail) as object];
}

function producersOf(names: readonly string[]): Configuration {
  const producer = { principals: [], stores: {}, categories: [], events: [], itemsPerHour: 1 };
  const producers = Object.fromEntries(
    names.map((name) => [name, { ...producer, source: `com.example.${name}` }]),
  );
  return { producers } as unknown as Configuration;
}

describe('the rules of the bus', () => {
  test('put what a producer sends into its group, whether it came over the bus or over HTTP', () => {
    expect(sources.length).toBeGreaterThan(1);
    for (const { name, source } of sources) {
      expect(groupsOf(source, 'contract.ended', { source })).toEqual([name]);
      expect(groupsOf(API_SOURCE, 'contract.ended', { source, tenureproducer: name })).toEqual([name]);
      // Only the api says for whom it speaks.
      expect(groupsOf(source, 'contract.ended', { source, tenureproducer: 'another' })).toEqual([name]);
    }
  });

  test('give a heartbeat no group, so that it never belongs to a sender with too many messages', () => {
    expect(groupsOf(SWEEP_SOURCE, ...parsed(heartbeatDetail(0)))).toEqual([undefined]);
  });

  test('deliver everything else, too: retries, requests of operators, unknown producers and sources', () => {
    const others = ['tenure.others'];
    expect(groupsOf(SWEEP_SOURCE, ...parsed(retryDetail('q-1')))).toEqual(others);
    expect(groupsOf(API_SOURCE, 'tenure.retraction', { tenureoperator: true })).toEqual(others);
    expect(groupsOf(API_SOURCE, 'contract.ended', { tenureproducer: 'removed-yesterday' })).toEqual(others);
    expect(groupsOf('com.example.removed-yesterday', 'contract.ended', {})).toEqual(others);
    expect(groupsOf('x', 'tenure.heartbeat', {})).toEqual(others);
  });

  test('bring nothing that applications are told', () => {
    const notice = { id: 'n', kind: 'failed', at: 1, data: {} } as const;
    expect(groupsOf(NOTICE_SOURCE, ...parsed(noticeDetail(notice)))).toEqual([]);
  });

  test('have the queue and its dead-letter queue as their only target', () => {
    for (const { id, Targets } of rules) {
      expect({ id, Targets }).toEqual({
        id,
        Targets: [
          expect.objectContaining({
            Arn: { 'Fn::GetAtt': ['IngestQueue', 'Arn'] },
            DeadLetterConfig: { Arn: { 'Fn::GetAtt': ['IngestDeadLetters', 'Arn'] } },
            RetryPolicy: { MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 },
          }),
        ],
      });
    }
  });

  test('the rule for everything else changes after the producers’ rules exist, so no event is without a rule', () => {
    const ofProducers = rules.filter(({ Targets }) =>
      sources.some(({ name }) => name === Targets[0]?.SqsParameters?.MessageGroupId),
    );
    expect(ofProducers).toHaveLength(sources.length);
    const ids = ofProducers.map(({ id }) => id).toSorted();
    const heartbeats = [...ids, 'IngestRuleHeartbeats'];
    for (const [other, before] of Object.entries({
      IngestRuleOtherRequests: heartbeats,
      IngestRule: [...heartbeats, 'IngestRuleOtherRequests'],
    })) {
      const DependsOn = rules.find(({ id }) => id === other)?.DependsOn ?? [];
      expect(DependsOn.filter((id) => rules.some((rule) => rule.id === id)).toSorted()).toEqual(
        before.toSorted(),
      );
    }
  });
});

describe('EventBridge’s limits', () => {
  const names = (count: number) => Array.from({ length: count }, (_, n) => `app-${n}`);

  test('fit at least 80 producers', () => {
    expect(checkIngestRules(producersOf(names(80)))).toEqual([]);
    expect(ingestRules(producersOf(names(80)).producers)).toHaveLength(83);
    expect(checkIngestRules(producersOf([]))).toEqual([]);
  });

  test('are checked at synth, with the number and what to do', () => {
    expect(checkIngestRules(producersOf(names(150)))).toEqual([
      {
        path: 'producers',
        message: expect.stringMatching(
          /^the names or sources of the 150 producers need an event pattern of 3\d{3} characters, but EventBridge allows 2048; give them shorter/,
        ) as string,
      },
    ]);
    expect(checkIngestRules(producersOf(names(298)))[0]?.message).toBe(
      '298 producers need 301 rules, but an event bus can have 300; use fewer producers, or split the deployment',
    );
  });
});
