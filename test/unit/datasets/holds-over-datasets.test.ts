import { expect, test } from 'vitest';
import type { Configuration } from '../../../shared/domain/configuration/configuration.ts';
import { datasetChunkKey } from '../../../shared/domain/datasets/dataset-chunk.ts';
import { datasetRef } from '../../../shared/domain/datasets/dataset-ref.ts';
import { datasetsIn } from '../../../shared/domain/datasets/datasets-of.ts';
import { apiWorld, configuration } from '../../support/api-world.ts';

const clock = { 'contract.ended': { column: 'ended' } };
const shared = { producer: 'shop', clock, by: 'contract.ended' };
const [orders, invoices] = [configuration.stores['orders'], configuration.stores['invoices']];
if (orders === undefined || invoices === undefined) throw new Error('the world has these stores');
const WITH_DATASETS: Configuration = {
  ...configuration,
  stores: {
    ...configuration.stores,
    orders: {
      ...orders,
      datasets: [{ ...shared, category: 'registration', entities: { account: 'account_id' } }],
    },
    invoices: {
      ...invoices,
      datasets: [
        { ...shared, category: 'profile' },
        { ...shared, category: 'abroad' },
      ],
    },
  },
};
const ASKED = { id: 'case-17', matter: 'Miller v. Shop', reason: 'claim filed' };

test('a dry run says of which datasets a hold would cover rows, whatever it has counted', async () => {
  const world = apiWorld(undefined, undefined, WITH_DATASETS);
  const covered = async (scope: object): Promise<unknown> => {
    const { body } = await world.call('operator', '/v1/legal-holds', { ...ASKED, scope, dryRun: true });
    return (body['wouldCover'] as { readonly datasets?: unknown }).datasets;
  };
  const [of, first, second] = [
    { store: 'orders', category: 'registration' },
    { store: 'invoices', category: 'profile' },
    { store: 'invoices', category: 'abroad' },
  ];
  expect(await covered({ entity: { type: 'account', id: 'a-1', producer: 'shop' } })).toEqual([of]);
  expect(await covered({ entity: { type: 'contract', id: 'c-1', producer: 'shop' } })).toBeUndefined();
  expect(await covered({ everything: true })).toEqual([of, first, second]);
  expect(await covered({ store: 'invoices' })).toEqual([first, second]);
  expect(await covered({ store: 'vault' })).toBeUndefined();
  expect(await covered({ category: 'profile' })).toEqual([first]);
  expect(await covered({ policy: 'abroad' })).toEqual([second]);
});

test('a hold that is placed while rows of a dataset are worked on says so, until that has ended', async () => {
  const world = apiWorld(undefined, undefined, WITH_DATASETS);
  const [dataset] = datasetsIn(WITH_DATASETS, 'orders');
  if (dataset === undefined) throw new Error('the world has a dataset');
  const chunk = datasetChunkKey(dataset);
  const begunAt = world.clock.now();
  const work = {
    lane: 'orders',
    chunk,
    token: '2026-03-01T10.t',
    begunAt,
    until: begunAt + 600_000,
    refs: [datasetRef('orders', 'registration')],
    actedOn: [],
  };
  await world.registry.putWork(work);
  const scope = { entity: { type: 'account', id: 'a-1', producer: 'shop' } };
  const { status, body } = await world.call('operator', '/v1/legal-holds', { ...ASKED, scope });
  expect(status).toBe(200);
  const named = { lane: 'orders', token: work.token, until: '2026-03-01T10:10:00.000Z', holdings: 1 };
  expect(body['hold']).toMatchObject({ inFlight: [{ ...named, state: 'working', dataset: true }] });
  await world.registry.deleteWork(work);
  const again = await world.call('operator', '/v1/legal-holds', { ...ASKED, scope });
  expect((again.body['hold'] as { readonly inFlight: unknown }).inFlight).toEqual([
    { ...named, state: 'settled' },
  ]);
});
