import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { demoConfiguration } from '../../../examples/demo-configuration.ts';
import { withExistingData } from '../../../examples/existing-data.ts';
import { compileConfiguration } from '../../../shared/domain/configuration/compile-configuration.ts';
import { printConfigurationProblem } from '../../../shared/domain/configuration/configuration-problem.ts';
import type { Policy } from '../../../shared/domain/configuration/policy.ts';
import { loadPolicies } from '../../../shared/policy-files/load-policies.ts';
import { printProblem } from '../../../shared/policy-files/problem.ts';
import { STORE_KINDS, storeKind } from '../../../shared/stores/kinds.ts';
import { iso, planOf } from '../../support/rules/rule-world.ts';
import type { Subject, World } from '../../support/rules/rule-world.ts';

const root = new URL('../../../', import.meta.url);
const files = demoConfiguration.policies.map((path) => ({
  path,
  text: readFileSync(new URL(path, root), 'utf8'),
}));
const loaded = loadPolicies(files, { settings: demoConfiguration.settings });
const policies: readonly Policy[] = loaded.ok ? loaded.policySet.policies : [];

/** The next stage of a holding of one category: action, window and the instant of action. */
function next(category: string, subjects: readonly Subject[], more: Partial<World> = {}) {
  const plan = planOf({ policies, categories: [category], subjects, now: '2026-06-01T00:00:00Z', ...more });
  if (plan.next === undefined) return plan.status;
  const { action, window, actAt, deadline } = plan.next;
  return {
    action,
    notBefore: iso(window?.notBefore),
    notAfter: iso(window?.notAfter),
    actAt: iso(actAt),
    deadline: iso(deadline),
  };
}

const inEurope = { variants: [{ attributes: { jurisdiction: 'EU' } }] };
const elsewhere = { variants: [{ attributes: { jurisdiction: 'US' } }] };

describe('the example policies', () => {
  it('load together', () => {
    expect(loaded.ok ? [] : loaded.problems.map(printProblem)).toEqual([]);
    expect(policies.map(({ name }) => name)).toEqual([
      'paloma-parties',
      'paloma365',
      'paltalk',
      'calendera',
      'odoo-events',
    ]);
  });

  it('are all in the demonstration', () => {
    const there = readdirSync(new URL('examples/policies/', root)).map((name) => `examples/policies/${name}`);
    expect(withExistingData(demoConfiguration).policies.toSorted()).toEqual(there.toSorted());
  });

  it('agree with the demonstration’s configuration', () => {
    const compiled = compileConfiguration(demoConfiguration, { policies }, STORE_KINDS);
    expect(compiled.ok ? [] : compiled.problems.map(printConfigurationProblem)).toEqual([]);
  });

  it('delete and anonymise, in stores of all kinds', () => {
    const seen = new Set<string>();
    for (const { stores, categories } of Object.values(demoConfiguration.producers)) {
      const actions = policies.flatMap((policy) =>
        categories.flatMap((name) => policy.categories[name]?.rules.flatMap(({ rule }) => rule.stages) ?? []),
      );
      for (const store of Object.keys(stores)) {
        for (const { action } of actions) seen.add(`${action} ${demoConfiguration.stores[store]?.kind}`);
      }
    }
    const possible = Object.values(demoConfiguration.stores).flatMap(({ kind, options }) => {
      const { capabilities, options: schema } = storeKind(kind);
      const verbs = capabilities.verbs(schema.parse(options)).filter((verb) => verb !== 'restrict');
      return verbs.map((verb) => `${verb} ${kind}`);
    });
    expect([...seen].toSorted()).toEqual([...new Set(possible)].toSorted());
    expect(new Set(possible).size).toBe(2 * Object.keys(STORE_KINDS).length);
  });

  it('name in a comment what is not here yet', () => {
    for (const { text } of files) expect(text).toMatch(/^# Not covered yet: /m);
  });

  it('list what no date can be computed from', () => {
    for (const { name, notComputable } of policies)
      expect([name, notComputable.length > 0]).toEqual([name, true]);
  });

  it('quote the sentence that needs a setting when the operator sets none', () => {
    const bare = loadPolicies(files, {});
    const messages = bare.ok ? [] : bare.problems.map(({ message }) => message);
    expect(messages).toHaveLength(7);
    for (const message of messages) expect(message).toMatch(/has no value; .*The policy says: ".{10,}"$/);
    expect(messages.join('\n')).toContain(
      'for the duration of your subscription plus a reasonable period afterward.',
    );
  });
});

describe('Paloma Parties', () => {
  const disconnected = { type: 'account', events: { 'account.disconnected': '2026-03-01T12:00:00-05:00' } };

  it('deletes within 30 days after the account was disconnected, three days ahead', () => {
    expect(next('external-profile', [disconnected])).toEqual({
      action: 'delete',
      notBefore: undefined,
      // Over the change to summer time: noon stays noon.
      notAfter: '2026-03-31T16:00:00Z',
      actAt: '2026-03-28T16:00:00Z',
      deadline: '2026-03-31T16:00:00Z',
    });
  });

  it('keeps everything when the account is connected again', () => {
    const events = { ...disconnected.events, 'account.reconnected': '2026-03-20T09:00:00-04:00' };
    expect(next('external-profile', [{ type: 'account', events }])).toBe('undetermined');
  });

  it('deletes at once when the account is deleted meanwhile', () => {
    const events = { ...disconnected.events, 'account.deleted': '2026-03-05T09:00:00-05:00' };
    expect(next('event-form-data', [{ type: 'account', events }])).toMatchObject({
      actAt: '2026-03-05T14:00:00Z',
    });
  });

  it('removes marketing data at once when consent is withdrawn', () => {
    const events = { 'consent.withdrawn': '2026-04-01T10:00:00-04:00' };
    expect(next('marketing-contact', [{ type: 'account', events }])).toMatchObject({
      actAt: '2026-04-01T14:00:00Z',
      deadline: '2026-04-01T15:00:00Z',
    });
  });
});

describe('Paloma365', () => {
  it('keeps for the contract and three years', () => {
    const events = { 'contract.ended': '2026-01-31' };
    expect(next('registration-data', [{ events }])).toMatchObject({
      action: 'delete',
      notBefore: '2029-01-31T19:00:00Z',
    });
  });

  it('begins again when the contract is renewed', () => {
    const events = {
      'contract.ended': { occurred: '2026-12-31', sent: '2026-03-01T00:00:00Z' },
      'contract.renewed': '2026-05-01',
    };
    expect(next('usage-data', [{ events }])).toBe('undetermined');
  });

  it('keeps payments as the law says instead, and clears a card number first', () => {
    const payment = { type: 'payment', events: { 'payment.completed': '2026-02-10T08:00:00+05:00' } };
    const contract = { events: { 'contract.ended': '2026-03-01' } };
    expect(next('payment-data', [payment, contract])).toMatchObject({
      action: 'anonymise',
      notAfter: '2026-02-10T04:00:00Z',
      actAt: '2026-02-10T03:00:00Z',
    });
    expect(next('payment-data', [payment, contract], { done: [{ action: 'anonymise' }] })).toMatchObject({
      action: 'delete',
      // Five years from the end of 2026 in Almaty; three years after the contract would be 2029.
      notBefore: '2031-12-31T19:00:00Z',
    });
  });
});

describe('Paltalk', () => {
  const closed = { type: 'account', events: { 'account.closed': '2026-01-10T12:00:00Z' } };

  it('has another end in the European Union', () => {
    expect(next('member-profile', [closed], inEurope)).toMatchObject({ notAfter: '2026-02-09T12:00:00Z' });
    expect(next('member-profile', [closed], elsewhere)).toMatchObject({ notAfter: '2028-01-10T12:00:00Z' });
  });

  it('keeps what it does not know the jurisdiction of', () => {
    expect(next('member-profile', [closed])).toBe('undetermined');
  });

  it('keeps a purchase as a law of the European Union says, and only there', () => {
    const bought = { type: 'purchase', events: { 'purchase.completed': '2026-01-05T12:00:00Z' } };
    const subjects = [closed, bought];
    expect(next('purchase-records', subjects, inEurope)).toMatchObject({
      notBefore: '2037-01-01T05:00:00Z',
    });
    const other = next('purchase-records', subjects, elsewhere);
    expect(other).toMatchObject({ notAfter: '2028-01-10T12:00:00Z' });
    expect(other).toHaveProperty('notBefore', undefined);
  });

  it('stops marketing when the person objects, in any of its apps', () => {
    const person = { type: 'person', events: { 'marketing.objected': '2026-01-05T12:00:00Z' } };
    for (const place of [inEurope, elsewhere]) {
      expect(next('member-marketing', [person, { type: 'account', events: {} }], place)).toMatchObject({
        action: 'delete',
        actAt: '2026-01-05T12:00:00Z',
      });
    }
  });

  it('anonymises devices, and keeps the sessions', () => {
    expect(next('device-data', [closed], inEurope)).toMatchObject({ action: 'anonymise' });
    expect(next('device-data', [closed], { ...inEurope, done: [{ action: 'anonymise' }] })).toBe('done');
  });
});

describe('Calendera', () => {
  const ended = { type: 'subscription', events: { 'subscription.ended': '2026-02-28' } };

  it('keeps bookings longer than the account', () => {
    expect(next('account-data', [ended])).toMatchObject({ notBefore: '2026-05-30T05:00:00Z' });
    expect(next('booking-data', [ended])).toMatchObject({ notBefore: '2028-02-29T06:00:00Z' });
  });

  it('keeps bookings no shorter than the account even where the operator chose so', () => {
    const { settings = {} } = demoConfiguration;
    const shorter = {
      ...settings,
      calendera: { 'reasonable period': '90 days', 'booking period': '30 days' },
    };
    const other = loadPolicies(files, { settings: shorter });
    const set = other.ok ? other.policySet.policies : [];
    expect(next('booking-data', [ended], { policies: set })).toMatchObject({
      notBefore: '2026-05-30T05:00:00Z',
    });
  });

  it('keeps invoices as the law says', () => {
    const invoice = { type: 'invoice', events: { 'invoice.issued': '2026-04-15' } };
    expect(next('billing-records', [invoice])).toMatchObject({ notBefore: '2031-01-01T06:00:00Z' });
  });
});

describe('Odoo events', () => {
  const closed = { type: 'account', events: { 'account.closed': '2026-01-10T12:00:00Z' } };

  it('keeps an invoice to the end of its fiscal year and seven years', () => {
    const invoice = { type: 'invoice', events: { 'invoice.issued': '2026-07-01' } };
    expect(next('invoices', [invoice])).toMatchObject({
      action: 'delete',
      notBefore: '2034-06-30T22:00:00Z',
    });
  });

  it('anonymises usage and deletes contacts within the operator’s caps', () => {
    expect(next('usage-analytics', [closed])).toMatchObject({
      action: 'anonymise',
      notAfter: '2027-02-10T12:00:00Z',
    });
    expect(next('account-and-contact-data', [closed])).toMatchObject({
      action: 'delete',
      notAfter: '2027-01-10T12:00:00Z',
    });
  });

  it('waits when an occasion is postponed', () => {
    const events = {
      'occasion.ended': { occurred: '2026-09-01', sent: '2026-02-01T00:00:00Z' },
      'occasion.postponed': '2026-05-01',
    };
    expect(next('event-interest', [{ type: 'occasion', events }])).toBe('undetermined');
  });
});
