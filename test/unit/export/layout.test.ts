import fc from 'fast-check';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { ArchiveContents } from '../../../shared/domain/export/archive-file.ts';
import { layoutOf } from '../../../shared/domain/export/layout.ts';
import { writeManifest } from '../../../shared/domain/export/manifest.ts';
import { sizeInHeader, tarHeader } from '../../../shared/domain/export/tar.ts';
import { at } from '../../support/samples.ts';
import { aPiece, contentsOf, patterned, type Piece, written } from '../../support/export/archive-samples.ts';

const run = promisify(execFile);

/** What the tar program finds in an archive: its list, with sizes and times, and the content of every file. */
async function opened(archive: Uint8Array) {
  const folder = await mkdtemp(join(tmpdir(), 'tenure-archive-'));
  try {
    const file = join(folder, 'export.tar');
    await writeFile(file, archive);
    const env = { ...process.env, TZ: 'UTC', LC_ALL: 'C' };
    const { stdout, stderr } = await run('tar', ['-tvf', file], { env });
    expect(stderr).toBe('');
    const names = (await run('tar', ['-tf', file], { env })).stdout.split('\n').filter(Boolean);
    const untarred = await run('tar', ['-xf', file, '-C', folder], { env });
    expect(untarred.stderr).toBe('');
    const files = new Map<string, Buffer>();
    for (const name of names) files.set(name, await readFile(join(folder, name)));
    return { list: stdout, files };
  } finally {
    await rm(folder, { recursive: true });
  }
}

const archiveOf = (contents: ArchiveContents, pieces: readonly Piece[]): Buffer =>
  written(layoutOf(contents).segments(), pieces);

describe('an archive', () => {
  test('is opened by the tar program, with the manifest first and every file as it is', async () => {
    const pieces = [
      aPiece(101, patterned(513), 'pdf'),
      aPiece(1, Buffer.from('[]')),
      aPiece(2, patterned(512)),
      aPiece(3, new Uint8Array(), ''),
    ];
    const contents = contentsOf(pieces.map(({ file }) => file));
    const { list, files } = await opened(archiveOf(contents, pieces));
    expect([...files.keys()]).toEqual([
      'manifest.json',
      'data/crm/0001-001.json',
      'data/crm/0001-002.json',
      'files/scans/0001-003',
      'files/scans/0002-001.pdf',
    ]);
    for (const { file, bytes } of pieces) expect(files.get(file.path)).toEqual(Buffer.from(bytes));
    expect(list.split('\n')[1]).toMatch(/^-rw-r--r-- 0\/0 +2 2026-03-01 10:00 data\/crm\/0001-001\.json$/);
    const inOrder = pieces.map(({ file }) => file).toSorted((a, b) => (a.path < b.path ? -1 : 1));
    expect(files.get('manifest.json')).toEqual(writeManifest({ ...contents, files: inOrder }).bytes);
  });

  test('of nothing has a manifest, which says why', async () => {
    const leftOut = [{ store: 'crm', categories: ['contact'], reason: 'gone', records: 3 }] as const;
    const contents = contentsOf([], { leftOut });
    expect(layoutOf(contents)).toMatchObject({ records: 0, leftOut: 3 });
    const { files } = await opened(archiveOf(contents, []));
    expect([...files.keys()]).toEqual(['manifest.json']);
    expect(JSON.parse(String(files.get('manifest.json')))).toMatchObject({ files: [], leftOut });
  });

  const piece = fc.record({ length: fc.integer({ min: 0, max: 1600 }), isFile: fc.boolean() });
  const pieces = fc
    .array(piece, { maxLength: 12 })
    .map((all) =>
      all.map(({ length, isFile }, index) =>
        aPiece(index + 1, patterned(length, index), isFile ? 'bin' : undefined),
      ),
    );

  test('is the same in whatever order its files come, and as long as its layout says', () => {
    fc.assert(
      fc.property(pieces, fc.infiniteStream(fc.nat()), (all, order) => {
        const shuffled = all
          .map((one) => ({ one, key: order.next().value }))
          .toSorted((a, b) => a.key - b.key);
        const [first, second] = [all, shuffled.map(({ one }) => one)].map((some) =>
          layoutOf(contentsOf(some.map(({ file }) => file))),
        );
        if (first === undefined || second === undefined) throw new Error('two layouts');
        const bytes = written(first.segments(), all);
        expect(written(second.segments(), all).equals(bytes)).toBe(true);
        expect(written(first.segments(), all).equals(bytes)).toBe(true);
        expect(first.bytes).toBe(bytes.length);
        expect(second.manifestSha256).toBe(first.manifestSha256);
        expect(first.records).toBe(all.length);
      }),
    );
  });

  test('has everything that the tar program finds in it', async () => {
    await fc.assert(
      fc.asyncProperty(pieces, async (all) => {
        const { files } = await opened(archiveOf(contentsOf(all.map(({ file }) => file)), all));
        expect(files.size).toBe(all.length + 1);
        for (const { file, bytes } of all) expect(files.get(file.path)?.equals(bytes)).toBe(true);
      }),
      { numRuns: 15 },
    );
  });

  test('cannot have two files of one path', () => {
    const { file } = aPiece(1, patterned(3));
    expect(() => layoutOf(contentsOf([file, file]))).toThrow(
      'two files of the archive are data/crm/0001-001.json',
    );
  });
});

describe('what an archive has no room for', () => {
  const files = [aPiece(1, patterned(100)), aPiece(2, patterned(5000)), aPiece(3, patterned(100), 'pdf')].map(
    ({ file }) => file,
  );

  test('is left out and told, and smaller files have their place', () => {
    const layout = layoutOf(contentsOf(files), { bytes: 2 * 1024, files: 10 });
    expect(layout).toMatchObject({ records: 2, leftOut: 1 });
    const [, manifest] = layout.segments();
    const leftOut = [{ store: 'crm', categories: [], reason: 'too-large', records: 1 }];
    if (manifest?.kind !== 'bytes') throw new Error('no manifest');
    expect(JSON.parse(String(Buffer.from(manifest.bytes)))).toMatchObject({ leftOut });
  });

  test('is what comes after the most files that it has room for, too', () => {
    expect(layoutOf(contentsOf(files), { bytes: 1e9, files: 2 })).toMatchObject({ records: 2, leftOut: 1 });
  });

  test('is a file whose size has no place in a header', () => {
    const [file] = files;
    if (file === undefined) throw new Error('no file');
    const layout = layoutOf(contentsOf([{ ...file, bytes: 8 * 1024 ** 3 }]));
    expect(layout).toMatchObject({ records: 0, leftOut: 1 });
  });
});

describe('a header', () => {
  test('tells the size of the largest file there may be', () => {
    const file = { path: `files/${'s'.repeat(40)}/100000-100.jpeg2000`, bytes: 8 ** 11 - 1 };
    expect(sizeInHeader(tarHeader(file, at('2026-03-01T10:00:00Z')))).toBe(8 ** 11 - 1);
  });

  test('is not found in bytes of anything else', () => {
    expect(sizeInHeader(new Uint8Array(512))).toBeUndefined();
    expect(sizeInHeader(Buffer.alloc(512, 'x'))).toBeUndefined();
  });

  test.for([
    ['a path that is too long', { path: 'x'.repeat(101), bytes: 1 }],
    ['no path', { path: '', bytes: 1 }],
    ['a path with a letter outside ASCII', { path: 'données', bytes: 1 }],
    ['a size that is too large', { path: 'a', bytes: 8 ** 11 }],
    ['a size that is not whole', { path: 'a', bytes: 0.5 }],
  ] as const)('is not written for %s', ([, file]) => {
    expect(() => tarHeader(file, 0)).toThrow(RangeError);
  });
});
