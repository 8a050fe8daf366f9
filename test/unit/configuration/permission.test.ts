import { describe, expect, test } from 'vitest';
import type {
  SentCorrection,
  SentEvent,
  SentRegistration,
  SentRetraction,
} from '../../../shared/domain/record/incoming.ts';
import type { Occurred } from '../../../shared/domain/record/ids.ts';
import {
  checkEvent,
  checkRegistration,
  checkWithdrawal,
  speakerOnBus,
} from '../../../shared/domain/configuration/permission.ts';
import { producerBySource } from '../../../shared/domain/configuration/principal.ts';
import { configuration } from '../../support/api-world.ts';

const NOW = Date.parse('2026-03-01T10:00:00Z');
const SHOP = { role: 'producer', producer: 'shop' } as const;
const OPERATOR = { role: 'operator' } as const;

const ended: SentEvent = {
  kind: 'event',
  id: 'e-1',
  source: 'shop.example',
  type: 'contract.ended',
  entity: { type: 'contract', id: 'c-9' },
  occurred: '2026-03-01' as Occurred,
};
const corrected: SentCorrection = { ...ended, kind: 'correction', corrects: 'e-0' };
const retracted: SentRetraction = {
  kind: 'retraction',
  id: 'e-2',
  source: 'shop.example',
  entity: ended.entity,
  retracts: 'e-1',
};
const registered: SentRegistration = {
  kind: 'registration',
  id: 'r-1',
  source: 'shop.example',
  store: 'orders',
  locator: ['shop/1'],
  categories: ['registration'],
  purposes: ['billing'],
  entities: [{ type: 'contract', id: 'c-9' }],
};

const OF_SHOP = { ok: true, value: { producer: 'shop' } };
const OF_RIVAL = { ok: true, value: { producer: 'rival' } };
const IN_ORDERS = { ok: true, value: { store: configuration.stores['orders'], canonical: '["shop/1"]' } };

describe('on the bus', () => {
  const speaker = (sender: Parameters<typeof speakerOnBus>[1]): unknown =>
    speakerOnBus(configuration, sender, 'tenure.api');

  test('a producer is known by the source of the envelope', () => {
    expect(producerBySource(configuration, 'rival.example')).toBe('rival');
    expect(speaker({ envelopeSource: 'shop.example', source: 'shop.example' })).toEqual({
      ok: true,
      value: SHOP,
    });
    expect(speaker({ envelopeSource: 'other.example', source: 'other.example' })).toEqual({
      ok: false,
      code: 'UNKNOWN_PRODUCER',
      path: 'source',
    });
  });

  test('no producer can send for another: neither by source nor by what only the api may set', () => {
    expect(speaker({ envelopeSource: 'rival.example', source: 'shop.example' })).toEqual({
      ok: false,
      code: 'SOURCE_MISMATCH',
      path: 'source',
    });
    const stamped = { envelopeSource: 'rival.example', source: 'rival.example', tenureproducer: 'shop' };
    expect(speaker(stamped)).toEqual({ ok: true, value: { role: 'producer', producer: 'rival' } });
    expect(speaker({ ...stamped, tenureoperator: true })).toEqual({
      ok: true,
      value: { role: 'producer', producer: 'rival' },
    });
  });

  test('a message from the api counts for the producer that the api has checked', () => {
    const api = { envelopeSource: 'tenure.api', source: 'shop.example' };
    expect(speaker({ ...api, tenureproducer: 'shop' })).toEqual({ ok: true, value: SHOP });
    expect(speaker({ ...api, tenureoperator: true })).toEqual({ ok: true, value: OPERATOR });
    expect(speaker({ ...api, tenureproducer: 'rival' })).toMatchObject({
      ok: false,
      code: 'SOURCE_MISMATCH',
    });
    expect(speaker({ ...api, tenureproducer: 'constructor' })).toMatchObject({
      ok: false,
      code: 'UNKNOWN_PRODUCER',
    });
    expect(speaker(api)).toMatchObject({ ok: false, code: 'UNKNOWN_PRODUCER' });
  });
});

describe('an event', () => {
  test('that a policy declares and the configuration grants is taken, of own and of shared entities', () => {
    expect(checkEvent(configuration, SHOP, ended)).toEqual(OF_SHOP);
    expect(checkEvent(configuration, SHOP, { ...ended, attributes: { reason: 'moved' } })).toEqual(OF_SHOP);
    const left: SentEvent = { ...ended, type: 'person.left', entity: { type: 'person', id: 'p' } };
    expect(checkEvent(configuration, { role: 'producer', producer: 'rival' }, left)).toEqual(OF_RIVAL);
  });

  test.each<[string, SentEvent, string, string]>([
    ['is not declared', { ...ended, type: 'contract.burnt' }, 'EVENT_UNDECLARED', 'type'],
    ['is named like an object member', { ...ended, type: 'constructor' }, 'EVENT_UNDECLARED', 'type'],
    [
      'is not granted',
      { ...ended, type: 'person.left', entity: { type: 'person', id: 'p' } },
      'EVENT_NOT_GRANTED',
      'type',
    ],
    [
      'has a date that stands for a missing one',
      { ...ended, occurred: '1970-01-01' as SentEvent['occurred'] },
      'EVENT_DATE_IMPLAUSIBLE',
      'data.occurred',
    ],
    [
      'has an unknown entity type',
      { ...ended, entity: { type: 'ship', id: 's' } },
      'ENTITY_TYPE_UNKNOWN',
      'data.entity.type',
    ],
    [
      'has another entity type',
      { ...ended, entity: { type: 'account', id: 'a' } },
      'EVENT_ENTITY_TYPE',
      'data.entity.type',
    ],
    [
      "is about another's entity",
      { ...ended, entity: { type: 'contract', id: 'c', producer: 'rival' } },
      'ENTITY_NOT_OWN',
      'data.entity.producer',
    ],
    [
      'has an undeclared attribute',
      { ...ended, attributes: { email: 'x' } },
      'ATTRIBUTE_UNDECLARED',
      'data.attributes',
    ],
    [
      'has an attribute of another type',
      { ...ended, attributes: { reason: 1 } },
      'ATTRIBUTE_TYPE',
      'data.attributes.reason',
    ],
  ])('that %s is refused', (_, sent, code, path) => {
    expect(checkEvent(configuration, SHOP, sent)).toEqual({ ok: false, code, path });
  });

  test("is corrected and retracted by its own producer, or by an operator in that producer's name", () => {
    expect(checkEvent(configuration, SHOP, corrected)).toEqual(OF_SHOP);
    expect(checkEvent(configuration, SHOP, retracted)).toEqual(OF_SHOP);
    expect(checkEvent(configuration, SHOP, { ...retracted, producer: 'rival' })).toEqual({
      ok: false,
      code: 'EVENT_NOT_OWN',
      path: 'data.producer',
    });
    expect(checkEvent(configuration, OPERATOR, { ...retracted, producer: 'rival' })).toEqual(OF_RIVAL);
    expect(checkEvent(configuration, OPERATOR, { ...corrected, producer: 'shop' })).toEqual(OF_SHOP);
    expect(checkEvent(configuration, OPERATOR, retracted)).toEqual({
      ok: false,
      code: 'UNKNOWN_PRODUCER',
      path: 'data.producer',
    });
    expect(checkEvent(configuration, OPERATOR, ended)).toEqual({
      ok: false,
      code: 'FORBIDDEN',
      path: 'type',
    });
  });
});

describe('a registration', () => {
  const check = (changes: Partial<SentRegistration>): unknown =>
    checkRegistration(configuration, 'shop', { ...registered, ...changes }, NOW);

  test('of what is granted is taken', () => {
    expect(check({})).toEqual(IN_ORDERS);
    expect(
      check({
        entities: [...registered.entities, { type: 'person', id: 'p' }],
        zone: 'Asia/Almaty',
        attributes: { jurisdiction: 'KZ', amount: 3, minor: false },
      }),
    ).toEqual(IN_ORDERS);
  });

  test.each<[string, Partial<SentRegistration>, string, string]>([
    ['a store that is not granted', { store: 'vault' }, 'STORE_NOT_GRANTED', 'data.store'],
    ['a store that is not there', { store: 'toString' }, 'STORE_NOT_GRANTED', 'data.store'],
    ["another's prefix", { locator: ['rival/1'] }, 'LOCATOR_NOT_GRANTED', 'data.locator.0'],
    ['a key of another type', { locator: [7] }, 'LOCATOR_TYPE', 'data.locator.0'],
    ['too many keys', { locator: ['shop/1', 'x'] }, 'LOCATOR_TYPE', 'data.locator'],
    ['a key too long', { locator: [`shop/${'x'.repeat(2048)}`] }, 'LOCATOR_TOO_LONG', 'data.locator.0'],
    [
      'a category that is not granted',
      { categories: ['registration', 'secret'] },
      'CATEGORY_NOT_GRANTED',
      'data.categories.1',
    ],
    [
      'a region that the policy does not allow',
      { categories: ['abroad'] },
      'REGION_NOT_ALLOWED',
      'data.categories.0',
    ],
    [
      'a purpose that its policies do not declare',
      { purposes: ['billing', 'marketing'] },
      'PURPOSE_UNDECLARED',
      'data.purposes.1',
    ],
    [
      'a purpose that is named like an object member',
      { purposes: ['constructor'] },
      'PURPOSE_UNDECLARED',
      'data.purposes.0',
    ],
    [
      "another's entity",
      { entities: [{ type: 'contract', id: 'c', producer: 'rival' }] },
      'ENTITY_NOT_OWN',
      'data.entities.0.producer',
    ],
    [
      'an unknown entity type',
      { entities: [{ type: 'ship', id: 's' }] },
      'ENTITY_TYPE_UNKNOWN',
      'data.entities.0.type',
    ],
    ['an unknown zone', { zone: 'Mars/Olympus' }, 'ZONE_UNKNOWN', 'data.zone'],
    ['an undeclared attribute', { attributes: { email: 'x' } }, 'ATTRIBUTE_UNDECLARED', 'data.attributes'],
    [
      'an attribute of another type',
      { attributes: { amount: 'x' } },
      'ATTRIBUTE_TYPE',
      'data.attributes.amount',
    ],
  ])('with %s is refused', (_, changes, code, path) => {
    expect(check(changes)).toEqual({ ok: false, code, path });
  });

  test('of a category that no policy covers is refused, of one that a policy to come covers is taken', () => {
    const producers = {
      ...configuration.producers,
      shop: { ...configuration.producers['shop']!, categories: ['loose'] },
    };
    const sent = { ...registered, categories: ['loose'] };
    expect(checkRegistration({ ...configuration, producers }, 'shop', sent, NOW)).toEqual({
      ok: false,
      code: 'CATEGORY_UNKNOWN',
      path: 'data.categories.0',
    });
    const [policy] = configuration.policies.policies;
    const coming = {
      ...policy!,
      version: '2',
      effectiveFrom: NOW + 1,
      categories: { ...policy!.categories, loose: { rules: [] } },
    };
    const policies = { policies: [...configuration.policies.policies, coming] };
    expect(checkRegistration({ ...configuration, producers, policies }, 'shop', sent, NOW)).toEqual(
      IN_ORDERS,
    );
  });

  test('is judged by the canonical key: another spelling reaches no other prefix', () => {
    const grants = { prefixes: ['0f1e2d3c'], shared: false };
    const producers = {
      ...configuration.producers,
      shop: { ...configuration.producers['shop']!, stores: { invoices: grants } },
    };
    const invoice = (id: string): unknown =>
      checkRegistration(
        { ...configuration, producers },
        'shop',
        { ...registered, store: 'invoices', locator: [id, 1] },
        NOW,
      );
    expect(invoice('0F1E2D3C-0000-4000-8000-000000000000')).toMatchObject({
      ok: true,
      value: { canonical: '["0f1e2d3c-0000-4000-8000-000000000000",1]' },
    });
    expect(invoice('1f1e2d3c-0000-4000-8000-000000000000')).toEqual({
      ok: false,
      code: 'LOCATOR_NOT_GRANTED',
      path: 'data.locator.0',
    });
  });

  test('of an unknown producer is refused, and so is its withdrawal', () => {
    expect(checkRegistration(configuration, 'constructor', registered, NOW)).toMatchObject({
      ok: false,
      code: 'UNKNOWN_PRODUCER',
    });
    const withdrawn = {
      kind: 'withdrawal',
      id: 'w',
      source: 's',
      store: 'orders',
      locator: ['shop/1'],
    } as const;
    expect(checkWithdrawal(configuration, 'constructor', withdrawn)).toMatchObject({
      ok: false,
      code: 'UNKNOWN_PRODUCER',
    });
    expect(checkWithdrawal(configuration, 'shop', withdrawn)).toEqual(IN_ORDERS);
    expect(checkWithdrawal(configuration, 'rival', withdrawn)).toMatchObject({
      ok: false,
      code: 'LOCATOR_NOT_GRANTED',
    });
  });
});
