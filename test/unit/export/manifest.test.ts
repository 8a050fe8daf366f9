import { hash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  type ArchiveContents,
  archiveKey,
  dataPath,
  filePath,
  type LeftOut,
  pieceKey,
} from '../../../shared/domain/export/archive-file.ts';
import { canonicalJson } from '../../../shared/domain/canonical-json.ts';
import { Manifest, mergeLeftOut, writeManifest } from '../../../shared/domain/export/manifest.ts';
import type { RequestRef } from '../../../shared/domain/record/ids.ts';
import { at } from '../../support/samples.ts';

describe('names in an archive', () => {
  test('say the store and a number, and no id', () => {
    expect(dataPath('crm', 1, 1)).toBe('data/crm/0001-001.json');
    expect(filePath({ store: 'scans', part: 12, record: 3, extension: 'pdf' })).toBe(
      'files/scans/0012-003.pdf',
    );
  });

  test.for(['', 'tar.gz', '../x', 'a/b', 'éx', 'toolongname', undefined])(
    'have no extension where it is %j',
    (extension) => {
      expect(filePath({ store: 'scans', part: 1, record: 1, extension })).toBe('files/scans/0001-001');
    },
  );

  test('have a short and plain extension in small letters', () => {
    expect(filePath({ store: 'scans', part: 1, record: 1, extension: 'JPG' })).toBe(
      'files/scans/0001-001.jpg',
    );
  });

  test('of objects in the bucket are those that functions are granted', () => {
    expect(pieceKey({ store: 'crm', exportId: 'e-1', attempt: 't-1', name: '3' })).toBe(
      'pieces/crm/e-1/t-1/3',
    );
    expect(archiveKey('e-1')).toBe('archives/e-1.tar');
  });
});

describe('a manifest', () => {
  const contents: ArchiveContents = {
    request: 'request-1' as RequestRef,
    entityType: 'person',
    asOf: at('2026-03-01T10:00:00Z'),
    files: [
      {
        path: 'data/crm/0001-001.json',
        key: 'pieces/crm/e-1/t-1/1',
        bytes: 12,
        sha256: 'a'.repeat(64),
        store: 'crm',
        records: 2,
      },
    ],
    leftOut: [{ store: 'crm', categories: ['contact'], reason: 'gone', records: 1 }],
  };

  test('is canonical JSON that its own schema reads, without the keys of pieces', () => {
    const { bytes, sha256 } = writeManifest(contents);
    const text = new TextDecoder().decode(bytes);
    expect(text).toBe(
      `{"asOf":"2026-03-01T10:00:00.000Z","entityType":"person","files":[{"bytes":12,"path":"data/crm/0001-001.json","records":2,"sha256":"${'a'.repeat(64)}","store":"crm"}],"format":"tenure-export/1","leftOut":[{"categories":["contact"],"reason":"gone","records":1,"store":"crm"}],"request":"request-1"}`,
    );
    expect(Manifest.parse(JSON.parse(text)).files).toHaveLength(1);
    expect(sha256).toBe(hash('sha256', bytes));
  });

  test('of many files is the same text as if it were written at once', () => {
    const [file] = contents.files;
    if (file === undefined) throw new Error('no file');
    const files = Array.from({ length: 2001 }, (_, index) => ({
      ...file,
      path: dataPath('crm', index + 1, 1),
    }));
    for (const count of [0, 1, 999, 1000, 1001, 2000, 2001]) {
      const text = String(writeManifest({ ...contents, files: files.slice(0, count) }).bytes);
      const read = Manifest.parse(JSON.parse(text));
      expect(read.files.map(({ path }) => path)).toEqual(files.slice(0, count).map(({ path }) => path));
      expect(canonicalJson(read)).toBe(text);
    }
  });

  test('of another format is refused', () => {
    const text = new TextDecoder().decode(writeManifest(contents).bytes);
    const other = { ...(JSON.parse(text) as object), format: 'tenure-export/2' };
    expect(Manifest.safeParse(other).success).toBe(false);
  });
});

describe('what is left out', () => {
  const one = (changes: Partial<LeftOut>): LeftOut => ({
    store: 'crm',
    categories: ['contact'],
    reason: 'gone',
    records: 1,
    ...changes,
  });

  test('is one line for each store, categories and reason, in a fixed order', () => {
    const all = [
      one({ store: 'scans', reason: 'too-large' }),
      one({ categories: ['usage', 'contact'] }),
      one({}),
      one({ categories: ['contact', 'usage', 'contact'], records: 4 }),
      one({ reason: 'broken' }),
      one({ reason: 'region', records: 0 }),
    ];
    const expected = [
      one({ categories: ['contact', 'usage'], records: 5 }),
      one({ reason: 'broken' }),
      one({}),
      one({ store: 'scans', reason: 'too-large' }),
    ];
    expect(mergeLeftOut(all)).toEqual(expected);
    expect(mergeLeftOut(all.toReversed())).toEqual(expected);
    expect(mergeLeftOut([])).toEqual([]);
  });
});
