import { randomUUID } from 'node:crypto';
import type { RegistrationItem } from '../../shared/contract/batch.ts';
import type { CloudEvent } from '../../shared/contract/cloud-event.ts';
import { DAYS, SOURCES } from './app-settings.ts';
import { type LaneRecord, LANES, MARKER } from './records.ts';

const DAY = 86_400_000;

/** The records of one contract: this many in every lane. */
export interface Contract {
  readonly id: string;
  readonly records: readonly LaneRecord[];
}

/** Numbers are orders' keys; each contract has its own hundred. */
export function contract(name: string, number: number, count: number): Contract {
  const id = `${name}-${MARKER}`;
  const records = LANES.flatMap((lane) =>
    Array.from({ length: count }, (_, index): LaneRecord => {
      const key = lane === 'orders' ? number * 100 + index : `crm/${name}-${index}`;
      return { lane, key, contract: id };
    }),
  );
  return { id, records };
}

export function registrations({ id, records }: Contract): readonly RegistrationItem[] {
  return records.map(({ lane, key }) => ({
    store: lane,
    locator: [key],
    categories: ['contract-data'],
    purposes: ['contract'],
    entities: [{ type: 'contract', id }],
  }));
}

/** An end that makes the contract's records due at `due`. */
export function ended(id: string, due: number, app: keyof typeof SOURCES = 'crm'): CloudEvent {
  return event('contract.ended', id, due - DAYS * DAY, app);
}

export function renewed(id: string, at: number): CloudEvent {
  return event('contract.renewed', id, at, 'crm');
}

function event(type: string, id: string, occurred: number, app: keyof typeof SOURCES): CloudEvent {
  return {
    specversion: '1.0',
    id: randomUUID(),
    source: SOURCES[app],
    type,
    data: { entity: { type: 'contract', id }, occurred: new Date(occurred).toISOString() },
  };
}
