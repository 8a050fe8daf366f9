import { describe, expect, test } from 'vitest';
import { auditLog } from '../../../cli/log-commands/audit-log.ts';
import { batchKey } from '../../../shared/domain/log/batch-key.ts';
import { readReceipt } from '../../../shared/domain/log/read-receipt.ts';
import { MINIMUM_INDEX } from '../../../shared/domain/log/minimum-index.ts';
import { noteKey } from '../../../shared/domain/log/note.ts';
import { verifyReceipt } from '../../../shared/domain/log/receipt.ts';
import { dropOld } from '../../../shared/protocol/log/drop-old.ts';
import { listsObject } from '../../../shared/protocol/log/page-lists.ts';
import { seal } from '../../../shared/protocol/log/seal.ts';
import { writeLog, type WriteLogCore } from '../../../shared/protocol/log/write-log.ts';
import type { Witness } from '../../../shared/ports/log.ts';
import type { LogFiles } from '../../support/log/generated-log.ts';
import { logWorld, type LogWorld } from '../../support/log/log-world.ts';
import { memorySource } from '../../support/log/memory-source.ts';
import { askedDirectly } from '../../support/log/witness-book.ts';
import { bookOf } from '../../support/log/witnessed-world.ts';
import { testSigner } from '../../support/log/test-signer.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const KEEP = 100;
const KEY = noteKey('tenure/deletion-log', await testSigner().publicKey());
const keys = [KEY];

const keeping = (w: LogWorld): WriteLogCore => ({ ...w.core, keep: { days: KEEP, old: w.bucket } });

/** 600 entries on the first day, and 300 a month later, each in batches of 300. */
async function twoAges(lock = 0): Promise<LogWorld> {
  const w = logWorld(1, lock);
  for (const count of [2, 1]) {
    for (let batch = 0; batch < count; batch += 1) {
      await w.result(300);
      await writeLog(w.core);
    }
    w.clock.advance(30 * DAY);
  }
  return w;
}

async function filesOf({ bucket }: Pick<LogWorld, 'bucket'>): Promise<LogFiles> {
  const files: LogFiles = new Map(bucket.allObjects().map(({ key, bytes }) => [key, bytes]));
  files.set('checkpoint', Buffer.from(bucket.allCheckpoints().at(-1) ?? ''));
  const minimum = await bucket.minimumIndex();
  return minimum === undefined ? files : files.set(MINIMUM_INDEX, Buffer.from(minimum.text));
}

async function audited(w: Pick<LogWorld, 'bucket'>): Promise<string> {
  const result = await auditLog(memorySource(await filesOf(w)), { keys });
  return result.ok ? `right from ${result.dropped} on` : `${result.fault.file} ${result.fault.problem}`;
}

/** As the hours pass. */
async function runs(w: LogWorld, core: WriteLogCore, count: number): Promise<void> {
  for (let run = 0; run < count; run += 1) {
    await writeLog(core);
    w.clock.advance(HOUR);
  }
}

const bundlesIn = (w: LogWorld): string[] =>
  w.bucket.allObjects().flatMap(({ key }) => (/^tile\/(entries|0)\/\d+$/.test(key) ? [key] : []));

describe('a log that keeps entries for 100 days', () => {
  test('drops nothing before all of a bundle is a day older than that', async () => {
    const w = await twoAges();
    w.clock.advance(41 * DAY - HOUR);
    await runs(w, keeping(w), 1);
    expect(await w.bucket.minimumIndex()).toBeUndefined();
    expect(await audited(w)).toBe('right from 0 on');
  });

  test('drops whole bundles, with the tiles, the journal and the partial objects about them, and says so first', async () => {
    const w = await twoAges();
    w.clock.advance(41 * DAY);
    await writeLog(keeping(w));
    // Its entry has no place yet.
    expect(await w.bucket.minimumIndex()).toBeUndefined();
    expect(bundlesIn(w)).toContain('tile/entries/000');
    await runs(w, keeping(w), 2);
    expect(await w.bucket.minimumIndex()).toMatchObject({ text: '512\n' });
    expect(await audited(w)).toBe('right from 512 on');
    const paths = w.bucket.allObjects().map(({ key }) => key);
    expect(paths.filter((path) => /^tile\/(entries|0)\/00[01](\.|$)/.test(path))).toEqual([]);
    expect(bundlesIn(w)).toEqual(['tile/0/002', 'tile/entries/002']);
    expect(paths.filter((path) => path.startsWith('entries/'))[0]).toBe('entries/00000000000000000300');
    expect(w.reports.lines).toContainEqual({ code: 'seal.dropped', fields: { count: 512 } });
  });

  test('publishes nothing while the entry about it has no signature', async () => {
    const w = await twoAges();
    w.clock.advance(41 * DAY);
    await writeLog(keeping(w));
    await seal(w.core);
    expect((await w.registry.head()).size).toBe(901);
    await dropOld(keeping(w));
    expect(await w.bucket.minimumIndex()).toBeUndefined();
    expect(bundlesIn(w)).toContain('tile/entries/000');
  });

  test('has receipts of all entries that are left, and goes on growing', async () => {
    const w = await twoAges();
    w.clock.advance(41 * DAY);
    await runs(w, keeping(w), 3);
    await w.result(300);
    await runs(w, keeping(w), 1);
    expect(await audited(w)).toBe('right from 512 on');
    const source = memorySource(await filesOf(w));
    for (const index of [512, 700, 899, 900, 1200]) {
      const read = await readReceipt(source.read, index);
      expect([index, read.ok && verifyReceipt(read.receipt, keys)]).toMatchObject([index, { ok: true }]);
    }
    expect(await readReceipt(source.read, 511)).toMatchObject({ ok: false, fault: { code: 'dropped' } });
  });

  test('looks once a day, and drops again when more has become old', async () => {
    const w = await twoAges();
    w.clock.advance(41 * DAY);
    await runs(w, keeping(w), 10);
    const { size } = await w.registry.head();
    expect(size).toBe(901);
    await w.result(200);
    await writeLog(w.core);
    w.clock.advance(30 * DAY);
    await runs(w, keeping(w), 3);
    expect(await audited(w)).toBe('right from 768 on');
    w.clock.advance(365 * DAY);
    await runs(w, keeping(w), 30);
    expect(await audited(w)).toBe('right from 1024 on');
  });

  test('takes the lists of dropped pages away, and none of the others', async () => {
    const w = await twoAges();
    const lists = [0, 299, 300, 600].map((first) => listsObject(first, []));
    for (const { key, bytes } of lists) await w.bucket.putIfAbsent(key, bytes);
    w.clock.advance(41 * DAY);
    await runs(w, keeping(w), 3);
    const left = w.bucket.allObjects().flatMap(({ key }) => (key.startsWith('lists/') ? [key] : []));
    expect(left).toEqual(lists.slice(2).map(({ key }) => key));
  });

  test('whose objects are locked for longer stays whole, says so, and is published all the same', async () => {
    const w = await twoAges(200 * DAY);
    w.clock.advance(41 * DAY);
    await runs(w, keeping(w), 4);
    expect(w.reports.lines).toContainEqual({ code: 'seal.drop-refused', fields: { count: 512 } });
    expect(bundlesIn(w)).toContain('tile/entries/000');
    expect(await audited(w)).toBe('right from 0 on');
    w.clock.advance(100 * DAY);
    await runs(w, keeping(w), 1);
    expect(await audited(w)).toBe('right from 512 on');
  });

  test('without the setting is never touched', async () => {
    const w = await twoAges();
    w.clock.advance(4000 * DAY);
    await runs(w, w.core, 3);
    expect(await audited(w)).toBe('right from 0 on');
    expect(await w.bucket.minimumIndex()).toBeUndefined();
  });

  test('drops nothing that its index does not have yet, and an index that was lost begins at what is left', async () => {
    const w = await twoAges();
    w.clock.advance(41 * DAY);
    const { version, index } = await w.registry.logIndexed();
    await w.registry.putLogIndexed({ version: version + 1, index, until: 0 });
    await dropOld(keeping(w));
    expect(await w.registry.walk('dropped')).toMatchObject({ done: true, count: 0 });
    w.clock.advance(DAY);
    await runs(w, keeping(w), 30);
    expect(await audited(w)).toBe('right from 512 on');
    const before = await w.registry.logIndexed();
    await w.registry.putLogIndexed({ version: before.version + 1, index: before.index + 1, until: 0 });
    await writeLog(keeping(w));
    const { size } = await w.registry.head();
    expect(await w.registry.logIndexed()).toMatchObject({ until: size });
  });

  test.each(['entries/', 'entries/0', 'entries/00000000000000000300 copy', 'lists/', 'lists/0'])(
    'leaves alone what somebody has put beside its objects as %s, and takes nothing away that begins so',
    async (foreign) => {
      const w = await twoAges();
      const lists = [0, 300, 600].map((first) => listsObject(first, []));
      for (const { key, bytes } of lists) await w.bucket.putIfAbsent(key, bytes);
      await w.bucket.putIfAbsent(foreign, Buffer.from('x'));
      w.clock.advance(41 * DAY);
      await runs(w, keeping(w), 3);
      const left = w.bucket.allObjects().map(({ key }) => key);
      expect(left.filter((key) => /^(entries|lists)/.test(key) && key !== foreign)).toEqual([
        ...[300, 600, 900].map((first) => batchKey('entries', first)),
        ...lists.slice(1).map(({ key }) => key),
      ]);
    },
  );

  test('keeps what is there for longer when more days are configured before it is gone', async () => {
    const w = await twoAges();
    w.clock.advance(41 * DAY);
    await writeLog(keeping(w));
    const longer: WriteLogCore = { ...w.core, keep: { days: KEEP + 20, old: w.bucket } };
    await runs(w, longer, 48);
    expect(await w.bucket.minimumIndex()).toMatchObject({ text: '512\n' });
    expect(await audited(w)).toBe('right from 0 on');
    w.clock.advance(18 * DAY);
    await runs(w, longer, 1);
    expect(await audited(w)).toBe('right from 512 on');
    expect(w.bucket.allObjects().map(({ key }) => key)).not.toContain(batchKey('entries', 0));
  });

  test('cannot prove to a witness that it goes on from entries that are gone; one in its place can cosign', async () => {
    const w = logWorld();
    const [first, second] = [1, 2].map((n) => askedDirectly(bookOf(n)));
    const witnessed = (one: Witness = expect.fail()): WriteLogCore => ({
      ...keeping(w),
      witnesses: { all: [one], needed: 1, ifMissing: 'wait' },
    });
    await w.result(300);
    await writeLog(witnessed(first));
    await w.result(600);
    await writeLog(w.core);
    w.clock.advance(101 * DAY);
    await runs(w, keeping(w), 3);
    await w.result(5);
    await writeLog(witnessed(first));
    expect(w.reports.lines).toContainEqual({
      code: 'seal.witness-missing',
      fields: { witness: 'w1', code: 'WITNESS_UNPROVEN' },
    });
    await writeLog(witnessed(second));
    expect(w.bucket.allCheckpoints().at(-1)).toContain('witness.example/w2');
  });

  test('stops when the registry knows less than was dropped: places would be given twice', async () => {
    const w = await twoAges();
    w.clock.advance(41 * DAY);
    await runs(w, keeping(w), 3);
    const older = logWorld();
    await older.result(3);
    const core = { ...older.core, bucket: w.bucket, keep: { days: KEEP, old: w.bucket } };
    await expect(writeLog(core)).rejects.toMatchObject({ code: 'LOG_FORKED' });
    expect((await older.registry.head()).size).toBe(0);
    expect(await audited(w)).toBe('right from 512 on');
  });
});

class Killed extends Error {}

/** Dies at this call, before or after it has had its effect: nothing of the run happens any more. */
function dyingAt(core: WriteLogCore, number: number, when: 'before' | 'after') {
  let calls = 0;
  let dead = false;
  const dying = <Port extends object>(port: Port): Port =>
    new Proxy(port, {
      get(target, name, receiver) {
        const method: unknown = Reflect.get(target, name, receiver);
        if (typeof method !== 'function') return method;
        return async (...args: unknown[]): Promise<unknown> => {
          if (dead) throw new Killed();
          calls += 1;
          if (calls !== number) return Reflect.apply(method, target, args);
          dead = true;
          if (when === 'after') await Reflect.apply(method, target, args);
          throw new Killed();
        };
      },
    });
  const { keep, registry, bucket } = core;
  const mortal: WriteLogCore = {
    ...core,
    registry: dying(registry),
    bucket: dying(bucket),
    ...(keep !== undefined && { keep: { ...keep, old: dying(keep.old) } }),
  };
  return { core: mortal, died: () => dead };
}

describe('a run that dies while it drops entries', () => {
  test.each(['before', 'after'] as const)(
    '%s any of its calls leaves a log that is right, and the next runs finish it',
    async (when) => {
      let points = 0;
      for (let run = 0; run < 3; run += 1)
        for (let number = 1; ; number += 1) {
          const w = await twoAges();
          w.clock.advance(41 * DAY);
          await runs(w, keeping(w), run);
          const { core, died } = dyingAt(keeping(w), number, when);
          await writeLog(core).catch(() => undefined);
          if (!died()) break;
          points += 1;
          expect([run, number, await audited(w)]).toEqual([run, number, expect.stringMatching(/^right/)]);
          w.clock.advance(2 * HOUR);
          await runs(w, keeping(w), 4);
          expect([run, number, await audited(w)]).toEqual([run, number, 'right from 512 on']);
          expect(bundlesIn(w)).toEqual(['tile/0/002', 'tile/entries/002']);
        }
      expect(points).toBeGreaterThan(40);
    },
    120_000,
  );

  test('two at once drop what one of them would', async () => {
    const w = await twoAges();
    w.clock.advance(41 * DAY);
    for (let run = 0; run < 4; run += 1) {
      await Promise.allSettled([writeLog(keeping(w)), writeLog(keeping(w))]);
      expect(await audited(w)).toMatch(/^right/);
      w.clock.advance(HOUR);
    }
    expect(await audited(w)).toBe('right from 512 on');
    expect((await w.registry.head()).size).toBe(901);
  });
});
