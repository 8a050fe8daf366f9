import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { auditLog } from '../../../cli/log-commands/audit-log.ts';
import { checkpointText } from '../../../shared/domain/log/checkpoint.ts';
import { growingTree } from '../../../shared/domain/log/growing-tree.ts';
import { vkeyOf } from '../../../shared/domain/log/note.ts';
import { leafHash } from '../../../shared/domain/log/tree.ts';
import type { Entry, NoteEntry } from '../../../shared/domain/record/entry.ts';
import { faultOf } from '../../support/log/audited.ts';
import {
  deletionEntry,
  type LogFiles,
  logFiles,
  refOf,
  shortEntry,
  treeFiles,
  withPage,
  writeLog,
} from '../../support/log/generated-log.ts';
import { memorySource } from '../../support/log/memory-source.ts';
import { leavesOf, mth } from '../../support/log/naive-tree.ts';
import { signedBy, signedCheckpoint, testKey } from '../../support/log/note-keys.ts';
import { tenure } from '../../support/run-tenure.ts';

const keys = [testKey().key];
const VKEY = vkeyOf(testKey().key);
const REFS = [refOf('a'), refOf('b')].toSorted();
const entries = (size: number): (Entry | NoteEntry)[] =>
  Array.from({ length: size }, (_none, n) => (n % 3 === 0 ? shortEntry(n) : deletionEntry(n)));

const checkpointOf = (files: LogFiles): string => Buffer.from(files.get('checkpoint') ?? []).toString('utf8');

describe('a growing tree', () => {
  it('has the root of RFC 9162 at every size, over the border of a tile', () => {
    const tree = growingTree();
    expect(Buffer.from(tree.root()).equals(mth([]))).toBe(true);
    const leaves = leavesOf(600);
    for (const [at, leaf] of leaves.entries()) {
      tree.add(leafHash(leaf));
      if (at > 250 && at < 260)
        expect(Buffer.from(tree.root()).equals(mth(leaves.slice(0, at + 1)))).toBe(true);
    }
    expect(Buffer.from(tree.root()).equals(mth(leaves))).toBe(true);
  });
});

describe('the audit of a log', () => {
  it('finds nothing wrong in logs of any size', async () => {
    for (const size of [0, 1, 2, 255, 256, 257, 512, 700])
      expect(await faultOf(logFiles(entries(size)))).toBe('right');
  });

  it('accepts the whole object where the partial one was removed', async () => {
    const files = logFiles(entries(512));
    const older = logFiles(entries(300));
    files.set('checkpoint', older.get('checkpoint') ?? Buffer.alloc(0));
    files.set('tile/1/000.p/1', older.get('tile/1/000.p/1') ?? Buffer.alloc(0));
    expect(await faultOf(files)).toBe('right');
  });

  it('names a file that is missing, too long or too short', async () => {
    const files = logFiles(entries(300), { batch: 150 });
    for (const name of files.keys()) {
      const without = new Map(files);
      without.delete(name);
      expect(await faultOf(without)).toContain(name);
      const bytes = files.get(name) ?? Buffer.alloc(0);
      expect(
        await faultOf(new Map([...files, [name, Buffer.concat([bytes, bytes.subarray(0, 1)])]])),
      ).toContain(name);
      expect(await faultOf(new Map([...files, [name, bytes.subarray(0, -1)]]))).toContain(name);
    }
  });

  it('says of a folder without a checkpoint that it may be another one', async () => {
    expect(await faultOf(new Map())).toBe('checkpoint is missing: check `--log`.');
  });

  it('accepts a kept checkpoint that the log goes on from, and names one that it does not', async () => {
    const now = logFiles(entries(400));
    for (const size of [0, 1, 255, 256, 300, 400])
      expect(await faultOf(now, checkpointOf(logFiles(entries(size))))).toBe('right');
    const rewritten = entries(300).with(10, deletionEntry(999));
    expect(await faultOf(now, checkpointOf(logFiles(rewritten)))).toContain('the log was rewritten');
    expect(await faultOf(now, checkpointOf(logFiles(entries(401))))).toContain('entries were taken away');
    expect(await faultOf(now, signedCheckpoint({ size: 0, root: Buffer.alloc(32) }))).toContain('rewritten');
    expect(await faultOf(now, checkpointOf(now).replace('400', '399'))).toContain('kept has a signature');
  });

  it('finds what a log with a right tree and signature must not have', async () => {
    const first = deletionEntry(1);
    const again = { ...deletionEntry(2), holding: first.holding };
    const early = deletionEntry(3, { acted: '2026-02-28T23:59:59.999Z' });
    const foreign = Object.assign(shortEntry(3), { email: 'x' });
    const cases: readonly (readonly [readonly (Entry | NoteEntry)[], string])[] = [
      [[first, again], 'entry 1 says that a record was deleted that an entry before it'],
      [[first, { ...again, generation: 2 }], 'right'],
      [[first, { ...again, part: 'subject:author' }], 'right'],
      [[first, { ...again, outcome: 'failed' }], 'right'],
      [[first, deletionEntry(2), { ...deletionEntry(4), token: first.token }], 'entry 2 belongs to a result'],
      [[first, first], 'entry 1 is there twice'],
      [[early], 'entry 0 says that a record was disposed of before it was due'],
      [[foreign], 'entry 0 has a form that this version does not know'],
      [[{ ...first, outcome: 'gone' as 'deleted' }], 'entry 0 has a form'],
    ];
    for (const [own, fault] of cases) expect(await faultOf(logFiles(own))).toContain(fault);
    for (const [leaf, fault] of [
      ['{"v":2', 'entry 0 is not JSON'],
      ['{"v":2, "token":"t"}', 'entry 0 is not canonical JSON'],
    ] as const)
      expect(await faultOf(treeFiles([Buffer.from(leaf)]))).toContain(fault);
  });

  it('finds a list that is missing or is not the one of its entry', async () => {
    const paged = [shortEntry(0), withPage(deletionEntry(1), REFS)];
    const files = logFiles(paged, { pages: new Map([[1, REFS]]) });
    expect(await faultOf(files)).toBe('right');
    expect(await faultOf(logFiles(paged))).toContain('has no list of the records of entry 1');
    expect(
      await faultOf(logFiles(paged, { pages: new Map([[1, [refOf('c'), ...REFS].toSorted()]]) })),
    ).toContain('the list has 3 records, and the entry is about 2');
  });

  it('reads every object once, and every list, even if no entry asks for it', async () => {
    const paged = [shortEntry(0), withPage(deletionEntry(1), REFS), withPage(deletionEntry(2), REFS)];
    const pages = new Map([1, 2].map((index) => [index, REFS]));
    const files = logFiles(paged, { pages });
    const source = memorySource(files);
    const read: string[] = [];
    const counting = async (path: string) => {
      read.push(path);
      return source.read(path);
    };
    expect(await auditLog({ ...source, read: counting }, { keys })).toMatchObject({ ok: true });
    expect(read.toSorted()).toEqual([...files.keys()].toSorted());
    for (const name of [`lists/${'9'.repeat(20)}-${'a'.repeat(64)}`, 'lists/stray'])
      expect(await faultOf(new Map([...files, [name, Buffer.from('x')]]))).toContain(name);
  });

  it('is of one log: entries lie in the tree as they lie under entries/', async () => {
    const files = logFiles(entries(10), { batch: 4 });
    const moved = new Map(files);
    moved.set('entries/00000000000000000005', files.get('entries/00000000000000000004') ?? Buffer.alloc(0));
    moved.delete('entries/00000000000000000004');
    expect(await faultOf(moved)).toContain(
      'entries/00000000000000000004 is missing, and entries/00000000000000000005 is there',
    );
    const other = treeFiles(leavesOf(3));
    expect(
      await faultOf(new Map([...files, ['checkpoint', other.get('checkpoint') ?? Buffer.alloc(0)]])),
    ).not.toBe('right');
  });
});

describe('tenure log audit', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tenure-audit-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const audit = (...args: readonly string[]) => tenure(['log', 'audit', '--log', folder, ...args]);

  it('ends with 0, or with 1 and the name of the file', async () => {
    const files = logFiles(entries(300));
    await writeLog(folder, files);
    expect(await audit('--key', VKEY)).toMatchObject({ code: 0, err: '' });
    const name = 'tile/entries/000';
    const bytes = Buffer.from(files.get(name) ?? []);
    bytes[500] = (bytes[500] ?? 0) ^ 1;
    await writeFile(join(folder, name), bytes);
    const { code, out } = await audit('--key', VKEY);
    expect([code, out]).toEqual([
      1,
      expect.stringMatching(/^tile\/entries\/000 the hash of entry \d+ is not the one/),
    ]);
  });

  it('reads keys and the kept checkpoint from files, and answers with JSON', async () => {
    await writeLog(folder, logFiles(entries(5)));
    const [key, kept] = [join(folder, 'keys'), join(folder, 'kept')];
    await writeFile(key, `${vkeyOf(testKey('other', 2).key)}\n${VKEY}\n`);
    await writeFile(kept, checkpointOf(logFiles(entries(3))));
    const { code, out } = await audit('--key', key, '--since', kept, '--json');
    expect([code, JSON.parse(out)]).toMatchObject([0, { ok: true, size: 5, signedBy: [VKEY], without: [] }]);
  });

  it('says what could not be looked at where names cannot be listed', async () => {
    await writeLog(folder, treeFiles(leavesOf(0)));
    expect((await audit('--key', VKEY)).err).toContain('entries/ were not looked at');
  });

  it('is used wrongly without a log or a key', async () => {
    expect((await audit()).code).toBe(2);
    expect((await audit('--key', 'x')).code).toBe(2);
    expect((await tenure(['log', 'audit', '--log', join(folder, 'none'), '--key', VKEY])).code).toBe(2);
  });

  it('refuses a checkpoint of another log or key', async () => {
    await writeLog(folder, logFiles(entries(5)));
    expect(await audit('--key', vkeyOf(testKey('other', 2).key))).toMatchObject({ code: 1 });
    const other = checkpointText({ origin: 'other', size: 5, root: Buffer.alloc(32) });
    await writeFile(join(folder, 'checkpoint'), signedBy(other, testKey()));
    expect((await audit('--key', VKEY)).out).toContain('checkpoint is about another log');
  });
});
