import { describe, expect, test } from 'vitest';
import { auditLog } from '../../../cli/log-commands/audit-log.ts';
import { receiptFromLog } from '../../../cli/log-commands/receipt-from-log.ts';
import { yearOf } from '../../../shared/domain/calendar/utc-time.ts';
import { logRef } from '../../../shared/domain/configuration/references.ts';
import { noteKey } from '../../../shared/domain/log/note.ts';
import { verifyReceipt } from '../../../shared/domain/log/receipt.ts';
import type { Holding } from '../../../shared/domain/record/holding.ts';
import { openLink } from '../../../shared/protocol/entry-links.ts';
import { aboutToBeDue, DELETING } from '../../support/driver/disposal-play.ts';
import { driver, type Driver } from '../../support/driver/driver.ts';
import { entriesIn } from '../../support/driver/violations.ts';
import { memorySource } from '../../support/log/memory-source.ts';
import { testSigner } from '../../support/log/test-signer.ts';

/** The name of the log in `driver`, with the public key that an auditor has. */
const KEY = noteKey('tenure/deletion-log', await testSigner().publicKey());

/** Two records of one contract, registered in two years and disposed of in the second one. */
async function disposedInTwoYears() {
  const destroyed = new Set<number>();
  const rules = { notes: ['1 day after contract.ended'] };
  const d = await driver({ start: '2025-12-31T20:00:00Z', rules, destroyedLogKeys: destroyed });
  d.registers('old', ['c-1']);
  d.store.put(['old'], {});
  await d.runUntil('2026-01-02T08:00:00Z');
  d.registers('new', ['c-1']);
  d.store.put(['new'], {});
  d.happens('contract.ended', 'c-1', '2026-01-03T10:00:00Z');
  await d.settle();
  await d.runUntil('2026-01-05T12:00:00Z');
  expect(entriesIn(d)).toHaveLength(2);
  return { d, destroyed };
}

/** What an auditor copies. */
function filesOf({ bucket }: Driver): Map<string, Uint8Array> {
  const files = new Map(bucket.allObjects().map(({ key, bytes }) => [key, bytes]));
  return files.set('checkpoint', Buffer.from(bucket.allCheckpoints().at(-1) ?? ''));
}

function holdingOf(d: Driver, id: string): Holding {
  const holding = d.holding(id);
  if (holding === undefined) throw new Error(`${id} is not registered`);
  return holding;
}

async function linkOf(d: Driver, id: string) {
  const holding = holdingOf(d, id);
  const [done] = holding.done ?? [];
  return done && openLink(d.core.keys, holding, done);
}

describe('when the key of a year of the log was destroyed', () => {
  test('not one byte of the log changes: its audit finds nothing, and every receipt is right', async () => {
    const { d, destroyed } = await disposedInTwoYears();
    const before = filesOf(d);
    const receipts = [];
    for (const index of [0, 1])
      receipts.push((await receiptFromLog(memorySource(before), { index })).receipt);
    destroyed.add(2025);
    await d.runUntil('2026-01-06T12:00:00Z');
    const after = filesOf(d);
    expect([...before.keys()].filter((path) => !after.has(path))).toEqual([]);
    // The checkpoint is signed again when the statement of a day is added.
    for (const [path, bytes] of before)
      if (path !== 'checkpoint') expect(Buffer.from(after.get(path) ?? []).equals(bytes)).toBe(true);
    expect(await auditLog(memorySource(after), { keys: [KEY] })).toMatchObject({ ok: true });
    for (const receipt of receipts) expect(verifyReceipt(receipt, [KEY])).toMatchObject({ ok: true });
    for (const index of [0, 1]) {
      const { receipt } = await receiptFromLog(memorySource(after), { index });
      expect(verifyReceipt(receipt, [KEY])).toMatchObject({ ok: true });
    }
  });

  test('no reference of that year can be computed from what remains, and those of other years can', async () => {
    const { d, destroyed } = await disposedInTwoYears();
    const { keys } = d.core;
    const written = new Set(entriesIn(d).map(({ entry }) => entry.holding));
    const refOf = async (id: string) => {
      const { ref, registeredAt } = holdingOf(d, id);
      return logRef(await keys.logKey(yearOf(registeredAt)), ref);
    };
    expect(written).toEqual(new Set([await refOf('old'), await refOf('new')]));
    expect(await linkOf(d, 'old')).toBeDefined();
    destroyed.add(2025);
    await expect(refOf('old')).rejects.toMatchObject({ code: 'LOG_KEY_MISSING' });
    expect(await linkOf(d, 'old')).toBeUndefined();
    // No other key that is there gives a reference that is in the log.
    const others = [await keys.registryKey(), await keys.logKey(2026), await keys.pseudonymKey('notes')];
    for (const key of others) expect(written.has(logRef(key, holdingOf(d, 'old').ref))).toBe(false);
    expect(written).toContain(await refOf('new'));
    expect(await linkOf(d, 'new')).toMatchObject({ line: expect.any(Number) });
  });

  test('a result of that year that waits for `seal` still comes into the log, under its reference', async () => {
    const destroyed = new Set<number>();
    const d = await aboutToBeDue({ ...DELETING, destroyedLogKeys: destroyed });
    d.onNext('dispose', async (call) => {
      const answer = await call.make();
      if (call.name.endsWith('.putResult')) destroyed.add(2026);
      return answer;
    });
    await d.runUntil('2026-03-04T12:00:00Z');
    expect(destroyed.size).toBe(1);
    const result = await auditLog(memorySource(filesOf(d)), { keys: [KEY] });
    expect(result).toMatchObject({ ok: true });
    expect(entriesIn(d).map(({ entry }) => entry.outcome)).toEqual(['deleted']);
  });
});
