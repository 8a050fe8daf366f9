import { describe, expect, test } from 'vitest';
import type { AfterwardsEntry, NoteEntry } from '../../../shared/domain/record/entry.ts';
import { eventRef, logRef } from '../../../shared/domain/configuration/references.ts';
import { isRemarked } from '../../../shared/protocol/late-fact.ts';
import { driver, type Driver } from '../../support/driver/driver.ts';
import { notesIn, violations } from '../../support/driver/violations.ts';
import { PRODUCER, world } from '../../support/driver/world.ts';

const RULES = { notes: ['1 day after contract.ended'] };
const START = '2026-03-03T08:30:00Z';
const ENDED = '2026-03-02T10:00:00Z';

const late = (notes: readonly NoteEntry[]): readonly AfterwardsEntry[] =>
  notes.flatMap((note) => (note.did === 'disposed-before-fact' ? [note] : []));

/** A record about c-1, and its end. */
async function ended(options: Parameters<typeof driver>[0] = {}): Promise<Driver> {
  const d = await driver({ rules: RULES, start: START, ...options });
  d.happens('contract.ended', 'c-1', ENDED, { id: 'end' });
  d.registers('n-1', ['c-1']);
  d.store.put(['n-1'], {});
  await d.settle();
  return d;
}

async function disposed(): Promise<Driver> {
  const d = await ended();
  await d.runUntil('2026-03-03T12:00:00Z');
  expect(d.holding('n-1')?.state).toBe('disposed');
  return d;
}

describe('what was disposed of before a fact', () => {
  test.for([
    { fact: 'a retraction', send: (d: Driver) => d.retracts('c-1', 'end') },
    {
      fact: 'a correction',
      send: (d: Driver) => d.corrects('contract.ended', 'c-1', '2026-12-24', 'end'),
    },
    { fact: 'an undo', send: (d: Driver) => d.happens('contract.renewed', 'c-1', '2026-03-03T09:00:00Z') },
  ])('has one entry, with where its disposal stands in the log: $fact', async ({ send }) => {
    const d = await disposed();
    send(d);
    await d.settle();
    // The same again, and others that would have kept it, too.
    d.happens('contract.renewed', 'c-1', '2026-03-03T09:10:00Z');
    d.happens('contract.renewed', 'c-1', '2026-03-03T09:20:00Z');
    await d.runUntil('2026-03-03T15:00:00Z');
    const [entry, ...more] = late(notesIn(d));
    expect(more).toEqual([]);
    const [deletion] = d.registry.allResults().flatMap((one) => ('void' in one ? [] : one.entries));
    expect(entry).toMatchObject({
      holding: deletion?.holding,
      generation: 1,
      store: deletion?.store,
      stages: [{ stage: 'delete', outcome: 'deleted', entry: { token: deletion?.token, line: 0 } }],
    });
    // Nothing in it is exact enough to lead from the registry to the log.
    expect(entry?.at.endsWith(':00.000Z')).toBe(true);
    expect(await violations(d)).toEqual([]);
  });

  test('has none where it came in time, or could not have kept it', async () => {
    const d = await disposed();
    d.happens('contract.renewed', 'c-1', '2026-01-01');
    d.happens('contract.ended', 'c-1', '2026-03-01T10:00:00Z');
    await d.runUntil('2026-03-03T15:00:00Z');
    expect(notesIn(d)).toEqual([]);
    expect(await violations(d)).toEqual([]);
  });

  test('is said of the earlier generation: the present one is only listed', async () => {
    const w = world();
    const contract = w.entity('contract', 'c-1');
    w.store.put(['n-1']);
    await w.register(await w.registration('n-1', [contract]));
    await w.happened(contract, w.fact('contract.ended', '2026-03-01'));
    await w.run(Date.parse('2026-04-01T00:30:00Z'));
    await w.register(await w.registration('n-1', [contract], { purposes: ['again'] }));
    const renewed = w.fact('contract.renewed', '2026-03-20', {
      id: 'renewed',
      sent: Date.parse('2026-03-20T00:00:00Z'),
    });
    await w.happened(contract, renewed);
    const present = w.holding('n-1');
    const [earlier] = w.registry.allTombstones();
    expect(present?.remarks?.DISPOSED_BEFORE_FACT).toBeDefined();
    expect(present && isRemarked(present)).toBe(false);
    expect(earlier && isRemarked(earlier)).toBe(true);
    const notes = () =>
      late(w.registry.allResults().flatMap((one) => ('void' in one ? [] : (one.actions ?? []))));
    expect(notes()).toMatchObject([{ generation: 1 }]);
    // Once more changes nothing.
    const version = present?.version;
    await w.happened(contract, renewed);
    expect(w.holding('n-1')?.version).toBe(version);
    expect(notes()).toHaveLength(1);
  });

  test('has no entry where the key of its year was destroyed, and its remark all the same', async () => {
    const destroyedLogKeys = new Set<number>();
    const w = world({ destroyedLogKeys });
    const contract = w.entity('contract', 'c-1');
    w.store.put(['n-1']);
    await w.register(await w.registration('n-1', [contract]));
    await w.happened(contract, w.fact('contract.ended', '2026-03-01'));
    await w.run(Date.parse('2026-04-01T00:30:00Z'));
    destroyedLogKeys.add(2026);
    await w.happened(
      contract,
      w.fact('contract.renewed', '2026-03-20', { sent: Date.parse('2026-03-20T00:00:00Z') }),
    );
    expect(w.holding('n-1')?.remarks?.DISPOSED_BEFORE_FACT).toBeDefined();
    expect(w.registry.allResults().some(({ token }) => token.includes('fact'))).toBe(false);
  });
});

describe('a correction or retraction', () => {
  test('is an entry once, with the type and a keyed reference of the event, and without any date of it', async () => {
    const d = await ended();
    d.corrects('contract.ended', 'c-1', '2026-12-24', 'end', { id: 'fix' });
    await d.settle();
    d.retracts('c-1', 'end');
    d.retracts('c-1', 'never-arrived');
    await d.settle();
    d.corrects('contract.ended', 'c-1', '2026-12-24', 'end', { id: 'fix' });
    await d.runUntil('2026-03-03T10:30:00Z');
    const key = await d.core.keys.logKey(2026);
    const registryKey = await d.core.keys.registryKey();
    const target = (id: string) => logRef(key, eventRef(registryKey, PRODUCER, id));
    const said = notesIn(d).toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
    const common = { v: 2, producer: PRODUCER, by: 'producer' };
    expect(said).toHaveLength(3);
    expect(said).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          ...common,
          did: 'corrected',
          type: 'contract.ended',
          target: target('end'),
        }),
        expect.objectContaining({
          ...common,
          did: 'retracted',
          type: 'contract.ended',
          target: target('end'),
        }),
        expect.objectContaining({ ...common, did: 'retracted', target: target('never-arrived') }),
      ]),
    );
    expect(JSON.stringify(said)).not.toContain('2026-12-24');
    expect(said.every(({ at }) => at.endsWith(':00.000Z'))).toBe(true);
    expect(await violations(d)).toEqual([]);
  });
});
