import { describe, expect, test } from 'vitest';
import type { HoldingRef, Instant } from '../../shared/domain/record/ids.ts';
import type { Chunk } from '../../shared/domain/record/work.ts';
import { writeLog } from '../../shared/protocol/log/write-log.ts';
import { sweepHourly } from '../../shared/protocol/sweep-lanes.ts';
import { at } from '../support/driver/dying-worker.ts';
import { anEntry } from '../support/log/indexed-log.ts';
import { STORE, world } from '../support/driver/world.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const NOW = at('2026-03-01T10:05:00Z');
type World = ReturnType<typeof world>;

function begin(): World {
  return world({ start: '2026-03-01T10:05:00Z' });
}

function chunk(minute: Instant, changes: Partial<Chunk> = {}): Chunk {
  return {
    lane: STORE,
    producer: 'a',
    minute,
    id: 'chunk'.padEnd(22, '_'),
    version: 1,
    refs: ['x' as HoldingRef, 'y' as HoldingRef],
    attempts: 0,
    failures: 0,
    uncertain: [],
    ...changes,
  };
}

function quarantined(id: string, receivedAt: Instant) {
  return { id, receivedAt, code: 'C', reason: '', sealed: 's' };
}

/** What the hourly sweep says: each finding, and whether it came to its end. */
async function said(w: World): Promise<readonly object[]> {
  w.reports.lines.splice(0);
  await sweepHourly(w.core);
  const lines = w.reports.lines.filter(({ code }) =>
    ['sweep.waiting-too-long', 'sweep.caught-up'].includes(code),
  );
  expect(lines.at(-1)?.code).toBe('sweep.caught-up');
  return lines.slice(0, -1).map(({ fields }) => fields);
}

describe('the hourly sweep', () => {
  test('finds nothing where nothing waits', async () => {
    expect(await said(begin())).toEqual([]);
  });

  test('tells of holdings past their deadline, and of those that are close to it, for each lane', async () => {
    const w = begin();
    await w.registry.putChunks([
      chunk(NOW - 10 * MINUTE, { id: 'late'.padEnd(22, '_'), deadline: NOW - 90_000 }),
      chunk(NOW - 10 * MINUTE, { id: 'soon'.padEnd(22, '_'), deadline: NOW + 11 * HOUR }),
      chunk(NOW - 10 * MINUTE, { id: 'then'.padEnd(22, '_'), deadline: NOW + 13 * HOUR }),
    ]);
    expect(await said(w)).toEqual([
      { code: 'overdue', store: STORE, count: 2, seconds: 90 },
      { code: 'deadline-at-risk', store: STORE, count: 2 },
    ]);
  });

  test.for([
    ['a stop', { waits: [{ code: 'RULE_STOPPED', count: 2, rule: 'k' }] }],
    ['a dry run', { waits: [{ code: 'DRY_RUN', count: 2 }] }],
    ['quiet hours', { waits: [{ code: 'QUIET_HOURS', count: 2 }] }],
    ['a back-off', { failures: 9 }],
  ] as const)('tells every hour of what is late, however long it waits for %s', async ([, why]) => {
    const w = begin();
    const waits = { ...why, notBefore: NOW + 5 * HOUR };
    await w.registry.putChunks([
      chunk(NOW - 3 * HOUR, { ...waits, id: 'late'.padEnd(22, '_'), deadline: NOW - 90_000 }),
      chunk(NOW - 3 * HOUR, { ...waits, id: 'soon'.padEnd(22, '_'), deadline: NOW + 3 * HOUR }),
    ]);
    expect(await said(w)).toEqual([
      { code: 'overdue', store: STORE, count: 2, seconds: 90 },
      { code: 'deadline-at-risk', store: STORE, count: 2 },
    ]);
    expect(w.bells).toEqual([]);
  });

  test('tells of records that a vendor has not confirmed in time, and not of those that it still may', async () => {
    const w = begin();
    const waits = (code: 'VENDOR_OVERDUE' | 'VENDOR_PENDING', count: number) => [{ code, count }];
    const later = { notBefore: NOW + 5 * HOUR };
    await w.registry.putChunks([
      chunk(NOW - 3 * HOUR, { ...later, id: 'late'.padEnd(22, '_'), waits: waits('VENDOR_OVERDUE', 2) }),
      chunk(NOW - 3 * HOUR, { ...later, id: 'asked'.padEnd(22, '_'), waits: waits('VENDOR_PENDING', 2) }),
    ]);
    expect(await said(w)).toEqual([{ code: 'vendor-overdue', store: STORE, count: 2 }]);
  });

  test('tells of a lane whose chunks wait for a worker for more than an hour', async () => {
    const w = begin();
    await w.registry.putChunks([chunk(NOW - HOUR - 1000)]);
    expect(await said(w)).toEqual([{ code: 'lane-stalled', store: STORE, count: 1, seconds: 3601 }]);
  });

  test('does not call a lane stalled that is worked on, backs off, waits for less, or is paused', async () => {
    const old = NOW - 3 * HOUR;
    for (const waits of [
      chunk(NOW - HOUR),
      chunk(old, { notBefore: NOW - 45 * MINUTE }),
      chunk(old, { notBefore: NOW + 2 * HOUR }),
    ]) {
      const w = begin();
      await w.registry.putChunks([waits]);
      expect(await said(w)).toEqual([]);
    }

    const working = begin();
    await working.registry.putChunks([chunk(old)]);
    const { lane, producer, minute, id, refs } = chunk(old);
    await working.registry.putWork({
      lane,
      chunk: { lane, producer, minute, id },
      token: '2026-03-01T10.t',
      begunAt: NOW,
      until: NOW + 10 * MINUTE,
      refs,
      actedOn: [],
    });
    expect(await said(working)).toEqual([]);

    const paused = begin();
    await paused.registry.putChunks([chunk(old, { deadline: NOW - 1000 })]);
    const scope = { store: STORE } as const;
    await paused.registry.placeWideHold({ id: 'p', kind: 'pause', scope, state: 'placed', at: NOW });
    expect(await said(paused)).toEqual([{ code: 'overdue', store: STORE, count: 2, seconds: 1 }]);
  });

  test('tells of quarantine after a day, and of results without a place in the log after three hours', async () => {
    const w = begin();
    await w.registry.putQuarantined(quarantined('young', NOW - DAY));
    await w.registry.putToBeSealed({ token: 'young', putAt: NOW - 3 * HOUR, until: NOW });
    expect(await said(w)).toEqual([]);
    await w.registry.putQuarantined(quarantined('old', NOW - DAY - 1000));
    await w.registry.putToBeSealed({ token: 'old', putAt: NOW - 4 * HOUR, until: NOW });
    expect(await said(w)).toEqual([
      { code: 'quarantine-waiting', count: 2, seconds: 86_401 },
      { code: 'seal-lag', count: 1, seconds: 4 * 3600 },
    ]);
  });

  test('tells of entries with a place in the log that have no signature after three hours', async () => {
    const w = begin();
    const log = { ...w.core, bucket: w.bucket, signer: w.signer };
    const dispose = async (token: string): Promise<void> => {
      await w.registry.putToBeSealed({ token, putAt: w.clock.now(), until: w.clock.now() });
      const entries = [anEntry(token, { store: STORE, rule: '1 year after a', outcome: 'deleted' })];
      await w.registry.putResult({ token, store: STORE, entries, lines: [] });
    };
    await dispose('2026-03-01T10.1');
    await writeLog(log);
    w.clock.advance(3 * HOUR);
    await dispose('2026-03-01T13.1');
    const sign = () => Promise.reject(new Error('the key is disabled'));
    await expect(writeLog({ ...log, signer: { ...w.signer, sign } })).rejects.toThrow('disabled');
    expect(w.registry.allToBeSealed()).toEqual([]);
    expect(await said(w)).toEqual([]);
    w.clock.advance(1000);
    expect(await said(w)).toEqual([{ code: 'seal-lag', count: 1, seconds: 3 * 3600 + 1 }]);
    await writeLog(log);
    expect(await said(w)).toEqual([]);
  });

  test('tells that nothing comes through to ingest, by the heartbeat before its own', async () => {
    const w = begin();
    await w.registry.putHeartbeat(NOW - 2 * HOUR);
    expect(await said(w)).toEqual([]);
    const silent = begin();
    await silent.registry.putHeartbeat(NOW - 2 * HOUR - 1000);
    expect(await said(silent)).toEqual([{ code: 'ingest-stalled', count: 1, seconds: 7201 }]);
  });
});
