import {
  CUSTOMERS,
  contract,
  payment,
  PAYMENTS,
  registersCustomer,
  registersPayment,
} from '../driver/contract-messages.ts';
import { rowOf, eventMessage } from '../driver/contract-messages.ts';
import type { CountedDeployment, Requests } from './counted-deployment.ts';
import type { Preparing } from '../prepared-table.ts';
import { at } from '../samples.ts';

export const CUSTOMERS_REGISTERED = '2026-02-01T09:00:00Z';
/** Three years after the end of 1 February 2026 in Almaty, and the clock tolerance. */
export const CUSTOMERS_DUE = '2029-02-01T19:01:00Z';
/** An hour after the payment, less the policy's lead: at once, and the minimum distance of a hint. */
export const PAYMENTS_DUE = '2026-02-01T08:03:00Z';

/** `count` customers, whose contracts ended on one day. */
export async function endedContracts({ clock, ingest }: Preparing, count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) await ingest(registersCustomer(n, clock.now()));
  for (let n = 0; n < count; n += 1) {
    await ingest(eventMessage('contract.ended', contract(n), '2026-02-01', clock.now()));
  }
}

/** `count` customers' rows, whose contracts ended on one day: due in one minute, with one stage. */
export async function dueCustomers(counted: CountedDeployment, count: number): Promise<void> {
  await counted.prepare(at(CUSTOMERS_REGISTERED), (world) => endedContracts(world, count));
  for (let n = 0; n < count; n += 1) counted.store(CUSTOMERS).put(rowOf(n), { name: `customer ${n}` });
}

/** `count` payments whose card numbers are due in one minute; the rows are due years later. */
export async function duePayments(counted: CountedDeployment, count: number): Promise<void> {
  await counted.prepare(at('2026-02-01T08:00:00Z'), async ({ clock, ingest }) => {
    for (let n = 0; n < count; n += 1) await ingest(registersPayment(n, clock.now()));
    const paid = '2026-02-01T14:00:00+06:00';
    for (let n = 0; n < count; n += 1)
      await ingest(eventMessage('payment.completed', payment(n), paid, clock.now()));
  });
  for (let n = 0; n < count; n += 1) {
    counted.store(PAYMENTS).put(rowOf(n), { card_number: '4111111111111111', amount: n });
  }
}

export interface WakeUpCost {
  readonly units: number;
  readonly requests: Requests;
  /** How many holdings each chunk named. */
  readonly chunks: readonly number[];
}

/** What a wake-up costs: its sweep, the chunks that it sends, and the sealing of what they write. */
export async function wakeUp(counted: CountedDeployment, minute: string): Promise<WakeUpCost> {
  counted.clock.set(at(minute));
  counted.reset();
  await counted.sweep({ kind: 'minute', minute: at(minute) });
  const chunks = await counted.disposeAndSeal();
  return { units: counted.counter.writeUnits(), requests: counted.requests(), chunks };
}
