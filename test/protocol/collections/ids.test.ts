import { describe, expect, test } from 'vitest';
import { ingest } from '../../../functions/ingest/ingest.ts';
import type { KeyType } from '../../../shared/domain/configuration/configuration.ts';
import type { LaneCore } from '../../../shared/protocol/core.ts';
import { happened } from '../../support/driver/envelopes.ts';
import { PEOPLE } from '../../support/driver/people-with-collections.ts';
import { PRODUCER, SOURCE, STORE, world } from '../../support/driver/world.ts';

interface Stored {
  readonly kind: string;
  readonly by: string;
  readonly type?: KeyType;
}

function deployed({ kind, by, type = 'text' }: Stored) {
  const collections = [{ category: 'notes', entity: 'contract', by, producer: PRODUCER }];
  const w = world({ ...PEOPLE, collections });
  const { configuration } = w.core;
  const [store] = Object.values(configuration.stores);
  if (store === undefined) throw new Error('there is no store');
  const stores = { ...configuration.stores, [STORE]: { ...store, kind, keys: [{ name: 'id', type }] } };
  const core: LaneCore = { ...w.core, configuration: { ...configuration, stores } };
  let sent = 0;
  const startsWith = async (id: string): Promise<void> => {
    sent += 1;
    const sending = { source: SOURCE, id: `sent-${sent}`, arrived: w.clock.now() };
    const about = { type: 'contract', id };
    expect(await ingest(core, happened(sending, 'contract.started', about, '2026-01-01'), 1)).toBe('done');
    expect(w.registry.allQuarantined()).toEqual([]);
  };
  return {
    w,
    startsWith,
    /** Answers the ids of the collections that there are then. */
    async startedWith(id: string): Promise<string[]> {
      await startsWith(id);
      const ids = w.registry.allHoldings().map(async ({ ref, locator = '' }) => {
        const opened = await core.keys.decrypt({ scope: STORE, context: ref }, locator);
        return (JSON.parse(Buffer.from(opened).toString('utf8')) as string[]).join();
      });
      return (await Promise.all(ids)).toSorted((a, b) => (a < b ? -1 : 1));
    },
  };
}

describe('an id that no record of the store can carry', () => {
  test.for<[Stored, string]>([
    [{ kind: 's3', by: 'contracts/{id}/' }, 'c/1'],
    [{ kind: 's3', by: 'contracts/{id}/' }, '..'],
    [{ kind: 'postgresql', by: 'id', type: 'integer' }, '042'],
    [{ kind: 'postgresql', by: 'id', type: 'integer' }, 'c-2'],
  ])('has no collection, and its event is a fact all the same: %j', async ([stored, id]) => {
    const d = deployed(stored);
    expect(await d.startedWith(id)).toEqual([]);
    expect(d.w.registry.allFacts()).toHaveLength(1);
    expect(d.w.reports.lines.filter(({ code }) => code === 'register.id-impossible')).toEqual([
      { code: 'register.id-impossible', fields: { store: STORE, producer: PRODUCER, count: 1 } },
    ]);
    expect(await d.startedWith('42')).toEqual(['42']);
  });
});

test('records may carry an id as it was sent, or in its one form: both are collections of the entity', async () => {
  const d = deployed({ kind: 'memory', by: 'contract' });
  expect(await d.startedWith('C-1')).toEqual(['C-1', 'c-1']);
  expect(await d.startedWith('c-1')).toEqual(['C-1', 'c-1']);
  const entities = d.w.registry
    .allHoldings()
    .flatMap(({ variants }) => variants.map((one) => one.entities[0]?.ref));
  expect(new Set(entities).size).toBe(1);
});

test('an id that is a uuid has a collection as a column of uuids writes it, and that one only where it is the key', async () => {
  const uuid = '0190f3c2-7e4b-7c3a-9d55-1f2e3d4c5b6a';
  const capitals = uuid.toUpperCase();
  expect(await deployed({ kind: 'memory', by: 'contract' }).startedWith(capitals)).toEqual([capitals, uuid]);
  const d = deployed({ kind: 'postgresql', by: 'id', type: 'uuid' });
  expect(await d.startedWith(capitals)).toEqual([uuid]);
  expect(d.w.reports.lines.filter(({ code }) => code === 'register.id-impossible')).toEqual([]);
});

test('a collection whose item is damaged is set aside, and stops no event', async () => {
  const d = deployed({ kind: 'memory', by: 'contract' });
  await d.startedWith('c-1');
  const [holding] = d.w.registry.allHoldings();
  if (holding === undefined) throw new Error('there is no collection');
  d.w.registry.damage(holding.ref);
  await d.startsWith('c-1');
  expect(d.w.registry.allSetAside()).toMatchObject([{ code: 'ITEM_INVALID', store: STORE }]);
  expect(d.w.registry.allFacts()).toHaveLength(2);
});
