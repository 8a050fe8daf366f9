import { describe, expect, test } from 'vitest';
import { ingest } from '../../functions/ingest/ingest.ts';
import type { Registry } from '../../shared/ports/registry.ts';
import type { LaneCore } from '../../shared/protocol/lane-core.ts';
import { happened, registered } from '../support/envelopes.ts';
import { producers } from '../support/driver.ts';
import { at, PRODUCER, STORE, world } from '../support/world.ts';

/** A registry that is out of reach but for quarantine. */
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

  test('waits for a claim for ever: it goes back into the queue as a new one', async () => {
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
