import type { Configuration } from '../../shared/domain/configuration/configuration.ts';
import {
  CUSTOMERS_DUE,
  dueCustomers,
  duePayments,
  PAYMENTS_DUE,
  wakeUp,
} from '../support/counted/counted-wake-up.ts';
import { contract, registersCustomer, eventMessage } from '../support/driver/contract-messages.ts';
import { countedDeployment, type CountedDeployment } from '../support/counted/counted-deployment.ts';
import { messageCost } from '../support/counted/counted-message.ts';
import { swept } from '../support/counted/counted-sweeps.ts';
import { longestHead } from '../support/longest-head.ts';
import { startTables, type TestTables } from '../support/registry-table.ts';
import { at } from '../support/samples.ts';

const NOW = at('2026-03-01T10:00:00Z');
const FAN_OUT = 40;
const DUE = 1000;
const PAYMENTS = 200;

/** Something that is counted, not timed: the same number on every machine. */
export interface CountedLimit {
  readonly what: string;
  readonly measured: number;
  readonly limit: number;
}

/** A value that could not be measured also exceeds its limit. */
export const exceeded = ({ measured, limit }: CountedLimit): boolean => !(measured <= limit);

/** Counted at the SDK client, over an embedded table; requests to a holding's own store are not included. */
export async function countedLimits(configuration: Configuration): Promise<CountedLimit[]> {
  const tables = await startTables();
  try {
    return [
      ...(await messages(tables, configuration)),
      ...(await disposals(tables, configuration)),
      ...(await sweeps(tables, configuration)),
    ];
  } finally {
    await tables.stop();
  }
}

async function messages(tables: TestTables, configuration: Configuration): Promise<CountedLimit[]> {
  const fresh = (): Promise<CountedDeployment> => countedDeployment(tables, configuration, NOW);
  const ended = (id: number | string, day: string): string =>
    eventMessage('contract.ended', contract(id), day, NOW);

  const counted = await fresh();
  const event = await messageCost(counted, ended(1, '2026-02-01'));
  const registering = await messageCost(counted, registersCustomer(1, NOW));
  const stays = await messageCost(counted, ended(1, '2026-01-01'));
  const later = await messageCost(counted, ended(1, '2027-02-01'));

  const wide = await fresh();
  for (let n = 0; n < FAN_OUT; n += 1) await wide.ingest(registersCustomer(n, NOW, contract('wide')));
  const known = await messageCost(wide, ended('wide', '2026-02-01'));

  const moved = await fresh();
  await moved.ingest(registersCustomer(1, NOW));
  await moved.ingest(ended(1, '2030-02-01'));
  await moved.ingest(eventMessage('contract.renewed', contract(1), '2026-03-02', NOW));
  moved.clock.set(at('2026-03-10T10:00:00Z'));
  const sooner = eventMessage('contract.ended', contract(1), '2026-03-09', moved.clock.now());
  const earlier = await messageCost(moved, sooner);

  return [
    { what: 'registering a holding: write units', measured: registering.units, limit: 5 },
    { what: 'an event: write units', measured: event.units, limit: 2 },
    { what: 'its re-plan, date stays: write units', measured: stays.units - event.units, limit: 1 },
    { what: 'its re-plan, date moves later: write units', measured: later.units - event.units, limit: 1 },
    {
      what: `its re-plan, date becomes known: write units a holding, of ${FAN_OUT}`,
      measured: (known.units - event.units) / FAN_OUT,
      limit: 2,
    },
    { what: 'its re-plan, date moves earlier: write units', measured: earlier.units - event.units, limit: 2 },
    { what: 'hints when the date stays or moves later', measured: stays.hints + later.hints, limit: 0 },
  ];
}

/** Sweep, dispose and seal together, in full chunks. */
async function disposals(tables: TestTables, configuration: Configuration): Promise<CountedLimit[]> {
  const customers = await countedDeployment(tables, configuration, at(CUSTOMERS_DUE));
  await dueCustomers(customers, DUE);
  const { units, requests } = await wakeUp(customers, CUSTOMERS_DUE);
  const { Scan = 0 } = customers.counter.requests();

  const payments = await countedDeployment(tables, configuration, at(PAYMENTS_DUE));
  await duePayments(payments, PAYMENTS);
  const staged = await wakeUp(payments, PAYMENTS_DUE);

  const fresh = await countedDeployment(tables, configuration, NOW);
  await fresh.index.putHead(longestHead);
  const [head] = fresh.counter.writes();

  return [
    { what: `disposing of ${DUE}: write units a holding`, measured: units / DUE, limit: 2.2 },
    { what: `disposing of ${DUE}: requests a holding`, measured: requests.all / DUE, limit: 2.3 },
    {
      what: 'a stage with a next one: write units a holding',
      measured: staged.units / PAYMENTS,
      limit: 2.2 + 1,
    },
    { what: 'head of the log with a full batch: bytes', measured: head?.bytes ?? Infinity, limit: 4096 },
    { what: 'scans while disposing', measured: Scan, limit: 0 },
  ];
}

/** The limit is what the same sweep costs among a tenth of the holdings. */
async function sweeps(tables: TestTables, configuration: Configuration): Promise<CountedLimit[]> {
  const few = await swept(tables, configuration, 2000);
  const many = await swept(tables, configuration, 20_000);
  return (['minute', 'hourly'] as const).map((sweep) => ({
    what: `${sweep} sweep, 1,000 due of 20,000 (limit: of 2,000): requests`,
    measured: many[sweep].requests.all,
    limit: few[sweep].requests.all,
  }));
}
