import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { auditLog } from '../../../cli/log-commands/audit-log.ts';
import { noteKey } from '../../../shared/domain/log/note.ts';
import { carriedOut } from '../../../shared/domain/record/holding.ts';
import { driver, type Driver } from '../../support/driver/driver.ts';
import { STORE } from '../../support/driver/world.ts';
import { memorySource } from '../../support/log/memory-source.ts';
import { nameOf, statedIn, statesIn } from '../../support/log/stated.ts';
import { testSigner } from '../../support/log/test-signer.ts';

const KEY = noteKey('tenure/deletion-log', await testSigner().publicKey());
const RULES = { notes: ['1 day after contract.ended'] };
const START = '2026-03-01T08:00:00Z';
const DAY = 86_400_000;
const HOLD = { id: 'hold-1', kind: 'hold', scope: { store: STORE }, at: 0 } as const;

function files({ bucket }: Driver): Map<string, Uint8Array> {
  const all = new Map(bucket.allObjects().map(({ key, bytes }) => [key, bytes]));
  return all.set('checkpoint', Buffer.from(bucket.allCheckpoints().at(-1) ?? ''));
}

function registers(d: Driver, id: string): void {
  d.registers(id, [`c-${id}`]);
  d.store.put([id], {});
}

describe('the statement of a day', () => {
  test('says what was due, and what came of it; what stays due is in that of the next day again', async () => {
    const d = await driver({ start: START, rules: RULES });
    for (const id of ['a', 'b', 'c']) registers(d, id);
    d.happens('contract.ended', 'c-a', '2026-03-01T10:00:00Z');
    d.happens('contract.ended', 'c-b', '2026-03-02T10:00:00Z');
    await d.runUntil('2026-03-02T23:00:00Z');
    await d.registry.placeWideHold({ ...HOLD, state: 'placed' });
    await d.runUntil('2026-03-05T08:00:00Z');
    const [a, b] = await Promise.all(['a', 'b'].map((id) => nameOf(d.core.keys, d.holding(id) as never)));
    const stated = statedIn(d.registry);
    expect(stated.map(({ statement: { first, last } }) => [first, last])).toEqual([
      ['2026-02-28', '2026-02-28'],
      ['2026-03-01', '2026-03-01'],
      ['2026-03-02', '2026-03-02'],
      ['2026-03-03', '2026-03-03'],
      ['2026-03-04', '2026-03-04'],
    ]);
    expect(stated.map(({ lines }) => [...lines])).toEqual([
      [],
      [],
      [`${a} settled`],
      [`${b} held`],
      [`${b} held`],
    ]);
    expect(stated.at(-1)?.statement).toMatchObject({ parts: 1, due: { held: 1, settled: 0, open: 0 } });
    expect(await auditLog(memorySource(files(d)), { keys: [KEY] })).toMatchObject({ ok: true, unstated: [] });
  });

  test('covers the days before, too, on which no census ran to its end', async () => {
    const d = await driver({ start: START, rules: RULES });
    registers(d, 'a');
    d.happens('contract.ended', 'c-a', '2026-03-02T10:00:00Z');
    await d.runUntil('2026-03-03T08:00:00Z');
    d.down.add('sweep');
    await d.runUntil('2026-03-06T08:00:00Z');
    d.down.clear();
    await d.runUntil('2026-03-07T08:00:00Z');
    const stated = statedIn(d.registry).slice(-2);
    expect(stated.map(({ statement: { first, last } }) => [first, last])).toEqual([
      ['2026-03-03', '2026-03-05'],
      ['2026-03-06', '2026-03-06'],
    ]);
    const a = await nameOf(d.core.keys, d.holding('a') as never);
    expect(stated.map(({ lines }) => [...lines])).toEqual([[`${a} open`], [`${a} settled`]]);
    expect(await auditLog(memorySource(files(d)), { keys: [KEY] })).toMatchObject({ ok: true, unstated: [] });
  });

  test('names the earlier generation of a record that was registered again before it was counted', async () => {
    const d = await driver({ start: START, rules: RULES });
    registers(d, 'a');
    d.happens('contract.ended', 'c-a', '2026-03-01T10:00:00Z');
    await d.runUntil('2026-03-02T12:00:00Z');
    const first = await nameOf(d.core.keys, d.holding('a') as never);
    d.registers('a', ['c-other']);
    await d.runUntil('2026-03-03T08:00:00Z');
    expect(d.holding('a')?.generation).toBe(2);
    expect(statedIn(d.registry).at(-1)?.lines).toEqual([`${first} settled`]);
  });

  test('counts what cannot be named any more, because the key of its year was destroyed', async () => {
    const destroyed = new Set<number>();
    const d = await driver({ start: '2025-12-30T08:00:00Z', rules: RULES, destroyedLogKeys: destroyed });
    registers(d, 'old');
    await d.runUntil('2026-01-02T08:00:00Z');
    registers(d, 'new');
    await d.registry.placeWideHold({ ...HOLD, state: 'placed' });
    for (const id of ['old', 'new']) d.happens('contract.ended', `c-${id}`, '2026-01-02T10:00:00Z');
    await d.runUntil('2026-01-03T12:00:00Z');
    destroyed.add(2025);
    await d.runUntil('2026-01-04T08:00:00Z');
    const last = statedIn(d.registry).at(-1);
    expect(last?.statement).toMatchObject({ unlinked: 1, due: { held: 1 } });
    expect(last?.lines).toEqual([`${await nameOf(d.core.keys, d.holding('new') as never)} held`]);
  });
});

type Step = readonly ['register' | 'end' | 'withdraw' | 'hold' | 'release' | 'stop' | 'go', number];

const step: fc.Arbitrary<Step> = fc.tuple(
  fc.constantFrom('register', 'register', 'end', 'end', 'withdraw', 'hold', 'release', 'stop', 'go'),
  fc.integer({ min: 0, max: 5 }),
);

async function take(d: Driver, [what, n]: Step): Promise<void> {
  const id = `r-${n}`;
  const now = new Date(d.clock.now()).toISOString();
  if (what === 'register') registers(d, id);
  else if (what === 'end') d.happens('contract.ended', `c-${id}`, now);
  else if (what === 'withdraw') d.withdraws(id);
  else if (what === 'stop') d.down.add('dispose');
  else if (what === 'go') d.down.delete('dispose');
  else if (what === 'hold') await d.registry.placeWideHold({ ...HOLD, state: 'placed' });
  else {
    await d.registry.releaseWideHold({ ...HOLD, state: 'released' });
    d.toSweep({ kind: 'release', hold: HOLD.id });
  }
}

test('over random lives, each generation that was due is in the list of its day once, and what was settled as well', async () => {
  const days = fc.array(fc.array(step, { maxLength: 3 }), { minLength: 4, maxLength: 7 });
  await fc.assert(
    fc.asyncProperty(days, async (all) => {
      const d = await driver({ start: START, rules: RULES, pageSize: 2 });
      const dueAt = new Map<string, string[]>();
      for (const [index, steps] of all.entries()) {
        const day = Date.parse('2026-03-01') + index * DAY;
        for (const [at, one] of steps.entries()) {
          await d.runUntil(new Date(Math.max(d.clock.now(), day + (9 + 4 * at) * 3_600_000)).toISOString());
          await take(d, one);
        }
        await d.runUntil(new Date(day + DAY - 1000).toISOString());
        const due = d.registry
          .allHoldings()
          .filter(({ state, decision }) => state === 'active' && (decision?.actAt ?? Infinity) < day + DAY);
        dueAt.set(
          new Date(day).toISOString().slice(0, 10),
          await Promise.all(due.map((one) => nameOf(d.core.keys, one))),
        );
      }
      await d.pass(8 * 3_600_000);
      const stated = statedIn(d.registry);
      const byDay = new Map(stated.map((one) => [one.statement.last, one]));
      for (const [day, names] of dueAt) {
        const { lines = [] } = byDay.get(day) ?? {};
        const states = statesIn(lines);
        expect(states.size).toBe(lines.length);
        for (const name of names) expect(['later', 'held', 'waits', 'open']).toContain(states.get(name));
      }
      for (const holding of [...d.registry.allTombstones(), ...d.registry.allHoldings()]) {
        const name = await nameOf(d.core.keys, holding);
        for (const { at } of carriedOut(holding)) {
          const own = byDay.get(new Date(at).toISOString().slice(0, 10));
          if (own !== undefined) expect(statesIn(own.lines).get(name)).toBe('settled');
        }
      }
      for (const { statement, lines } of stated) {
        const states = [...statesIn(lines).values()];
        const count = (state: string): number => states.filter((one) => one === state).length;
        for (const [state, number] of Object.entries(statement.due)) expect(number).toBe(count(state));
      }
      expect(await auditLog(memorySource(files(d)), { keys: [KEY] })).toMatchObject({
        ok: true,
        unstated: [],
      });
    }),
    { numRuns: 15 },
  );
}, 120_000);
