import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { memoryKeys } from '../../../shared/adapters/memory/memory-keys.ts';
import { canonicalJson } from '../../../shared/domain/canonical-json.ts';
import { MAX_ENTRY_BYTES, packEntries } from '../../../shared/domain/log/bundles.ts';
import { entryIn } from '../../../shared/domain/log/entry-schema.ts';
import type { PlannedStage } from '../../../shared/domain/plan/plan.ts';
import type { Entry } from '../../../shared/domain/record/entry.ts';
import type { EntityRef } from '../../../shared/domain/record/ids.ts';
import type { Chunk, WorkRecord } from '../../../shared/domain/record/work.ts';
import type { LaneCore } from '../../../shared/protocol/core.ts';
import { entryOf } from '../../../shared/protocol/lane/entry-of.ts';
import { mayBeTooLarge, withinBounds } from '../../../shared/protocol/lane/entry-size.ts';
import type { Told } from '../../../shared/protocol/lane/told.ts';
import { anEntry } from '../../support/log/indexed-log.ts';
import { aHolding } from '../../support/samples.ts';

const TOKEN = '2026-03-01T10.0001';

function bytesOf(entry: Entry): number {
  return Buffer.byteLength(canonicalJson(entry));
}

/** An entry of this number of bytes, with words of all kinds in it. */
function entryOfSize(bytes: number): Entry {
  const entry: Entry = {
    ...anEntry(TOKEN, { store: 'orders', rule: '', outcome: 'anonymised' }),
    subjects: [{ type: 'person', ref: 'b'.repeat(22) as Entry['holding'] }],
    facts: [{ type: 'contract.ended', occurred: '2026-02-01' }],
    masks: { name: 'replace' },
    page: { records: 7, root: 'a'.repeat(64) },
    acted: '2026-03-01T10:00:01.000Z',
    readBack: '2026-03-01T10:00:02.000Z',
  };
  return { ...entry, rule: 'x'.repeat(bytes - bytesOf(entry)) };
}

describe('an entry that a result is written with', () => {
  test('stays as it is if it has 65,535 bytes, which are all that a bundle can have', () => {
    const entry = entryOfSize(MAX_ENTRY_BYTES);
    expect(bytesOf(entry)).toBe(65_535);
    expect(withinBounds(entry)).toBe(entry);
    expect(packEntries([Buffer.from(canonicalJson(entry))]).length).toBe(2 + 65_535);
  });

  test('with a byte more loses its words, says so, and keeps what was done to which record, and when', () => {
    const entry = entryOfSize(MAX_ENTRY_BYTES + 1);
    const kept = withinBounds(entry);
    expect(bytesOf(kept)).toBeLessThan(2000);
    const words = { categories: [], subjects: [], facts: [], rule: '', masks: {} };
    expect(kept).toEqual({ ...entry, ...words, answer: 'ENTRY_TOO_LARGE' });
    // As an audit reads it.
    expect(entryIn(JSON.parse(canonicalJson(kept)))).toEqual(kept);
  });

  test('counts bytes, not characters', () => {
    const entry = { ...entryOfSize(1000), rule: 'ü'.repeat(40_000) };
    expect(withinBounds(entry)).toMatchObject({ rule: '', answer: 'ENTRY_TOO_LARGE' });
  });
});

const aSize = fc.record({
  categories: fc.integer({ min: 0, max: 50 }),
  entities: fc.integer({ min: 0, max: 100 }),
  facts: fc.integer({ min: 0, max: 700 }),
  fields: fc.integer({ min: 0, max: 700 }),
  rule: fc.integer({ min: 1, max: 40_000 }),
  word: fc.integer({ min: 1, max: 100 }),
  letter: fc.constantFrom('x', 'ü', '"', '\u0001'),
});

/** What an attempt tells with this number of words. */
function toldOf({
  categories,
  entities,
  facts,
  fields,
  rule,
  word,
  letter,
}: typeof aSize extends fc.Arbitrary<infer Of> ? Of : never): Told {
  const named = (count: number, of = letter): string[] =>
    Array.from({ length: count }, (_none, at) => `${at}${of.repeat(word)}`);
  const holding = aHolding(1);
  const variants = holding.variants.slice(0, 1).map((variant) => ({
    ...variant,
    categories: named(categories, 'x'),
    // A name of the configuration has letters, digits and hyphens.
    entities: named(entities, 'x').map((type, at) => ({
      type,
      ref: String(at).padStart(43, 'e') as EntityRef,
    })),
  }));
  const planned = {
    action: 'anonymise',
    policy: 'p'.repeat(64),
    policyVersion: '1',
    ruleText: letter.repeat(rule),
    facts: named(facts).map((type) => ({ type, occurred: '2026-02-01T10:00:00+01:00', personal: false })),
  } as unknown as PlannedStage;
  const masks = Object.fromEntries(
    named(fields).map((field) => [field, { kind: 'pseudonym' }]),
  ) as Told['masks'];
  return {
    ref: holding.ref,
    generation: 1,
    version: 1,
    lookedAt: 0,
    stage: 'anonymise',
    part: 'p'.repeat(64),
    holding: { ...holding, store: 's'.repeat(64), variants },
    planned,
    outcome: 'anonymised',
    at: Date.parse('2026-03-01T10:00:00Z'),
    actedAt: 0,
    readBackAt: 0,
    interrupted: true,
    code: 'C'.repeat(100),
    until: 0,
    ...(masks && { masks }),
  } as Told;
}

test('what is not refused before anything is done has an entry that fits, however it grows', async () => {
  const core = { keys: memoryKeys() } as unknown as LaneCore;
  const work = { token: `${TOKEN}${'t'.repeat(100)}`, begunAt: 0 } as WorkRecord;
  const page = {
    records: 1_000_000,
    root: 'a'.repeat(64),
    kept: 1_000_000,
    failed: 1_000_000,
    changed: 1_000_000,
    more: true,
  } as const;
  const refused: boolean[] = [];
  await fc.assert(
    fc.asyncProperty(aSize, async (size) => {
      const told = toldOf(size);
      refused.push(mayBeTooLarge(told));
      const entry = await entryOf(core, {} as Chunk, work, { ...told, entryPage: page, recoveryDays: 35 });
      if (entry === undefined) throw new Error('no entry');
      if (!mayBeTooLarge(told)) expect(bytesOf(entry)).toBeLessThanOrEqual(MAX_ENTRY_BYTES);
      // It is not refused for nothing: what is may need all but a few kilobytes.
      else expect(bytesOf(entry)).toBeGreaterThan(MAX_ENTRY_BYTES - 6000);
    }),
    { numRuns: 300 },
  );
  expect(new Set(refused).size).toBe(2);
});
