import type { HoldingRef } from '../../../shared/domain/record/ids.ts';
import type { HoldingChange } from '../../../shared/next/ports/holdings.ts';
import type { Registry } from '../../../shared/next/ports/registry.ts';
import type { Entry } from '../../../shared/next/record/entry.ts';
import type { Holding, HoldingVariant } from '../../../shared/next/record/holding.ts';
import type {
  ActedOn,
  AttemptResult,
  Chunk,
  ResultLine,
  WorkRecord,
} from '../../../shared/next/record/work.ts';
import { aHoldingRef, anEntityRef, at } from '../../support/samples.ts';

const REGISTERED = at('2026-03-01T10:00:12.345Z');

function aVariant(name: string | number, changes: Partial<HoldingVariant> = {}): HoldingVariant {
  return {
    producer: 'customer-portal',
    content: 'c0ntentc0ntentc0ntent0',
    categories: ['contract-data'],
    purposes: ['contract-fulfilment'],
    entities: [{ type: 'contract', ref: anEntityRef(name) }],
    sent: REGISTERED - 250,
    received: REGISTERED,
    since: 1,
    folded: 1,
    ...changes,
  };
}

/** About one entity, with one stage that has a date, from one producer: what most holdings are. */
export function aHolding(name: string | number, changes: Partial<Holding> = {}): Holding {
  return {
    ref: aHoldingRef(name),
    version: 1,
    generation: 1,
    state: 'active',
    store: 'customers-postgres',
    locator: Buffer.alloc(60, 7).toString('base64url'),
    registeredAt: REGISTERED,
    variants: [aVariant(name)],
    decision: {
      status: 'due',
      policies: 'f'.repeat(64),
      stage: 'delete',
      actAt: at('2029-03-01T10:01:00Z'),
      deadline: at('2029-03-04T10:01:00Z'),
    },
    hintAt: at('2029-03-01T10:03:00Z'),
    ...changes,
  };
}

/** The same with everything that a life can bring. */
export function aFullHolding(name: string | number, changes: Partial<Holding> = {}): Holding {
  return aHolding(name, {
    variants: [
      aVariant(name, {
        categories: ['contract-data', 'billing-data'],
        entities: [
          { type: 'contract', ref: anEntityRef('c') },
          { type: 'person', ref: anEntityRef('p') },
        ],
        zone: 'Europe/Berlin',
        attributes: { country: 'DE', amount: 12.5, minor: false },
        since: 2,
        folded: 5,
      }),
      aVariant(name, {
        producer: 'billing',
        purposes: [],
        entities: [],
        sent: REGISTERED,
        received: REGISTERED,
      }),
    ],
    withdrawnAt: { 'customer-portal': at('2026-02-01T00:00:00Z') },
    known: [{ producer: 'billing', content: 'old', sent: at('2026-01-01T00:00:00Z') }],
    knownFrom: at('2025-01-01T00:00:00Z'),
    decision: { status: 'conflict', policies: 'f'.repeat(64), reason: 'deadline-before-floor' },
    parked: { hold: 'hold-1', entity: anEntityRef('p') },
    done: [
      {
        stage: 'restrict',
        outcome: 'restricted',
        at: at('2027-01-01T00:00:01Z'),
        token: '2027-01-01T00.Vq3rYp9mQXKc2w0H5bTnLg',
        line: -1,
        version: 4,
        facts: '0123456789abcdef',
        policies: 'f'.repeat(64),
      },
    ],
    remarks: { SENT_TOGETHER: REGISTERED },
    ...changes,
  });
}

/** Writes a holding of version 1. */
export async function putNew(registry: Registry, holding: Holding): Promise<Holding> {
  const [answer] = await registry.writeHoldings([{ before: undefined, after: holding }]);
  if (answer !== 'written') throw new Error(`the sample was ${answer}`);
  return holding;
}

/** From a holding to the same with changes, one version later. */
export function change(before: Holding, changes: Partial<Holding>): HoldingChange {
  return { before, after: { ...before, version: before.version + 1, ...changes } };
}

export async function readOne(registry: Registry, ref: HoldingRef): Promise<Holding | undefined> {
  return (await registry.holdings([ref])).get(ref);
}

export function anActedOn(name: string | number, changes: Partial<ActedOn> = {}): ActedOn {
  return {
    ref: aHoldingRef(name),
    generation: 1,
    stage: 'delete',
    version: 3,
    lookedAt: at('2029-03-01T10:04:00.123Z'),
    ...changes,
  };
}

export function aChunk(id: string, changes: Partial<Chunk> = {}): Chunk {
  return {
    lane: 'crm',
    producer: 'customer-portal',
    minute: at('2029-03-01T10:03:00Z'),
    id,
    version: 1_234_567_890_123,
    refs: [aHoldingRef(1), aHoldingRef(2)],
    attempts: 0,
    failures: 0,
    uncertain: [],
    ...changes,
  };
}

export function aWorkRecord(chunk: Chunk, token: string, changes: Partial<WorkRecord> = {}): WorkRecord {
  const { lane, producer, minute, id } = chunk;
  const begunAt = at('2029-03-01T10:04:00Z');
  return {
    lane,
    chunk: { lane, producer, minute, id },
    token,
    begunAt,
    until: begunAt + 900_000,
    refs: chunk.refs,
    actedOn: [],
    ...changes,
  };
}

export function anEntry(token: string, n: number): Entry {
  return {
    v: 2,
    token,
    holding: `holding-${n}-000000000000` as Entry['holding'],
    generation: 1,
    stage: 'delete',
    categories: ['contract-data'],
    store: 'crm',
    outcome: 'deleted',
    subjects: [],
    policy: 'contracts',
    policyVersion: '3',
    rule: '3 years after contract.ended',
    facts: [{ type: 'contract.ended', occurred: '2026-03-01' }],
    leased: '2029-03-01T10:04:00.000Z',
    software: '1.0.0',
    tzdata: '2026a',
  };
}

export function aResult(token: string, count: number): AttemptResult {
  const numbers = Array.from({ length: count }, (_, n) => n);
  const lines = numbers.map((n): ResultLine => ({
    ...anActedOn(n),
    outcome: 'deleted',
    entry: n,
    at: at('2029-03-01T10:04:02Z'),
    facts: '0123456789abcdef',
    policies: 'f'.repeat(64),
  }));
  return { token, store: 'crm', entries: numbers.map((n) => anEntry(token, n)), lines };
}
