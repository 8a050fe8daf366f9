import { expect, test } from 'vitest';
import { auditLog } from '../../../cli/log-commands/audit-log.ts';
import { sweep } from '../../../functions/sweep/sweep.ts';
import { noteKey } from '../../../shared/domain/log/note.ts';
import { driver, type Driver } from '../../support/driver/driver.ts';
import { memorySource } from '../../support/log/memory-source.ts';
import { nameOf, statedIn } from '../../support/log/stated.ts';
import { testSigner } from '../../support/log/test-signer.ts';

const KEY = noteKey('tenure/deletion-log', await testSigner().publicKey());
const RULES = { notes: ['1 day after contract.ended'] };

function registers(d: Driver, id: string): void {
  d.registers(id, [`c-${id}`]);
  d.store.put([id], {});
}

async function isRight({ bucket }: Driver): Promise<unknown> {
  const files = new Map(bucket.allObjects().map(({ key, bytes }) => [key, bytes]));
  files.set('checkpoint', Buffer.from(bucket.allCheckpoints().at(-1) ?? ''));
  return auditLog(memorySource(files), { keys: [KEY] });
}

test.each(['putStatement', 'due', 'statements'] as const)(
  'a statement that fails at %s for days stops nothing else, and its days are stated once it does not',
  async (call) => {
    const d = await driver({ start: '2026-03-01T08:00:00Z', rules: RULES, pageSize: 1 });
    for (const id of ['a', 'b']) registers(d, id);
    d.happens('contract.ended', 'c-a', '2026-03-01T10:00:00Z');
    d.happens('contract.ended', 'c-b', '2026-03-02T10:00:00Z');
    await d.runUntil('2026-03-02T22:00:00Z');
    const real = d.registry[call];
    Object.assign(d.registry, { [call]: () => Promise.reject(new Error('broken')) });
    const before = d.runs.length;
    await d.runUntil('2026-03-05T01:30:00Z');
    expect(await d.registry.newestCensus()).toBe('census/2026-03-05');
    const threw = d.runs.slice(before).filter(({ end }) => end === 'threw');
    expect(threw.length).toBeGreaterThan(0);
    Object.assign(d.registry, { [call]: real });
    await d.runUntil('2026-03-06T08:00:00Z');
    const stated = statedIn(d.registry).map(({ statement: { first, last }, lines }) => [
      first,
      last,
      ...lines,
    ]);
    const [a, b] = await Promise.all(['a', 'b'].map((id) => nameOf(d.core.keys, d.holding(id) as never)));
    const lines = [`${a} settled`, `${b} settled`].toSorted();
    expect(stated.slice(-2)).toEqual([
      ['2026-03-02', '2026-03-04', ...lines],
      ['2026-03-05', '2026-03-05'],
    ]);
    expect(await isRight(d)).toMatchObject({ ok: true, unstated: [] });
  },
);

test('a statement that fails each time fails alone, and not an hourly run or the message with the daily reports', async () => {
  const d = await driver({ start: '2026-03-01T08:00:00Z', rules: RULES });
  registers(d, 'a');
  await d.runUntil('2026-03-01T22:00:00Z');
  Object.assign(d.registry, { putStatement: () => Promise.reject(new Error('broken')) });
  await d.runUntil('2026-03-02T08:30:00Z');
  const walk = 'census/2026-03-02';
  expect(await d.registry.newestCensus()).toBe(walk);
  await sweep(d.core, { kind: 'hourly' }, () => true);
  await sweep(d.core, { kind: 'walk', walk, segment: 0 }, () => true);
  d.clock.advance(3_600_000);
  await expect(sweep(d.core, { kind: 'walk', walk, segment: 3 }, () => true)).rejects.toThrow('broken');
});
