import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { looksLike, personalFields } from '../../../shared/domain/coverage/personal-name.ts';
import {
  plainName,
  structureName,
  structureNames,
  tableName,
} from '../../../shared/domain/coverage/shown-name.ts';

describe('names that look personal', () => {
  test.each([
    ['email', 'e-mail address'],
    ['E-Mail', 'e-mail address'],
    ['customerEmailAddr', 'e-mail address'],
    ['kontakt_mail', 'e-mail address'],
    ['first_name', 'name of a person'],
    ['lastName2', 'name of a person'],
    ['Vorname', 'name of a person'],
    ['dob', 'date of birth'],
    ['Geburtsdatum', 'date of birth'],
    ['zipCode', 'postal address'],
    ['Straße', 'postal address'],
    ['prénom', 'name of a person'],
    ['ip_address', 'network address or device'],
    ['client_ip', 'network address or device'],
    ['card_number', 'means of payment'],
    ['IBAN', 'means of payment'],
    ['passport_no', 'identity document'],
    ['password_hash', 'credential'],
    ['gender', 'special category'],
  ])('%s: %s', (name, like) => expect(looksLike(name)).toBe(like));

  test.each([
    'id',
    'name',
    'product_name',
    'created_at',
    'emission',
    'mailbox_count',
    'hotel',
    'scorecard',
    'description',
    'ship_id',
    'company',
    'script',
    '',
    '42',
    'constructor',
    '__proto__',
  ])('not %j', (name) => expect(looksLike(name)).toBeUndefined());

  test('are ten at most, each once', () => {
    const names = Array.from({ length: 5000 }, (_, n) => `email_${n}`);
    expect(personalFields(names, (name) => name)).toHaveLength(10);
    expect(personalFields(names, () => undefined)).toEqual([{ looksLike: 'e-mail address' }]);
  });

  test('are looked at in linear time, whatever is in them', () => {
    // A look that grows with the square of the length does not come to its end within the test's own limit.
    for (const part of ['a', '_', 'aA', 'email', 'é', '-', '\u0301', 'name_'])
      for (const name of [part.repeat(200_000), `${part.repeat(200_000)}!`])
        expect([typeof looksLike(name), plainName(name), typeof structureName(name)]).toBeDefined();
  });
});

describe('names of prefixes and attributes', () => {
  test.each([
    'logs',
    'user_uploads',
    'invoices 2024',
    'Customer-Documents',
    '2024',
    'year=2024',
    'firstName',
  ])('%j consist of known words', (name) => expect(plainName(name)).toBe(name));
  test.each([
    'smith',
    'ada',
    'user-7',
    'account42',
    'logs/ada',
    'logs@example.org',
    'customer_smith',
    '48151623',
    '2024-05-17',
    '',
    '-',
    'logs-',
    '..',
    'lögs',
    'logs\n',
    'logs\0',
    '0190f3c2-7e4b-7c3a-9d55-1f2e3d4c5b6a',
    'constructor',
    'toString',
    'e'.repeat(65),
  ])('%j could be a person', (name) => expect(plainName(name)).toBeUndefined());
});

describe('names of tables and columns', () => {
  test.each([
    ['orders', 'orders'],
    ['Customer Orders', 'Customer Orders'],
    ['orders_2024', 'orders_2024'],
    ['orders_202405', 'orders_202405'],
    ['orders_48151623', 'orders_*'],
    ['tenant_123_orders', 'tenant_*_orders'],
    ['orders-0190f3c2-7e4b-7c3a-9d55-1f2e3d4c5b6a', 'orders-*'],
    ['a_123_456_b', 'a_*_b'],
    ['ada@example.org', '*'],
    ['o/brien', '*'],
    ["o'brien", '*'],
    ['line\nbreak', '*'],
    ['x'.repeat(300), '*'],
    ['deadbeef1', '*'],
    ['feedback', 'feedback'],
    ['calls_06_12_34_56_78', 'calls_*'],
    ['calls +49 30 12 34', 'calls *'],
    ['078-05-1120', '*'],
    ['orders_٠١٢٣٤٥', 'orders_*'],
    ['orders_2024_05_17', 'orders_2024_05_17'],
    ['orders_2024_2025', 'orders_2024_2025'],
    ['step_1_2', 'step_1_2'],
  ])('%j: %j', (name, shown) => expect(structureName(name)).toBe(shown));

  test('with dots are not another table', () => {
    expect(tableName('a', 'b')).toBe('a.b');
    expect(tableName('a.b', 'c')).not.toBe(tableName('a', 'b.c'));
    expect(tableName('a"', 'c')).not.toBe(tableName('a', '"c'));
  });
});

describe('names of tables, columns and buckets beside each other', () => {
  const ONE = ['ada', 'bob', 'carla', 'dora', 'emil', 'frida', 'gus'];
  const TWO = ONE.map((one, index) => `${one}_${['li', 'maar', 'oz', 'ito', 'roy', 'park', 'noon'][index]}`);
  const PEOPLE = [...ONE, ...TWO];
  const shown = (names: readonly string[], like?: string) =>
    new Set(structureNames(names.map((name) => ({ name, ...(like !== undefined && { like }) }))));

  test('are hidden where they are one of each tenant', () => {
    expect(shown(PEOPLE.map((who) => `messages_${who}`))).toEqual(new Set(['messages_*']));
    expect(shown(PEOPLE.map((who) => `prod-${who}-uploads`))).toEqual(new Set(['prod-*-uploads']));
    expect(shown(PEOPLE, 'id, text')).toEqual(new Set(['*']));
  });

  test('are shown where they are few, or ordinary words, or have nothing in common', () => {
    for (const names of [
      ['messages_ada', 'messages_bob', 'messages_carla'],
      ['orders', 'invoices', 'customers', 'payments', 'users', 'notes', 'tickets'].map(
        (name) => `shop_${name}`,
      ),
      ['2019', '2020', '2021', '2022', '2023', '2024', '2025'].map((year) => `orders_${year}`),
      ['carts', 'wishlists', 'vouchers', 'ratings', 'coupons', 'tariffs', 'depots'],
    ])
      expect(shown(names)).toEqual(new Set(names));
  });

  test('are in their order, one for each, whatever they are', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 300 }), { maxLength: 40 }), (names) => {
        expect(structureNames(names.map((name) => ({ name })))).toHaveLength(names.length);
      }),
    );
  });

  test('are shown also where there are many and each is long', () => {
    const names = Array.from({ length: 5000 }, (_, n) => `${'ab_'.repeat(40)}${n}`);
    expect(structureNames(names.map((name) => ({ name, like: 'x'.repeat(2000) })))).toHaveLength(5000);
  });
});

test('no e-mail address, uuid or long number comes through, wherever it is in a name', () => {
  const id = fc.oneof(
    fc.emailAddress(),
    fc.uuid(),
    fc.integer({ min: 100_000_000, max: 999_999_999 }).map(String),
  );
  const word = fc.constantFrom('', 'orders', 'user', 'tenant', '2024');
  fc.assert(
    fc.property(word, fc.constantFrom('_', '-', '.', ''), id, word, (before, joint, one, after) => {
      const name = `${before}${joint}${one}${joint}${after}`;
      expect(structureName(name)).not.toContain(one);
      expect(plainName(name)).toBeUndefined();
    }),
  );
});
