import { describe, expect, test } from 'vitest';
import { extendersOf } from '../../../shared/domain/configuration/extenders-of.ts';
import type { ProducerConfiguration } from '../../../shared/domain/configuration/configuration.ts';
import { configuration } from '../../support/api-world.ts';

const { shop } = configuration.producers;
if (shop === undefined) throw new Error('the API world has other producers');

/** Who may have a record of the shop kept longer, if the rival has these grants. */
const ofShop = (store: string, grants: Pick<ProducerConfiguration, 'stores' | 'events'>): string[] => {
  const producers = { ...configuration.producers, rival: { ...shop, ...grants } };
  return [...extendersOf({ ...configuration, producers }, 'shop', store)].toSorted();
};

const unshared = { stores: {}, events: ['contract.ended', 'contract.renewed'] };

describe('who may have a record kept longer', () => {
  test('is its producer, and not one that sends the same events about entities of its own', () => {
    expect(ofShop('orders', unshared)).toEqual(['shop']);
  });

  test('is a producer that is named for an event of a shared entity', () => {
    expect(ofShop('orders', { ...unshared, events: ['person.left'] })).toEqual(['rival', 'shop']);
  });

  test('is a producer that may register the same record', () => {
    const grant = (prefix: string) => ({
      ...unshared,
      stores: { orders: { prefixes: [prefix], shared: true } },
    });
    expect(ofShop('orders', grant('shop/joint/'))).toEqual(['rival', 'shop']);
    expect(ofShop('orders', grant(''))).toEqual(['rival', 'shop']);
    expect(ofShop('orders', grant('rival/'))).toEqual(['shop']);
    expect(ofShop('invoices', grant(''))).toEqual(['shop']);
  });

  test('may be any producer, if the own one is not configured any more', () => {
    expect([...extendersOf(configuration, 'former', 'orders')].toSorted()).toEqual([
      'former',
      'rival',
      'shop',
    ]);
  });
});
