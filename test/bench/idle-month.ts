import { ASSUMED, charge, idleMonth, total } from '../../infra/cost/cost-model.ts';
import { readPrices } from '../../infra/cost/prices.ts';
import type { Row } from './row.ts';

/** Computed from the price list, like `docs/cost.md`. */
export function idleMonthRow(): Row {
  const dollars = total(charge(idleMonth(), readPrices()));
  return { what: `an idle month of ${ASSUMED.lanes} lanes: dollars`, measured: dollars };
}
