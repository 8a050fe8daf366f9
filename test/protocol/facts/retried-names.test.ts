import { describe, expect, test } from 'vitest';
import { takeDelivery } from '../../../functions/ingest/own-faults.ts';
import { localBus } from '../../../local/event-bus.ts';
import { type Interceptor, runFunction } from '../../../local/virtual/run-function.ts';
import { type Verb, virtualDeployment } from '../../../local/virtual/virtual-deployment.ts';
import { memoryKeys } from '../../../shared/adapters/memory/memory-keys.ts';
import { memoryReport } from '../../../shared/adapters/memory/memory-report.ts';
import type { Configuration } from '../../../shared/domain/configuration/configuration.ts';
import { foldProfile } from '../../../shared/domain/configuration/fold-profile.ts';
import { isRefusedByPolicies } from '../../../shared/protocol/facts/refused-by-policies.ts';
import { counting, killAt } from '../../support/driver/kill-points.ts';
import { envelope, happened, registered } from '../../support/driver/envelopes.ts';
import { SOURCE, world } from '../../support/driver/world.ts';
import { memoryPorts } from '../../support/memory-ports.ts';
import { anEvent, aPolicy, aRule } from '../../support/rules/rule-world.ts';
import { at } from '../../support/samples.ts';

const START = at('2026-03-01T10:30:00Z');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const FORMER = world().core.configuration;

/** The same, and what the producers may already send, and no policy knows yet. */
function withPolicy(changes: Partial<Configuration> = {}): Configuration {
  const later = aPolicy(
    { letters: [aRule('30 days after lease.ended')] },
    { name: 'letters', events: { 'lease.ended': anEvent({ entity: 'lease' }) } },
  );
  const policies = { policies: [...FORMER.policies.policies, later] };
  const entityTypes = { ...FORMER.entityTypes, lease: { ids: 'owned', normalise: [] } as const };
  return { ...FORMER, policies, entityTypes, foldProfile: foldProfile(policies), ...changes };
}

const producers = Object.fromEntries(
  Object.entries(FORMER.producers).map(([name, producer]) => [
    name,
    {
      ...producer,
      events: [...producer.events, 'lease.ended', 'never.declared'],
      categories: [...producer.categories, 'letters'],
    },
  ]),
);
const BEFORE: Configuration = { ...FORMER, producers };
const AFTER = withPolicy({ producers });

/** What arrives before the policy that knows it. */
const EARLY: Readonly<Record<string, string>> = {
  EVENT_UNDECLARED: happened(
    sending('e-1'),
    'lease.ended',
    { type: 'lease', id: 'l-1-MARKER' },
    '2026-02-01',
  ),
  CATEGORY_UNKNOWN: registered(sending('r-1'), {
    store: Object.keys(FORMER.stores)[0] ?? '',
    locator: ['n-1'],
    categories: ['letters'],
    entities: [{ type: 'lease', id: 'l-1-MARKER' }],
  }),
  ENTITY_TYPE_UNKNOWN: registered(sending('r-2'), {
    store: Object.keys(FORMER.stores)[0] ?? '',
    locator: ['n-2'],
    categories: ['notes'],
    entities: [
      { type: 'contract', id: 'c-1' },
      { type: 'lease', id: 'l-2-MARKER' },
    ],
  }),
};

function sending(id: string) {
  return { source: SOURCE, id, arrived: START };
}

function deployed(more: readonly string[] = []) {
  const memory = memoryPorts(BEFORE, START);
  const { report, lines } = memoryReport();
  const keys = memoryKeys(new Uint8Array(32).fill(7));
  const watched = new Map<Verb, Interceptor>();
  const runs = { watched: 0 };
  const functions = { ...memory, configuration: BEFORE, keys, report, stores: {} };
  const deployment = virtualDeployment({
    configuration: BEFORE,
    clock: memory.clock,
    timers: memory.timers,
    settings: (_, settings) => ({ ...settings, batchSize: 1 }),
    async run(to, [message]) {
      if (message === undefined) return [];
      const isOurs = message.body.includes('retry-refused') || isLast(message.body);
      const interceptor = isOurs ? watched.get(to.verb) : undefined;
      if (interceptor !== undefined) {
        watched.delete(to.verb);
        runs.watched += 1;
      }
      const own = { ...functions, queues: deployment.queuesOn(memory.clock) };
      try {
        const ended = await runFunction(to, own, message, interceptor === undefined ? {} : { interceptor });
        return ended === 'done' ? [message] : [];
      } catch {
        return [];
      }
    },
  });
  const queues = deployment.queuesOn(memory.clock);
  for (const body of [...Object.values(EARLY), ...more]) deployment.queue('ingest').send(body);
  return {
    ...memory,
    functions,
    lines,
    queues,
    watch: (verb: Verb, interceptor: Interceptor) => watched.set(verb, interceptor),
    watched: () => runs.watched,
    codes: () =>
      memory.registry
        .allQuarantined()
        .map(({ code }) => code)
        .toSorted(),
    async hours(count: number): Promise<void> {
      for (let hour = 0; hour < count; hour += 1) {
        await queues.toSweep([{ kind: 'hourly' }]);
        await deployment.runUntil(memory.clock.now() + HOUR);
      }
    },
  };
}

/** The message of the segment of a re-plan that is the quarantine. */
function isLast(body: string): boolean {
  return body.includes('"walk"') && body.includes('re-plan/') && body.includes('"segment":4');
}

/** All that was refused counts. */
function wrong(d: ReturnType<typeof deployed>): string[] {
  const found: string[] = [];
  if (d.codes().length > 0) found.push(`in quarantine: ${d.codes().join()}`);
  if (d.registry.allFacts().length !== 1) found.push(`${d.registry.allFacts().length} facts`);
  const dated = d.registry.allHoldings().map(({ decision }) => decision?.status ?? 'none');
  if (dated.toSorted().join() !== 'due,undetermined') found.push(`holdings: ${dated.join()}`);
  return found;
}

describe('what no policy knows yet', () => {
  test('is in quarantine with its code, and counts by itself once one is deployed that knows it', async () => {
    const d = deployed();
    await d.hours(1);
    expect(d.codes()).toEqual(Object.keys(EARLY).toSorted());
    await d.hours(2);
    expect(d.codes()).toEqual(Object.keys(EARLY).toSorted());
    d.functions.configuration = AFTER;
    d.lines.splice(0);
    await d.hours(1);
    expect(wrong(d)).toEqual([]);
    expect(d.lines.filter(({ code }) => code === 'sweep.retried')).toMatchObject([{ fields: { count: 3 } }]);
    expect(JSON.stringify(d.lines)).not.toContain('MARKER');
  });

  test('stays since its first arrival when the new one does not know it either, and is not asked for again', async () => {
    const d = deployed([
      happened(sending('e-9'), 'never.declared', { type: 'contract', id: 'c-9' }, '2026-02-01'),
      happened(sending('e-8'), 'contract.renewed-MARKER', { type: 'contract', id: 'c-9' }, '2026-02-01'),
      envelope(sending('e-7'), 'contract.ended', { entity: { type: 'contract', id: 'c-9' } }),
    ]);
    await d.hours(1);
    const first = d.registry.allQuarantined();
    d.functions.configuration = AFTER;
    await d.hours(3);
    expect(d.codes()).toEqual(['BODY_INVALID', 'EVENT_UNDECLARED', 'EVENT_UNDECLARED']);
    for (const item of d.registry.allQuarantined()) {
      const before = first.find(({ id }) => id === item.id);
      expect([item.receivedAt, item.code, item.reason]).toEqual([
        before?.receivedAt,
        before?.code,
        before?.reason,
      ]);
    }
    const tried = d.registry.allQuarantined().map(({ triedAt }) => triedAt);
    expect(tried.filter((time) => time === undefined)).toHaveLength(1);
    expect(Math.max(...tried.flatMap((time) => time ?? []))).toBeLessThan(START + 2 * HOUR);
  });

  test('waits while the function that would take it has the former policies', async () => {
    const d = deployed();
    await d.hours(1);
    const before = d.registry.allQuarantined();
    const [item] = before;
    const bodies: string[] = [];
    const bus = localBus(d.clock, async (body) => void bodies.push(body));
    await bus.retryRefused([item?.id ?? ''], 'of-another-release');
    const delivery = { body: bodies[0] ?? '', sentAt: d.clock.now(), receipt: 'r' };
    const core = { ...d.functions, queues: d.queues };
    await expect(takeDelivery(core, { ...delivery, deliveries: 1 })).rejects.toThrow('detail.policies');
    expect(d.registry.allQuarantined()).toEqual(before);
    // The deployment was taken back: the walk of what is in effect then has asked for it itself.
    expect(await takeDelivery(core, { ...delivery, deliveries: 9 })).toBe('done');
    expect(d.codes()).toEqual(Object.keys(EARLY).toSorted());
  });

  test('is everything that is refused because of policies and entity types, and nothing that is not granted', () => {
    for (const code of ['EVENT_UNDECLARED', 'ENTITY_TYPE_UNKNOWN', 'CATEGORY_UNKNOWN', 'PURPOSE_UNDECLARED'])
      expect(isRefusedByPolicies(code)).toBe(true);
    for (const code of [
      'EVENT_NOT_GRANTED',
      'CATEGORY_NOT_GRANTED',
      'UNKNOWN_PRODUCER',
      'BODY_INVALID',
      'OWN_FAULT',
    ])
      expect(isRefusedByPolicies(code)).toBe(false);
  });
});

describe.each(['sweep', 'ingest'] as const)('%s is killed while it has these tried again', (verb) => {
  test.each(['before', 'after'] as const)('%s each of its calls: nothing is lost', async (when) => {
    const calls: string[] = [];
    const undisturbed = deployed();
    await undisturbed.hours(1);
    undisturbed.functions.configuration = AFTER;
    undisturbed.watch(verb, counting(calls));
    await undisturbed.hours(1);
    expect(undisturbed.watched()).toBe(1);
    expect(calls.length).toBeGreaterThan(3);
    for (const [index, call] of calls.entries()) {
      const d = deployed();
      await d.hours(1);
      d.functions.configuration = AFTER;
      d.watch(verb, killAt(index + 1, when));
      // A message whose run died while it was tried counts as one of our own faults, and comes again after a day.
      await d.hours(28);
      expect([call, d.watched(), wrong(d)]).toEqual([call, 1, []]);
    }
  });
});
