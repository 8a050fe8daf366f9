import { describe, expect, test } from 'vitest';
import type { SQSRecord } from 'aws-lambda';
import { fromElsewhere, ingestHandler } from '../../../functions/ingest/handler.ts';
import { ingest } from '../../../functions/ingest/ingest.ts';
import { bodyHash } from '../../../shared/domain/configuration/references.ts';
import type { Registry } from '../../../shared/ports/registry.ts';
import type { LaneCore } from '../../../shared/protocol/lane-core.ts';
import { happened, registered } from '../../support/driver/envelopes.ts';
import { producers } from '../../support/driver/driver.ts';
import { at, PRODUCER, STORE, world } from '../../support/driver/world.ts';

/** A registry that is unreachable except for quarantine. */
function broken(core: LaneCore): LaneCore {
  const registry: Registry = {
    ...core.registry,
    putFact: () => Promise.reject(Object.assign(new Error('c-MARKER'), { code: 'REGISTRY_DOWN' })),
  };
  return { ...core, registry };
}

const sending = {
  source: producers[PRODUCER]?.source ?? '',
  id: 'e-1',
  arrived: at('2026-03-01T09:59:00Z'),
};

describe('a message that comes often', () => {
  test('is thrown back while its deliveries last, and quarantined before they are used up', async () => {
    const { core, registry, reports } = world({ configuration: { producers } });
    const type = Object.keys(core.configuration.policies.policies[0]?.events ?? {})[0] ?? '';
    const body = happened(
      sending,
      type,
      { type: core.configuration.policies.policies[0]?.events[type]?.entity ?? '', id: 'c-MARKER' },
      '2026-03-01',
    );
    await expect(ingest(broken(core), body, 7)).rejects.toThrow();
    expect(registry.allQuarantined()).toEqual([]);
    expect(await ingest(broken(core), body, 8)).toBe('done');
    expect(registry.allQuarantined()).toMatchObject([{ code: 'INTERNAL', reason: '' }]);
    expect(JSON.stringify(reports.lines)).not.toContain('MARKER');
  });

  test('waits for a claim without limit: it goes back into the queue as a new one', async () => {
    const { core, registry, queues } = world({ configuration: { producers } });
    const producer = Object.values(core.configuration.producers)[0];
    const body = registered(sending, {
      store: STORE,
      locator: ['r-1'],
      categories: producer?.categories.slice(0, 1) ?? [],
      purposes: ['service'],
      entities: [{ type: 'contract', id: 'c-1' }],
    });
    expect(await ingest(core, body, 1)).toBe('done');
    const [holding] = registry.allHoldings();
    if (holding === undefined) throw new Error('nothing was registered');
    const claim = {
      token: 't',
      leaseUntil: at('2026-03-01T11:00:00Z'),
      stage: 'delete' as const,
      attempt: 1,
      claimedAt: at('2026-03-01T10:00:00Z'),
      version: holding.version + 1,
    };
    await registry.putHolding({ ...holding, version: holding.version + 1, state: 'claimed', claim });
    const second = body.replaceAll('e-1', 'e-2');
    expect(await ingest(core, second, 7)).toBe('again');
    expect(await ingest(core, second, 8)).toBe('done');
    expect(queues.drainReplayed()).toEqual([second]);
  });
});

describe('a dead letter', () => {
  const QUEUE = 'https://sqs.eu-central-1.amazonaws.com/111122223333/records-ingest';
  const arnOf = (name: string) => `arn:aws:sqs:eu-central-1:111122223333:${name}`;
  const record = (body: string, queue: string) =>
    ({
      messageId: 'm-1',
      body,
      eventSourceARN: arnOf(queue),
      attributes: { ApproximateReceiveCount: '1' },
    }) as SQSRecord;

  test('is quarantined unread, whatever is in it; what the own queue delivers is taken', async () => {
    const { core, registry, reports } = world({ configuration: { producers } });
    const handler = ingestHandler(core, fromElsewhere(QUEUE));
    const poison = '{"MARKER"';
    const taken = registered(sending, {
      store: STORE,
      locator: ['r-1'],
      categories: Object.values(core.configuration.producers)[0]?.categories.slice(0, 1) ?? [],
      purposes: ['service'],
      entities: [{ type: 'contract', id: 'c-1' }],
    });
    const Records = [
      record(poison, 'records-ingest-dead'),
      record(taken, 'records-undelivered'),
      record(taken, 'records-ingest'),
    ];
    expect(await handler({ Records })).toEqual({ batchItemFailures: [] });
    // The function may die before the queue gets its answer: then all messages are delivered again.
    expect(await handler({ Records })).toEqual({ batchItemFailures: [] });
    expect(registry.allQuarantined().map(({ code }) => code)).toEqual(['DEAD_LETTER', 'DEAD_LETTER']);
    expect(registry.allHoldings()).toHaveLength(1);
    expect(JSON.stringify(reports.lines)).not.toContain('MARKER');
    const [first] = registry.allQuarantined().filter(({ id }) => id === bodyHash(poison).slice(0, 32));
    const opened = await core.keys.decrypt(
      { scope: 'quarantine', context: first?.id ?? '' },
      first?.sealed ?? '',
    );
    expect(Buffer.from(opened).toString()).toBe(poison);
  });
});
