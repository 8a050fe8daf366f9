import { describe, expect, test } from 'vitest';
import type { Policy } from '../../../shared/domain/configuration/policy.ts';
import type { DefinedDataset } from '../../../shared/domain/datasets/row-holding.ts';
import { dateBin, noDateBin } from '../../../shared/domain/forecast/forecast.ts';
import { clockBins, type ClockBins, type Days } from '../../../shared/protocol/forecast/clock-bins.ts';
import { configured, planOfRow } from '../../support/datasets/dataset-world.ts';
import { aPolicy, anEvent, aRule } from '../../support/rules/rule-world.ts';

const DAY = 86_400_000;
const DATASET: DefinedDataset = {
  store: 'logs',
  type: 'record',
  category: 'logs',
  producer: 'crm',
  clock: { 'record.created': { column: 'created' } },
  by: 'record.created',
};
const EVENTS = {
  'record.created': anEvent({ entity: 'record' }),
  'record.used': anEvent({ entity: 'record' }),
  'account.closed': anEvent({ entity: 'account' }),
};
const NOW = Date.parse('2026-03-01T10:00:00Z');
const policyOf = (rule: string, more: Partial<Policy> = {}) =>
  aPolicy({ logs: [aRule(rule)] }, { events: EVENTS, fiscalYearEnd: '12-31', ...more });

function binsOf(policies: readonly Policy[], dataset = DATASET, days: Partial<Days> = {}): ClockBins {
  const given: Days = { first: Date.parse('1970-01-02'), last: NOW, now: NOW, by: 'day', ...days };
  return clockBins(configured(policies), dataset, given);
}

/** The bin of a day of the clock. */
function binOn({ edges, bins }: ClockBins, date: string): string | undefined {
  return bins[edges.filter((edge) => edge.date <= date).length];
}

describe('when rows of a dataset go, by the day of their clock', () => {
  test.each<[string, Partial<Policy>]>([
    ['1 year after record.created', {}],
    ['1 month after record.created', {}],
    ['10 years after record.created', { zone: 'Europe/Berlin' }],
    ['2 years after the end of the fiscal year of record.created', {}],
    ['20 working days after record.created', { zone: 'Europe/Berlin' }],
    ['the later of 6 months after record.created and 2025-05-05', {}],
  ])('is what the plan of a row of each day says: %s', (rule, more) => {
    const policy = policyOf(rule, more);
    const found = binsOf([policy]);
    expect(found).toMatchObject({ policy: policy.name, depends: false });
    const core = configured([policy]);
    for (let at = NOW - 12 * 365 * DAY; at <= NOW; at += DAY) {
      const date = new Date(at).toISOString().slice(0, 10);
      const { next } = planOfRow(core, DATASET, { clocks: { 'record.created': `${date}T12:00:00Z` } }, NOW);
      expect([date, binOn(found, date)]).toEqual([
        date,
        dateBin(next?.actAt ?? Number.NaN, Date.parse('2026-03-01')),
      ]);
    }
  });

  test('has only the days that it needs, and not one for each day of the clock', () => {
    const found = binsOf([policyOf('2 years after the end of the calendar year of record.created')]);
    expect([found.edges.map(({ date }) => date), found.bins]).toEqual([
      ['2024-01-01', '2025-01-01', '2026-01-01'],
      ['due', '2027-01-01', '2028-01', '2029-01'],
    ]);
    const long = binsOf([policyOf('10 years after record.created')]);
    expect(long.bins.length).toBeLessThan(520);
    const weeks = binsOf([policyOf('10 years after record.created')], DATASET, { by: 'week' });
    expect(weeks.bins.length).toBeLessThan(180);
    expect(binOn(weeks, '2016-03-05')).toBe('2026-03-02');
  });

  test('depends where another column decides, or a fact about somebody whom a row names: then it is the earliest', () => {
    const rule =
      'the later of (if country is "DE", 3 years after record.created, otherwise 1 year after record.created) and 1 month after account.closed if any';
    const attributes = {
      country: { values: ['DE', 'FR'], default: 'FR' },
    } as unknown as Policy['attributes'];
    const policy = policyOf(rule, { attributes });
    const plain = binsOf([policy]);
    expect([plain.depends, binOn(plain, '2025-06-01')]).toEqual([false, '2026-06-01']);
    for (const more of [{ attributes: { country: 'country' } }, { entities: { account: 'owner' } }]) {
      const found = binsOf([policy], { ...DATASET, ...more });
      expect([found.depends, binOn(found, '2025-06-01')]).toEqual([true, '2026-06-01']);
    }
    const byTwo = { ...DATASET, clock: { ...DATASET.clock, 'record.used': { column: 'used' } } };
    const later = policyOf('1 year after the later of record.created and record.used if any');
    expect(binsOf([later], byTwo)).toMatchObject({ depends: true });
    expect(binsOf([later])).toMatchObject({ depends: false });
  });

  test('is not told where the clock decides nothing, and every row may be due', () => {
    const either = policyOf('the earlier of 1 year after record.created and 1 month after account.closed');
    const found = binsOf([either], { ...DATASET, entities: { account: 'owner' } });
    expect(found).toMatchObject({ depends: true, edges: [], bins: [noDateBin('depends')] });
  });

  test('has no date without a policy, or with a rule that never ends', () => {
    expect(binsOf([])).toMatchObject({ policy: '', edges: [] });
    expect(binsOf([])?.bins[0]).toMatch(/^no-date:/);
    expect(binsOf([policyOf('never')]).bins).toEqual(['no-date:never']);
  });

  test('stays within the days that a clock can have', () => {
    const first = Date.parse('2025-06-01');
    const found = binsOf([policyOf('1 year after record.created')], DATASET, {
      first,
      last: first + 2 * DAY,
    });
    expect([found.edges.map(({ date }) => date), found.bins]).toEqual([
      ['2025-06-02', '2025-06-03'],
      ['2026-06-01', '2026-06-02', '2026-06-03'],
    ]);
  });
});
