import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { layoutOf } from '../../../shared/domain/export/layout.ts';
import { END_BYTES, paddingOf, tarHeader } from '../../../shared/domain/export/tar.ts';
import { verifyArchive } from '../../../shared/domain/export/verify-archive.ts';
import { aPiece, contentsOf, patterned, written } from '../../support/export/archive-samples.ts';

/** The bytes, cut at these places. */
async function* cut(bytes: Uint8Array, places: readonly number[] = []): AsyncGenerator<Uint8Array> {
  const ends = [...places.filter((place) => place <= bytes.length).toSorted((a, b) => a - b), bytes.length];
  let from = 0;
  for (const end of ends) {
    yield bytes.subarray(from, end);
    from = end;
  }
}

const PIECES = [
  aPiece(1, Buffer.from('[{"data":{"name":"A"}}]')),
  aPiece(2, patterned(512, 7)),
  aPiece(3, new Uint8Array(), 'txt'),
  aPiece(4, patterned(1300, 9), 'pdf'),
];
const CONTENTS = contentsOf(
  PIECES.map(({ file }) => file),
  { leftOut: [{ store: 'crm', categories: ['contact'], reason: 'gone', records: 2 }] },
);
const LAYOUT = layoutOf(CONTENTS);
const ARCHIVE = written(LAYOUT.segments(), PIECES);

/** The archive without the header and content of this file. */
function without(path: string, blocks: number): Buffer {
  const from = ARCHIVE.indexOf(`${path}\0`);
  return Buffer.concat([ARCHIVE.subarray(0, from), ARCHIVE.subarray(from + blocks * 512)]);
}

function changedAt(place: number): Buffer {
  const changed = Buffer.from(ARCHIVE);
  changed[place] = (changed[place] ?? 0) ^ 1;
  return changed;
}

/** An archive that has only this manifest. */
function onlyManifest(manifest: unknown): Buffer {
  const text = Buffer.from(typeof manifest === 'string' ? manifest : JSON.stringify(manifest));
  const header = tarHeader({ path: 'manifest.json', bytes: text.length }, CONTENTS.asOf);
  return Buffer.concat([header, text, Buffer.alloc(paddingOf(text.length) + END_BYTES)]);
}

describe('an archive is whole', () => {
  test('if it is as it was made, however its bytes arrive', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(ARCHIVE.length), { maxLength: 30 }), async (places) => {
        const verified = await verifyArchive(cut(ARCHIVE, places), LAYOUT);
        expect(verified).toMatchObject({ kind: 'whole', manifestSha256: LAYOUT.manifestSha256 });
      }),
    );
  });

  test('and its manifest is returned', async () => {
    const verified = await verifyArchive(cut(ARCHIVE));
    if (verified.kind !== 'whole') throw new Error(verified.fault);
    expect(verified.manifest).toMatchObject({ request: 'q-1', leftOut: CONTENTS.leftOut });
    expect(verified.manifest.files.map(({ path }) => path)).toEqual(PIECES.map(({ file }) => file.path));
  });

  test('if it has a manifest only', async () => {
    const only = written(layoutOf(contentsOf([])).segments(), []);
    expect(await verifyArchive(cut(only))).toMatchObject({ kind: 'whole' });
  });
});

describe('an archive is not whole', () => {
  test('if any byte of it is changed', async () => {
    for (let place = 0; place < ARCHIVE.length; place += 1) {
      const changed = Buffer.from(ARCHIVE);
      changed[place] = (changed[place] ?? 0) ^ 1;
      const { kind } = await verifyArchive(cut(changed), LAYOUT);
      if (kind !== 'broken') expect.fail(`byte ${place} was changed, and it is ${kind}`);
    }
  });

  test('if it ends early, at any byte', async () => {
    for (let end = 0; end < ARCHIVE.length; end += 1) {
      const { kind } = await verifyArchive(cut(ARCHIVE.subarray(0, end)));
      if (kind !== 'broken') expect.fail(`it ends at byte ${end}, and it is ${kind}`);
    }
  });

  test('if anything comes after it, or between', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(ARCHIVE.length),
        fc.uint8Array({ minLength: 1, maxLength: 1100 }),
        async (place, more) => {
          const longer = Buffer.concat([ARCHIVE.subarray(0, place), more, ARCHIVE.subarray(place)]);
          expect(longer.equals(ARCHIVE)).toBe(false);
          expect(await verifyArchive(cut(longer), LAYOUT)).toMatchObject({ kind: 'broken' });
        },
      ),
      { numRuns: 300 },
    );
  });

  test('if it is anything else', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 3000 }), async (bytes) => {
        expect(await verifyArchive(cut(bytes))).toEqual({ kind: 'broken', fault: 'not-an-export' });
      }),
    );
  });

  const faults: readonly (readonly [string, Buffer, object])[] = [
    [
      'a file was changed',
      changedAt(ARCHIVE.length - 1024 - 1300),
      { fault: 'file-changed', path: 'files/scans/0001-004.pdf' },
    ],
    [
      'a file is not there',
      without('data/crm/0001-002.json', 2),
      { fault: 'file-missing', path: 'data/crm/0001-002.json' },
    ],
    [
      'the last file is not there',
      without('files/scans/0001-004.pdf', 4),
      { fault: 'file-missing', path: 'files/scans/0001-004.pdf' },
    ],
    [
      'the last file was cut off',
      ARCHIVE.subarray(0, -2000),
      { fault: 'cut-off', path: 'files/scans/0001-004.pdf' },
    ],
    ['its end was cut off', ARCHIVE.subarray(0, -1), { fault: 'cut-off' }],
    ['the manifest was cut off', ARCHIVE.subarray(0, 600), { fault: 'cut-off', path: 'manifest.json' }],
    ['something was added', Buffer.concat([ARCHIVE, Buffer.alloc(1)]), { fault: 'more-than-its-files' }],
  ];
  test.for(faults)('and %s: it says which fault it is', async ([, bytes, fault]) => {
    expect(await verifyArchive(cut(bytes))).toEqual({ kind: 'broken', ...fault });
  });

  test('for a request whose answer tells another digest', async () => {
    expect(await verifyArchive(cut(ARCHIVE), { manifestSha256: '0'.repeat(64) })).toEqual({
      kind: 'broken',
      fault: 'another-export',
    });
  });

  const MANIFEST = {
    format: 'tenure-export/1',
    request: 'q-1',
    entityType: 'person',
    asOf: '2026-03-01T10:00:00.000Z',
    files: [] as unknown[],
    leftOut: [],
  };
  const aFile = (path: string) => ({ path, bytes: 0, sha256: '0'.repeat(64), store: 'crm', records: 1 });
  const invalid: readonly (readonly [string, unknown])[] = [
    ['of another format', { ...MANIFEST, format: 'tenure-export/2' }],
    ['with a field more', { ...MANIFEST, more: 1 }],
    ['with a path that leads out of it', { ...MANIFEST, files: [aFile('data/../x/1-1')] }],
    ['with a path from the root', { ...MANIFEST, files: [aFile('/data/crm/1-1.json')] }],
    ['with a file twice', { ...MANIFEST, files: [aFile('data/crm/1-1.json'), aFile('data/crm/1-1.json')] }],
    [
      'with a longer path than a header has place for',
      { ...MANIFEST, files: [aFile(`data/${'a'.repeat(90)}/1-1.json`)] },
    ],
    [
      'with a larger file than a header can say',
      { ...MANIFEST, files: [{ ...aFile('data/crm/1-1.json'), bytes: 8 ** 11 }] },
    ],
    ['that is not JSON', '{"format":'],
    ['that is nothing', ''],
  ];
  test.for(invalid)('if it has a manifest %s', async ([, manifest]) => {
    expect(await verifyArchive(cut(onlyManifest(MANIFEST)))).toMatchObject({ kind: 'whole' });
    expect(await verifyArchive(cut(onlyManifest(manifest)))).toEqual({
      kind: 'broken',
      fault: 'manifest-invalid',
    });
  });
});
