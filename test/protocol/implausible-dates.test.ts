import { expect, test } from 'vitest';
import { takeDelivery } from '../../functions/ingest/own-faults.ts';
import type { Configuration } from '../../shared/domain/configuration/configuration.ts';
import { corrected, happened } from '../support/driver/envelopes.ts';
import { SOURCE, world } from '../support/driver/world.ts';
import { memoryPorts } from '../support/memory-ports.ts';
import { memoryKeys } from '../../shared/adapters/memory/memory-keys.ts';
import { memoryQueues } from '../../shared/adapters/memory/memory-queues.ts';
import { at } from '../support/samples.ts';

const NOW = at('2026-03-01T10:00:00Z');
const ENTITY = { type: 'contract', id: 'c-1' };

/** The configuration, with the dates at which contracts can have ended. */
function expecting(plausible: { readonly from: string }): Configuration {
  const { configuration } = world().core;
  const policies = configuration.policies.policies.map((policy) => {
    const ended = policy.events['contract.ended'];
    return ended === undefined
      ? policy
      : { ...policy, events: { ...policy.events, 'contract.ended': { ...ended, plausible } } };
  });
  return { ...configuration, policies: { policies } };
}

test('an event on a date that stands for a missing one is quarantined by its code, until the policy expects it', async () => {
  const { configuration } = world().core;
  const memory = memoryPorts(configuration, NOW);
  const core = {
    ...memory,
    configuration,
    keys: memoryKeys(new Uint8Array(32).fill(7)),
    queues: memoryQueues(),
    report: () => undefined,
  };
  const take = (body: string, using = core) =>
    takeDelivery(using, { body, deliveries: 1, sentAt: NOW, receipt: 'r' });
  const epoch = happened({ source: SOURCE, id: 'e-1', arrived: NOW }, 'contract.ended', ENTITY, '1970-01-01');
  expect(await take(epoch)).toBe('done');
  expect(
    await take(happened({ source: SOURCE, id: 'e-2', arrived: NOW }, 'contract.ended', ENTITY, '2026-02-28')),
  ).toBe('done');
  expect(memory.registry.allQuarantined()).toMatchObject([
    { code: 'EVENT_DATE_IMPLAUSIBLE', reason: 'data.occurred', producer: 'portal' },
  ]);
  const facts = () => memory.registry.allFacts().map(({ fact }) => fact.occurred);
  expect(facts()).toEqual(['2026-02-28']);
  const sending = { source: SOURCE, id: 'e-3', arrived: NOW };
  const correction = corrected(sending, 'contract.ended', ENTITY, '1949-12-31', 'e-2');
  await take(correction);
  expect(memory.registry.allQuarantined()).toHaveLength(2);
  await take(epoch, { ...core, configuration: expecting({ from: '1970-01-01' }) });
  expect(facts()).toEqual(['2026-02-28', '1970-01-01']);
});
