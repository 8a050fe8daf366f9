import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ASSUMED, charge, idleMonth, MEASURED, million, total } from '../../../infra/cost/cost-model.ts';
import { costPage, laneMore } from '../../../infra/cost/cost-page.ts';
import { readPrices } from '../../../infra/cost/prices.ts';

const list = readPrices();

test('the page is what the prices say; if not, run npm run cost', () => {
  expect(readFileSync(new URL('../../../docs/cost.md', import.meta.url), 'utf8')).toBe(costPage(list));
});

test('everything that is used has a price, and every price is used', () => {
  const used = new Set([...idleMonth(), ...million()].map(({ price }) => price));
  expect(Object.keys(list.prices).filter((name) => !used.has(name))).toEqual([]);
  expect(() => charge([{ what: 'a moon', price: 'moon', amount: 1 }], list)).toThrow('no price for "moon"');
});

test('the write units of a life cost less than five dollars a million', () => {
  const units = MEASURED.registration + MEASURED.event + MEASURED.disposal;
  expect(units).toBeCloseTo(7.3);
  const usage = { what: 'writes', price: 'dynamodb write request unit', amount: units * 1_000_000 };
  expect(total(charge([usage], list))).toBeCloseTo(4.56);
});

test('the census reads the whole registry once a day', () => {
  const census = million().find(({ what }) => what.startsWith('daily census'));
  const aDay = 1.4e9 / 4096;
  expect(census?.amount).toBeCloseTo(aDay * 365.25 * 5, 0);
});

test('an idle month of three lanes costs less than six dollars, one of them for the key that signs, with two metrics and nine alarms', () => {
  expect(ASSUMED.lanes).toBe(3);
  expect(total(charge(idleMonth(), list))).toBeLessThanOrEqual(6);
  expect(ASSUMED.customMetrics).toBeLessThanOrEqual(5);
  expect(ASSUMED.alarms).toBeLessThanOrEqual(10);
});

test('one more lane adds the empty receives of its queue to an idle month, and nothing else', () => {
  expect(laneMore(list)).toBeCloseTo((648_000 * 0.4) / 1_000_000);
});
