import { describe, expect, test } from 'vitest';
import { PARTS_AT_ONCE } from '../../../shared/domain/export/export-part.ts';
import type { RequestRef } from '../../../shared/domain/record/ids.ts';
import { advanceExport } from '../../../shared/protocol/export/advance-export.ts';
import { readPart } from '../../../shared/protocol/export/read-part.ts';
import { type ExportWorld, exportWorld, person, ROWS, SCANS } from '../../support/export/export-world.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const never = (): boolean => false;

const texts = async (w: ExportWorld, ref: RequestRef) =>
  (await w.archive(ref)).records.map(({ data }) => String(data?.['text'])).toSorted();
const reasons = async (w: ExportWorld, ref: RequestRef) =>
  (await w.archive(ref)).manifest.leftOut.map(({ reason, records }) => `${records} ${reason}`);
const stepOf = async (w: ExportWorld, ref: RequestRef) => (await w.request(ref)).export?.step;

/** Delivers what is there now, but nothing to the lanes. */
async function listed(w: ExportWorld): Promise<RequestRef> {
  const ref = await w.asks();
  await advanceExport(w.core, { kind: 'export', request: ref }, () => true);
  expect(await stepOf(w, ref)).toBe('reading');
  return ref;
}

describe('while an export is made', () => {
  test('what is deleted, withdrawn or ends is left out as gone; a later erasure does not touch the archive', async () => {
    const w = exportWorld();
    for (const id of ['stays', 'deleted', 'withdrawn', 'disposed']) await w.seed(id);
    const ref = await listed(w);
    w.store(ROWS).remove(['deleted']);
    for (const state of ['withdrawn', 'disposed'] as const) {
      const before = (await w.registry.holdings([w.ref(ROWS, state)])).get(w.ref(ROWS, state));
      if (before === undefined) throw new Error('it was registered');
      await w.registry.writeHoldings([{ before, after: { ...before, version: before.version + 1, state } }]);
    }
    await w.pass(2 * MINUTE);
    expect(await texts(w, ref)).toEqual(['text of stays']);
    expect(await reasons(w, ref)).toEqual(['3 gone']);
    w.store(ROWS).remove(['stays']);
    await w.pass(2 * HOUR);
    expect(await texts(w, ref)).toEqual(['text of stays']);
  });

  test('holds and pauses stop nothing: they are about disposing of records', async () => {
    const w = exportWorld();
    await w.seed('n-1');
    const ref = await listed(w);
    for (const kind of ['hold', 'pause'] as const)
      await w.registry.placeWideHold({
        id: kind,
        kind,
        scope: { everything: true },
        state: 'placed',
        at: w.clock.now(),
      });
    await w.pass(2 * MINUTE);
    expect(await texts(w, ref)).toEqual(['text of n-1']);
  });

  test('a request that is cancelled goes no further, in whatever step it is', async () => {
    for (const minutes of [0, 1]) {
      const w = exportWorld();
      await w.seed('n-1');
      w.store(ROWS).fail({ call: 'read', code: 'STORE_UNREACHABLE' });
      const ref = minutes === 0 ? await listed(w) : await w.asks();
      await w.pass(minutes * MINUTE);
      await w.cancels(ref);
      w.store(ROWS).repair();
      const { reads } = { reads: w.store(ROWS).calls.read };
      await w.pass(3 * HOUR);
      expect(await w.request(ref)).toMatchObject({ state: 'cancelled', export: { step: 'reading' } });
      expect(w.store(ROWS).calls.read).toBe(reads);
      expect(w.exports.allObjects()).toEqual([]);
      const waiting = w.deployment.allQueues.flatMap((queue) => queue.messages());
      expect(waiting.filter(({ body }) => body.includes('export'))).toEqual([]);
    }
  });

  test('a request that is cancelled before its archive is closed stays cancelled, and has none', async () => {
    const w = exportWorld();
    await w.seed('n-1');
    const ref = await w.asks();
    w.onNext('sweep', ({ make }) => make());
    w.onNext('sweep', async ({ name, make }) => {
      if (name === 'registry.putActions') await w.cancels(ref);
      return make();
    });
    await w.pass(2 * HOUR);
    const request = await w.request(ref);
    expect(request.state).toBe('cancelled');
    expect(request.export?.archive).toBeUndefined();
  });

  test('two exports do not disturb each other, of one person or of two', async () => {
    const w = exportWorld({ pageSize: 5 });
    for (let n = 0; n < 12; n += 1) {
      await w.seed(`a-${n}`);
      await w.seed(`b-${n}`, { about: [person('you')] });
    }
    const mine = await w.asks();
    const again = await w.asks({ ref: 'request-of-the-test-02' as RequestRef });
    const yours = await w.asks({ ref: 'request-of-the-test-03' as RequestRef, entity: person('you').ref });
    await w.pass(3 * MINUTE);
    const of = (name: string): string[] =>
      Array.from({ length: 12 }, (_, n) => `text of ${name}-${n}`).toSorted();
    expect([await texts(w, mine), await texts(w, again), await texts(w, yours)]).toEqual([
      of('a'),
      of('a'),
      of('b'),
    ]);
    expect(w.errors).toEqual([]);
  });
});

describe('a store that does not answer', () => {
  test('is asked again every quarter of an hour for a few parts, and no oftener however many there are', async () => {
    const w = exportWorld();
    for (let n = 0; n < 2500; n += 1) await w.seed(`n-${n}`);
    await w.seed('s-1', { store: SCANS });
    w.store(ROWS).fail({ call: 'read', code: 'STORE_THROTTLED' });
    const ref = await w.asks();
    await w.pass(HOUR);
    const bells = (): number => w.runs.filter(({ body }) => body.includes('"kind":"export","lane"')).length;
    // Once at the beginning and at most every quarter of an hour, and one for the other store.
    expect(bells()).toBeLessThanOrEqual(5 * PARTS_AT_ONCE + 1);
    const before = bells();
    await w.pass(24 * HOUR);
    expect(bells() - before).toBeGreaterThan(24 * PARTS_AT_ONCE);
    expect(bells() - before).toBeLessThanOrEqual(24 * 4 * PARTS_AT_ONCE);
    expect(await w.request(ref)).toMatchObject({ state: 'running', export: { step: 'reading' } });
    expect(w.lines).toContainEqual({
      code: 'export.unread',
      fields: { store: ROWS, code: 'STORE_THROTTLED', count: 100 },
    });
    w.store(ROWS).repair();
    await w.pass(2 * HOUR);
    expect((await w.archive(ref)).told).toMatchObject({ records: 2501, leftOut: 0 });
  });

  test('is asked again also while another one goes on', async () => {
    const w = exportWorld();
    for (let n = 0; n < 3000; n += 1) await w.seed(`n-${n}`);
    await w.seed('s-1', { store: SCANS });
    // A lane that is busy: each bell waits for ten minutes.
    const ring = w.core.queues.ring.bind(w.core.queues);
    w.core.queues.ring = (bells) =>
      ring(bells.map(({ bell }) => ({ bell, delaySeconds: bell.lane === ROWS ? 600 : 0 })));
    const ref = await listed(w);
    const queue = w.deployment.queue(`lane-${SCANS}`);
    for (const message of queue.messages()) queue.delete(message);
    w.sends(ref);
    await w.pass(14 * MINUTE);
    expect(w.store(SCANS).calls.read).toBe(0);
    await w.pass(6 * MINUTE);
    expect(await stepOf(w, ref)).toBe('reading');
    expect(w.store(SCANS).calls.read).toBe(1);
    await w.pass(3 * HOUR);
    expect((await w.archive(ref)).told.records).toBe(3001);
  });

  test('keeps what was read before, and is late in the end', async () => {
    const w = exportWorld();
    for (let n = 0; n < 30; n += 1) await w.seed(`n-${n}`);
    w.store(ROWS).fail({ call: 'read', code: 'STORE_DENIED', locator: ['n-7'] });
    const ref = await w.asks({ deadline: w.clock.now() + 3 * HOUR });
    await w.pass(4 * HOUR);
    const [part] = w.registry.allExportParts();
    // The one that fails holds back no other one.
    expect(part).toMatchObject({ done: 29, refs: { 29: w.ref(ROWS, 'n-7') } });
    const reads = w.store(ROWS).calls.read;
    await w.pass(HOUR);
    // One batch at a time, the one that fails: nothing is read twice that is on record.
    expect(w.store(ROWS).calls.read - reads).toBeLessThanOrEqual(4);
    expect(w.lines.map(({ fields }) => fields.code)).toContain('request-late');
    w.store(ROWS).repair();
    await w.pass(HOUR);
    expect(await texts(w, ref)).toHaveLength(30);
  });

  test('is not taken for one that has no such record: keys that do not open are tried again', async () => {
    const w = exportWorld();
    await w.seed('n-1');
    const ref = await w.asks();
    w.onNext('dispose', async ({ name, make }) => {
      if (name === 'keys.decrypt') throw Object.assign(new Error('no answer'), { code: 'KMS_UNREACHABLE' });
      return make();
    });
    await w.pass(5 * MINUTE);
    expect(await stepOf(w, ref)).toBe('reading');
    await w.pass(HOUR);
    expect(await texts(w, ref)).toEqual(['text of n-1']);
  });
});

describe('a run whose time is over', () => {
  test('of the sweep hands the list over after whatever page, and no record is missing or there twice', async () => {
    const w = exportWorld({ pageSize: 3 });
    for (let n = 0; n < 250; n += 1) await w.seed(`n-${n}`);
    const ref = await w.asks();
    for (const message of w.deployment.queue('sweep').messages()) w.deployment.queue('sweep').delete(message);
    for (let runs = 1; (await stepOf(w, ref)) !== 'reading'; runs += 1) {
      expect(runs).toBeLessThan(40);
      let asked = 0;
      await advanceExport(w.core, { kind: 'export', request: ref }, () => (asked += 1) <= 5);
    }
    expect(w.registry.allExportParts().every(({ refs }) => refs.length <= 100)).toBe(true);
    await w.pass(2 * MINUTE);
    expect(new Set(await texts(w, ref)).size).toBe(250);
    expect(await texts(w, ref)).toHaveLength(250);
  });

  test('of a lane saves what it has read and asks itself to go on', async () => {
    const w = exportWorld();
    for (let n = 0; n < 95; n += 1) await w.seed(`n-${n}`);
    const ref = await listed(w);
    const lane = { ...w.core, lane: ROWS, store: w.store(ROWS) };
    const bell = { kind: 'export', lane: ROWS, request: ref, part: 1 } as const;
    await readPart(lane, bell, never);
    expect(w.store(ROWS).calls.read).toBe(0);
    for (let runs = 1; runs <= 5; runs += 1) {
      let asked = 0;
      await readPart(lane, bell, () => (asked += 1) <= 2);
      expect(w.registry.allExportParts()[0]?.done).toBe(Math.min(95, runs * 20));
    }
    expect(w.store(ROWS).calls.read).toBe(10);
    const files = w.registry.allExportParts()[0]?.files ?? [];
    expect(new Set(files.map(({ path }) => path)).size).toBe(5);
    await w.pass(2 * MINUTE);
    expect(await texts(w, ref)).toHaveLength(95);
    expect(w.store(ROWS).calls.read).toBe(10);
  });

  test('of a lane whose store is slow saves every half minute', async () => {
    const w = exportWorld({
      answered: (name) => {
        if (name === 'store.read') w.clock.advance(20_000);
      },
    });
    for (let n = 0; n < 60; n += 1) await w.seed(`n-${n}`);
    const ref = await listed(w);
    const saved: number[] = [];
    w.onNext('dispose', async ({ name, args, make }) => {
      if (name === 'registry.putExportPart') saved.push((args[0] as { readonly done: number }).done);
      return make();
    });
    await w.pass(10 * MINUTE);
    expect(saved).toEqual([20, 40, 60]);
    expect(await texts(w, ref)).toHaveLength(60);
  });
});

describe('what was made before', () => {
  test('is made again, under a new id, when its pieces have gone', async () => {
    const w = exportWorld();
    await w.seed('n-1');
    const ref = await listed(w);
    const { id } = (await w.request(ref)).export ?? {};
    await readPart(
      { ...w.core, lane: ROWS, store: w.store(ROWS) },
      { kind: 'export', lane: ROWS, request: ref, part: 1 },
    );
    for (const { key } of w.exports.allObjects()) w.exports.remove(key);
    await w.pass(5 * MINUTE);
    const state = (await w.request(ref)).export;
    expect(state?.step).toBe('ready');
    expect(state?.id).not.toBe(id);
    expect(await texts(w, ref)).toEqual(['text of n-1']);
  });
});

describe('a registry with a damaged item', () => {
  /** The registry cannot read the record `bad` as long as `is.damaged`. */
  function damaged(store: string | undefined) {
    const is = { damaged: true };
    const w = exportWorld();
    const readHoldings = w.core.registry.readHoldings.bind(w.core.registry);
    w.core.registry.readHoldings = async (refs) => {
      const read = await readHoldings(refs);
      const bad = w.ref(ROWS, 'bad');
      if (!is.damaged || !refs.includes(bad)) return read;
      const holdings = new Map([...read.holdings].filter(([ref]) => ref !== bad));
      return {
        holdings,
        damaged: [{ ref: bad, code: 'ITEM_INVALID', ...(store !== undefined && { store }) }],
      };
    };
    return { w, is };
  }

  test('leaves the record out as broken if its store can be told', async () => {
    const { w } = damaged(ROWS);
    await w.seed('good');
    await w.seed('bad');
    const ref = await w.asks();
    await w.pass(2 * MINUTE);
    expect([await texts(w, ref), await reasons(w, ref)]).toEqual([['text of good'], ['1 broken']]);
    expect(w.registry.allSetAside()).toMatchObject([{ store: ROWS, code: 'ITEM_INVALID' }]);
  });

  test('waits until the record can be read if not even its store can be told', async () => {
    const { w, is } = damaged(undefined);
    await w.seed('good');
    await w.seed('bad');
    const ref = await w.asks();
    await w.pass(2 * HOUR);
    expect(await stepOf(w, ref)).toBe('listing');
    expect(w.lines).toContainEqual({ code: 'export.unread', fields: { code: 'ITEM_INVALID', count: 1 } });
    is.damaged = false;
    await w.pass(2 * HOUR);
    expect(await texts(w, ref)).toEqual(['text of bad', 'text of good']);
  });
});
