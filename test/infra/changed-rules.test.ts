import { describe, expect, test } from 'vitest';
import type { TenureConfig } from '../../infra/load-deployment.ts';
import retention from '../../retention.config.ts';
import { API_SOURCE } from '../../shared/contract/bus.ts';
import { heartbeatDetail, SWEEP_SOURCE } from '../../shared/contract/heartbeat.ts';
import { matchesPattern } from '../support/event-pattern.ts';
import { listed, type Resource, resourcesOf, synthesized } from '../support/house/synthesized.ts';

type Pattern = Readonly<Record<string, unknown>>;
type Producers = TenureConfig['producers'];

/** What CloudFormation has to do with the rules of a template. */
interface Rules {
  readonly patterns: ReadonlyMap<string, Pattern>;
  readonly resources: ReadonlyMap<string, Resource>;
}

const [[crm, settings] = ['', undefined]] = Object.entries(retention.producers);
if (settings === undefined) throw new Error('the example has no producer');
const bare = { ...settings, stores: {}, bus: false };
const other = { ...bare, source: 'com.shop', principals: ['arn:aws:iam::111122223333:role/shop'] };
const both: Producers = { [crm]: settings, shop: other };

const RULES = {
  both: rulesOf(both),
  'one of them': rulesOf({ [crm]: settings }),
  swapped: rulesOf({
    [crm]: { ...settings, source: other.source },
    shop: { ...other, source: settings.source },
  }),
  // What it sent so far belongs to another producer now.
  divided: rulesOf({
    ...both,
    [crm]: { ...settings, source: 'com.new' },
    former: { ...bare, principals: [] },
  }),
  renamed: rulesOf({ renamed: settings, shop: other }),
  // The one rule of the release 0.1.0, before there were producers' rules.
  'the release 0.1.0': {
    patterns: new Map([['IngestRule', { version: ['0'] }]]),
    resources: new Map<string, Resource>(),
  },
} as const satisfies Record<string, Rules>;

const heartbeat = heartbeatDetail(0);
const EVENTS: readonly object[] = [
  ...[settings.source, other.source, 'com.new', 'com.unknown'].map((source) => event(source, 'x', {})),
  ...[crm, 'shop', 'former', 'renamed', 'unknown'].map((tenureproducer) =>
    event(API_SOURCE, 'x', { tenureproducer }),
  ),
  event(API_SOURCE, 'tenure.retraction', { tenureoperator: true }),
  event(SWEEP_SOURCE, heartbeat.type, JSON.parse(heartbeat.detail) as object),
  event(SWEEP_SOURCE, 'tenure.retry', {}),
];

function event(source: string, type: string, detail: object): object {
  return { version: '0', id: 'e-1', source, 'detail-type': type, detail };
}

function rulesOf(producers: Producers): Rules {
  const resources = resourcesOf(synthesized({ ...retention, producers }).state);
  return {
    patterns: new Map(
      resources
        .filter(({ Type }) => Type === 'AWS::Events::Rule')
        .map(({ id, Properties }) => [id, Properties['EventPattern'] as Pattern]),
    ),
    resources: new Map(resources.map((each) => [each.id, each])),
  };
}

/** The resource and all that is changed before it. */
function withBefore(id: string, { resources }: Rules, found = new Set<string>()): Set<string> {
  if (found.has(id)) return found;
  found.add(id);
  const { DependsOn } = resources.get(id) ?? {};
  for (const before of listed(DependsOn))
    withBefore(String(before), { resources, patterns: new Map() }, found);
  return found;
}

/**
 * Whether no rule takes the event at some moment of the update. CloudFormation changes a resource after those that it
 * depends on, in any order otherwise, and deletes what is no longer there when everything else is changed. The worst
 * moment: every rule that stops taking the event has changed, and nothing that need not have changed before it.
 */
function isLost(what: object, from: Rules, to: Rules): boolean {
  const takes = (pattern: Pattern | undefined): boolean =>
    pattern !== undefined && matchesPattern(pattern, what);
  const stops = [...to.patterns].filter(([id, now]) => takes(from.patterns.get(id)) && !takes(now));
  const changed = new Set(stops.flatMap(([id]) => [...withBefore(id, to)]));
  const worst = new Map([...from.patterns, ...[...to.patterns].filter(([id]) => changed.has(id))]);
  return ![...worst.values()].some(takes);
}

describe('while CloudFormation changes the rules of the bus', () => {
  const changes = Object.entries(RULES).flatMap(([from, before]) =>
    Object.entries(RULES)
      .filter(([to]) => to !== from && to !== 'the release 0.1.0')
      .map(([to, after]) => ({ from, to, before, after })),
  );

  test.each(changes)('from $from to $to, every event is taken at every moment', ({ before, after }) => {
    expect(EVENTS.filter((each) => isLost(each, before, after))).toEqual([]);
    // So does going back, if the update fails: the former template orders it.
    for (const { patterns } of [before, after])
      for (const each of EVENTS)
        expect([...patterns.values()].some((pattern) => matchesPattern(pattern, each))).toBe(true);
  });

  test('each rule waits until both queues accept what it sends', () => {
    const { patterns, resources } = RULES.both;
    const policies = [...resources.values()].filter(({ Type }) => Type === 'AWS::SQS::QueuePolicy');
    expect(policies).toHaveLength(2);
    for (const id of patterns.keys())
      expect([...withBefore(id, RULES.both)]).toEqual(
        expect.arrayContaining(policies.map((each) => each.id)),
      );
  });
});
