import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { auditLog } from '../../../cli/log-commands/audit-log.ts';
import { readReceipt } from '../../../shared/domain/log/read-receipt.ts';
import { vkeyOf } from '../../../shared/domain/log/note.ts';
import { verifyReceipt } from '../../../shared/domain/log/receipt.ts';
import { hashesIn, tilePath, tilesWith } from '../../../shared/domain/log/tiles.ts';
import {
  consistencyRanges,
  inclusionRanges,
  isConsistent,
  leafHash,
  nodesOf,
  rangeHash,
  rootOfInclusion,
  rootOfSize,
  same,
} from '../../../shared/domain/log/tree.ts';
import { faultOf } from '../../support/log/audited.ts';
import { droppedLog, entriesWithDrop, withoutDropped } from '../../support/log/dropped-log.ts';
import { type LogFiles, logFiles, treeFiles, writeLog } from '../../support/log/generated-log.ts';
import { memorySource } from '../../support/log/memory-source.ts';
import { leavesOf, mth, path as pathOf, proof as proofOf } from '../../support/log/naive-tree.ts';
import { signedCheckpoint, testKey } from '../../support/log/note-keys.ts';
import { tenure } from '../../support/run-tenure.ts';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const keys = [testKey().key];
const WIDTH = 256;

const checkpointOf = (files: LogFiles): string => Buffer.from(files.get('checkpoint') ?? []).toString('utf8');

/** The hash of a node, from the tiles that are there: the whole one where the partial one is missing. */
function hashOfLeft(files: LogFiles, size: number) {
  return hashesIn(
    {
      get: (path: string) => files.get(path) ?? files.get(path.replace(/\.p\/\d+$/, '')),
    } as ReadonlyMap<string, Uint8Array>,
    size,
  );
}

describe('the tiles that are left when entries were dropped', () => {
  it('give every inclusion proof from the minimum index on, and every consistency proof between trees that have it', () => {
    const sizes = fc.integer({ min: WIDTH, max: 1600 }).chain((size) =>
      fc.record({
        size: fc.constant(size),
        before: fc.integer({ min: 1, max: Math.floor(size / WIDTH) }).map((bundles) => bundles * WIDTH),
        places: fc.array(fc.nat(), { minLength: 1, maxLength: 8 }),
      }),
    );
    fc.assert(
      fc.property(sizes, ({ size, before, places }) => {
        const leaves = leavesOf(size);
        const root = mth(leaves);
        const left = withoutDropped(
          treeFiles(leaves).set('entries/00000000000000000000', Buffer.alloc(0)),
          before,
        );
        const hashOf = hashOfLeft(left, size);
        expect(same(rootOfSize(size, hashOf), root)).toBe(true);
        for (const place of places) {
          const between = before + (place % (size - before + 1));
          if (between < size) {
            const proof = inclusionRanges(between, size).map((range) => rangeHash(range, hashOf));
            const leaf = { index: between, hash: leafHash(leaves[between] ?? Buffer.alloc(0)) };
            expect(same(rootOfInclusion(leaf, size, proof) ?? Buffer.alloc(0), root)).toBe(true);
            expect(proof.map((hash) => Buffer.from(hash))).toEqual(pathOf(between, leaves));
          }
          const first = { size: between, root: rootOfSize(between, hashOf) };
          const proof = consistencyRanges(between, size).map((range) => rangeHash(range, hashOf));
          expect(same(first.root, mth(leaves.slice(0, between)))).toBe(true);
          expect(isConsistent(first, { size, root }, proof)).toBe(true);
          expect(proof.map((hash) => Buffer.from(hash))).toEqual(
            between === size ? [] : proofOf(between, leaves),
          );
        }
      }),
      { numRuns: 25 },
    );
  });

  it('are needed, all of them: without one more tile of level 0, a proof cannot be made', () => {
    const [size, before] = [1400, 512];
    for (let tile = before / WIDTH; tile <= Math.floor(size / WIDTH); tile += 1) {
      const index = tile * WIDTH;
      const needed = tilesWith(inclusionRanges(index, size).flatMap(nodesOf), size).map(tilePath);
      expect(needed.some((path) => path.startsWith(`tile/0/00${tile}`))).toBe(true);
    }
  });

  it('reach over whole tiles of level 1', async () => {
    const leaves = leavesOf(66_000);
    const size = leaves.length;
    for (const before of [65_536, 65_792]) {
      const left = withoutDropped(
        treeFiles(leaves).set('entries/00000000000000000000', Buffer.alloc(0)),
        before,
      );
      const hashOf = hashOfLeft(left, size);
      const root = rootOfSize(size, hashOf);
      for (const index of [before, 65_999]) {
        const proof = inclusionRanges(index, size).map((range) => rangeHash(range, hashOf));
        const leaf = { index, hash: leafHash(leaves[index] ?? Buffer.alloc(0)) };
        expect(same(rootOfInclusion(leaf, size, proof) ?? Buffer.alloc(0), root)).toBe(true);
      }
    }
  });
});

describe('the audit of a log that dropped entries', () => {
  it('finds nothing wrong in what is left, and says from where on', async () => {
    for (const [size, before, batch] of [
      [513, 512, 100],
      [600, 512, 100],
      [768, 256, 256],
      [1025, 1024, 7],
      [700, 256, 700],
    ] as const) {
      const files = droppedLog(size, before, batch);
      expect([size, await auditLog(memorySource(files), { keys })]).toMatchObject([
        size,
        { ok: true, dropped: before, without: [], checkpoint: { size } },
      ]);
    }
  });

  it('asks for no minimum index while the first entry is there: a server may answer 403 for what it does not have', async () => {
    const source = memorySource(logFiles(entriesWithDrop(600, 512)));
    const strict = async (path: string) => {
      const bytes = await source.read(path);
      if (bytes === undefined) throw new Error(`403 for ${path}`);
      return bytes;
    };
    expect(await auditLog({ ...source, read: strict }, { keys })).toMatchObject({ ok: true, dropped: 0 });
  });

  it('is that of all entries where a copy still has them', async () => {
    const files = logFiles(entriesWithDrop(600, 512));
    files.set('minimum-index', Buffer.from('512\n'));
    expect(await auditLog(memorySource(files), { keys })).toMatchObject({ ok: true, dropped: 0 });
  });

  it('names what is missing at the minimum index or above it', async () => {
    const right = droppedLog(1100, 512, 100);
    for (const path of [
      'tile/entries/002',
      'tile/0/003',
      'tile/entries/004.p/76',
      'tile/1/000.p/4',
      'checkpoint',
    ]) {
      const files = new Map(right);
      files.delete(path);
      const where = path === 'checkpoint' ? ': check `--log`' : '';
      expect(await faultOf(files)).toBe(`${path} is missing${where}.`);
    }
    const files = new Map(right);
    files.delete('entries/00000000000000000700');
    expect(await faultOf(files)).toMatch(/^entries\/00000000000000000700 is missing/);
  });

  it('believes no minimum index that the signed log does not tell of', async () => {
    const entries = entriesWithDrop(1100, 512);
    const more = withoutDropped(logFiles(entries), 768);
    expect(await faultOf(more)).toBe(
      'minimum-index says that entries before 768 were dropped, and the log itself says so only of 512 entries.',
    );
    for (const [text, problem] of [
      ['511\n', 'is not the number'],
      ['512', 'is not the number'],
      ['', 'is not the number'],
      ['1280\n', 'says that entries before 1280 were dropped, and the log has only 1100.'],
    ] as const) {
      const files = droppedLog(1100, 512).set('minimum-index', Buffer.from(text));
      expect(await faultOf(files)).toMatch(`minimum-index ${problem}`);
    }
    const none = droppedLog(1100, 512);
    none.delete('minimum-index');
    expect(await faultOf(none)).toBe('tile/entries/000 is missing.');
  });

  it('finds a changed byte in every file that it reads', async () => {
    const files = droppedLog(800, 512, 128);
    const source = memorySource(files);
    expect(await auditLog(source, { keys })).toMatchObject({ ok: true });
    expect(source.names).toContain('minimum-index');
    const undetected: string[] = [];
    const misnamed: string[] = [];
    for (const name of source.names) {
      const bytes = Buffer.from(files.get(name) ?? []);
      const changed = new Map([...files, [name, bytes]]);
      for (let at = 0; at < bytes.length; at += 1 + Math.floor(bytes.length / 40)) {
        const before = bytes[at] ?? 0;
        bytes[at] = before ^ (1 << (at % 8));
        const result = await auditLog(memorySource(changed), { keys });
        bytes[at] = before;
        if (result.ok) undetected.push(`${name} ${at}`);
        else if (result.fault.file !== name) misnamed.push(`${name} ${at} ${result.fault.file}`);
      }
    }
    expect(undetected).toEqual([]);
    expect(misnamed).toEqual([]);
  });

  it('compares a checkpoint that was kept with what is left, and says when it is too old for that', async () => {
    const entries = entriesWithDrop(1100, 512);
    const left = withoutDropped(logFiles(entries), 512);
    const kept = (size: number) => checkpointOf(logFiles(entries.slice(0, size)));
    for (const size of [256, 512, 700, 1100])
      expect([size, await faultOf(left, kept(size))]).toEqual([size, 'right']);
    const foreign = signedCheckpoint({ size: 256, root: mth(leavesOf(256)) });
    for (const size of [256, 512, 700]) {
      const other = signedCheckpoint({ size, root: mth(leavesOf(size)) });
      expect(await faultOf(left, other)).toMatch(/^kept the first \d+ entries of the log are not those/);
    }
    expect(foreign).not.toBe(kept(256));
    expect(await faultOf(left, kept(300))).toMatch(
      /^kept is of 300 entries, and those before 512 were dropped/,
    );
  });
});

describe('a dropped entry', () => {
  it('has no receipt any more, and the reader says since when; those of entries that are left are right', async () => {
    const files = droppedLog(1100, 512);
    const read = memorySource(files).read;
    expect(await readReceipt(read, 511)).toEqual({ ok: false, fault: { code: 'dropped', before: 512 } });
    for (const index of [512, 767, 768, 1099]) {
      const found = await readReceipt(read, index);
      expect(found.ok && verifyReceipt(found.receipt, keys)).toMatchObject({ ok: true });
    }
    files.delete('tile/entries/003');
    expect(await readReceipt(read, 800)).toEqual({
      ok: false,
      fault: { code: 'missing', path: 'tile/entries/003' },
    });
  });

  it('is told of by the commands', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tenure-dropped-'));
    try {
      await writeLog(folder, droppedLog(600, 256));
      const audit = await tenure(['log', 'audit', '--log', folder, '--key', vkeyOf(testKey().key)]);
      expect(audit.code).toBe(0);
      expect(audit.out).toContain(
        'Entries before 256 were dropped, as the log says. They were not looked at',
      );
      const receipt = await tenure(['log', 'receipt', '3', '--log', folder]);
      expect(receipt.code).toBe(2);
      expect(receipt.err).toContain('The log keeps entries from 256 on: entry 3 was dropped');
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
