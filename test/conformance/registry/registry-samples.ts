import type { ColumnEntry } from '../../../shared/domain/columns/column-entry.ts';
import type { HoldingRef, Occurred } from '../../../shared/domain/record/ids.ts';
import type { HoldingChange } from '../../../shared/ports/holdings.ts';
import type { Registry } from '../../../shared/ports/registry.ts';
import type { Entry } from '../../../shared/domain/record/entry.ts';
import type { Holding } from '../../../shared/domain/record/holding.ts';
import type { ActedOn, AttemptResult, Chunk, WorkRecord } from '../../../shared/domain/record/work.ts';
import { aHoldingRef, anEntityRef, at } from '../../support/samples.ts';

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

export function aColumnEntry(name: string | number, changes: Partial<ColumnEntry> = {}): ColumnEntry {
  return {
    column: 'crm customer-portal account.closed',
    entity: anEntityRef(name),
    occurred: '2019-06-01T08:30:00.123Z' as Occurred,
    version: 1,
    token: 'token-of-a-column-fact',
    sealed: 'c2VhbGVk',
    toldAt: at('2029-03-01T10:04:00Z'),
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
  // As long as what is sealed of this number of holdings.
  const lines = [{ year: 2026, sealed: 's'.repeat(120 * count) }];
  return { token, store: 'crm', entries: numbers.map((n) => anEntry(token, n)), lines };
}
