import type { Instant } from '../../../shared/domain/record/ids.ts';
import { happened, registered, type Named, type Sending } from './envelopes.ts';

/** Messages of the point-of-sale example: one customer's row, about one contract, with one stage. */
export const CUSTOMERS = 'paloma365-customers';
export const PAYMENTS = 'paloma365-payments';
const SOURCE = 'com.paloma365.pos';

export const contract = (n: number | string): Named => ({ type: 'contract', id: `contract-${n}` });
export const payment = (n: number | string): Named => ({ type: 'payment', id: `payment-${n}` });

export function rowOf(n: number): [string] {
  return [`00000000-0000-4000-8000-${String(n).padStart(12, '0')}`];
}

function sending(id: string, at: Instant): Sending {
  return { source: SOURCE, id, arrived: at };
}

/** The row of customer `n`; without `about`, about a contract of its own. */
export function registersCustomer(n: number, at: Instant, about = contract(n)): string {
  return registered(sending(`registers-${n}`, at), {
    store: CUSTOMERS,
    locator: rowOf(n),
    categories: ['registration-data'],
    entities: [about],
  });
}

/** Two stages: the card number goes within the hour, the row years later. */
export function registersPayment(n: number, at: Instant): string {
  return registered(sending(`registers-payment-${n}`, at), {
    store: PAYMENTS,
    locator: rowOf(n),
    categories: ['payment-data'],
    entities: [payment(n)],
  });
}

export function eventMessage(
  type: string,
  entity: Named,
  occurred: string,
  at: Instant,
  id?: string,
): string {
  return happened(sending(id ?? `${type} ${entity.id} ${occurred} ${at}`, at), type, entity, occurred);
}
