import { describe, expect, test } from 'vitest';
import { memoryClock } from '../../../shared/adapters/memory/memory-clock.ts';
import { entryIn } from '../../../shared/domain/log/entry-schema.ts';
import type { StoreConfiguration } from '../../../shared/domain/configuration/configuration.ts';
import type { Recovery } from '../../../shared/ports/store.ts';
import { knownUnrecoverableAt } from '../../../shared/protocol/facts/unrecoverable-at.ts';
import { workOnChunk } from '../../../shared/protocol/lane/work-on-chunk.ts';
import { memoryStore } from '../../../shared/stores/memory-store.ts';
import { rememberedRecovery } from '../../../shared/stores/remembered-recovery.ts';
import { Died, due, dying, entriesOf, handedOver, leaseEnds } from '../../support/driver/dying-worker.ts';

const DAY = 86_400_000;
const [WEEK, MONTH]: readonly Recovery[] = [
  { days: 7, isWhole: true },
  { days: 35, isWhole: true },
];
const NONE: Recovery = { days: 0, isWhole: true };

async function deletedIn(settings: Recovery | undefined, store: Partial<StoreConfiguration> = {}) {
  const { w } = await due({ store });
  if (settings !== undefined) w.store.recovery = async () => settings;
  await workOnChunk(w.core, await handedOver(w));
  const [entry] = entriesOf(w);
  if (entry?.readBack === undefined) throw new Error('nothing was deleted');
  const days = (Date.parse(entry.unrecoverableAt ?? '') - Date.parse(entry.readBack)) / DAY;
  return { w, entry, days: Number.isNaN(days) ? entry.unrecoverableAt : days };
}

describe('an entry says until when backups may have what was deleted', () => {
  test.each([
    ['the longer of what is configured', 35, { backupDays: 35 }, WEEK],
    ['and of what the settings say', 35, { backupDays: 7 }, MONTH],
    ['the settings alone, if nothing is configured', 35, {}, MONTH],
    [
      'the configuration alone, if the settings name copies that cannot be seen',
      7,
      { backupDays: 7 },
      undefined,
    ],
    ['0 days, if that is configured and the settings agree', 0, { backupDays: 0 }, NONE],
    ['what cannot be seen is not known', 'unknown', {}, { days: 35, isWhole: false }],
    ['and no store shows that no one else copies it', 'unknown', {}, NONE],
  ])('%s: %s', async (_, wanted, store, settings) => {
    const { w, entry, days } = await deletedIn(settings, store);
    expect(days).toBe(wanted);
    expect(entryIn(JSON.parse(JSON.stringify(entry)))).toEqual(entry);
    // Its tombstone knows it, too, whatever is configured by then.
    const tombstone = w.holding('n-1');
    const [done] = tombstone?.done ?? [];
    if (tombstone === undefined || done === undefined) throw new Error('it is not disposed of');
    const later = { configuration: { ...w.core.configuration, stores: {} } };
    const known = knownUnrecoverableAt(later, tombstone, done);
    expect(known === 'unknown' ? known : (Date.parse(known ?? '') - done.at) / DAY).toBe(wanted);
  });

  test('settings that cannot be read leave what is configured, and that is reported', async () => {
    for (const [store, wanted] of [
      [{ backupDays: 7 }, 7],
      [{}, 'unknown'],
    ] as const) {
      const { w, days } = await deletedIn({ days: 0, isWhole: false, code: 'STORE_DENIED' }, store);
      expect(days).toBe(wanted);
      expect(w.reports.lines).toContainEqual({
        code: 'dispose.recovery-unread',
        fields: { store: 'notes', code: 'STORE_DENIED' },
      });
    }
  });

  test('they are not read where nothing was deleted', async () => {
    const { w } = await due();
    w.store.remove(['n-1']);
    await workOnChunk(w.core, await handedOver(w));
    expect(entriesOf(w)).toMatchObject([{ outcome: 'already-so' }]);
    expect(entriesOf(w)[0]).not.toHaveProperty('unrecoverableAt');
    expect(w.store.calls.recovery).toBe(0);
  });

  test('an attempt that dies after its result leaves it to the one that settles it', async () => {
    const { w } = await due({ store: { backupDays: 7 } });
    w.store.recovery = async () => MONTH ?? NONE;
    const key = await handedOver(w);
    await expect(workOnChunk(dying(w.core, 'registry', 'putResult', 'after'), key)).rejects.toBeInstanceOf(
      Died,
    );
    expect(w.holding('n-1')?.state).toBe('active');
    w.store.recovery = async () => NONE;
    await leaseEnds(w);
    await workOnChunk(w.core, key);
    expect(w.holding('n-1')).toMatchObject({ state: 'disposed', recoveryDays: 35 });
  });

  test('after-care looks once more when the last backup is gone, by the longer time', async () => {
    const { w } = await due({ store: { backupDays: 7, afterCare: [1, 8] } });
    w.store.recovery = async () => MONTH ?? NONE;
    await workOnChunk(w.core, await handedOver(w));
    const asked = w.store.calls.readBack;
    const checks: string[] = [];
    for (let at = w.holding('n-1')?.probe?.at; at !== undefined; at = w.holding('n-1')?.probe?.at) {
      checks.push(new Date(at).toISOString());
      await w.run(at + 3_600_000);
      if (checks.length > 4) break;
    }
    expect(checks).toEqual([
      '2026-04-02T01:00:00.000Z',
      '2026-04-09T01:00:00.000Z',
      '2026-05-07T01:00:00.000Z',
    ]);
    expect(w.store.calls.readBack - asked).toBe(3);
  });
});

describe('settings are remembered', () => {
  test('for a minute, also those that could not be read, and not when the clock goes back', async () => {
    const clock = memoryClock(Date.parse('2026-03-01T10:00:00Z'));
    const store = memoryStore({ now: () => clock.now(), recovery: NONE });
    const remembered = rememberedRecovery(store, clock);
    store.fail({ call: 'recovery', code: 'STORE_DENIED', times: 1 });
    const asked = async (at: string) => {
      clock.set(Date.parse(at));
      const { code } = await remembered.recovery();
      return [code, store.calls.recovery];
    };
    expect(await asked('2026-03-01T10:00:00Z')).toEqual(['STORE_DENIED', 1]);
    expect(await asked('2026-03-01T10:00:59Z')).toEqual(['STORE_DENIED', 1]);
    expect(await asked('2026-03-01T10:01:00Z')).toEqual([undefined, 2]);
    expect(await asked('2026-03-01T10:00:59Z')).toEqual([undefined, 3]);
  });
});
