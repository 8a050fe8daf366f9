import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ASSUMED, charge, idleMonth, million, total } from '../../../infra/cost/cost-model.ts';
import { costPage } from '../../../infra/cost/cost-page.ts';
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

test('ten write units of a life cost six dollars and a quarter a million', () => {
  const usage = { what: 'writes', price: 'dynamodb write request unit', amount: 10_000_000 };
  expect(total(charge([usage], list))).toBeCloseTo(6.25);
});

test('a lane more costs a queue more, and nothing else when nothing is due', () => {
  const more = { ...ASSUMED, lanes: ASSUMED.lanes + 1 } as unknown as typeof ASSUMED;
  const difference = total(charge(idleMonth(more), list)) - total(charge(idleMonth(), list));
  expect(difference).toBeCloseTo((ASSUMED.emptyReceives * 0.4) / 1_000_000);
});
