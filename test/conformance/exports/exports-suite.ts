import { describe, expect, test } from 'vitest';
import type { Exports, Upload } from '../../../shared/ports/exports.ts';
import { patterned } from '../../support/export/archive-samples.ts';

const MEBIBYTE = 1024 * 1024;
const PART = 5 * MEBIBYTE;
const DIGEST = 'd'.repeat(64);

/** What the suite needs besides the port: an empty bucket each time, and a look into it. */
export interface ExportsRig {
  /** An upload that is completed again may be answered as the first time, and the archive stays as it is. */
  readonly answersAgain?: boolean;
  open(): Promise<{
    readonly exports: Exports;
    readonly object: (key: string) => Promise<Uint8Array | undefined>;
  }>;
}

/** Every implementation of the port has to pass it. */
export function exportsSuite(name: string, rig: ExportsRig): void {
  describe(`the exports bucket (${name})`, () => {
    async function begun() {
      const { exports, object } = await rig.open();
      const key = 'archives/e-1.tar';
      const upload: Upload = { key, id: await exports.begin(key, DIGEST) };
      return { exports, object, upload };
    }
    /** All parts that are there, which have to be some. */
    async function partsOf(exports: Exports, upload: Upload) {
      const parts = await exports.uploaded(upload);
      if (parts === undefined) throw new Error('the upload is not there');
      return parts;
    }

    test('returns a range of a piece, and nothing for a piece that is not there', async () => {
      const { exports } = await rig.open();
      const key = 'pieces/crm/e-1/a/1';
      await exports.putPiece(key, patterned(10, 1));
      await exports.putPiece(key, patterned(1000, 2));
      expect(await exports.readPiece({ key, from: 0, bytes: 1000 })).toEqual(patterned(1000, 2));
      expect(await exports.readPiece({ key, from: 7, bytes: 1 })).toEqual(patterned(1000, 2).slice(7, 8));
      expect(await exports.readPiece({ key: 'pieces/crm/e-1/a/2', from: 0, bytes: 1 })).toBeUndefined();
    });

    test('throws if a piece ends before the range does', async () => {
      const { exports } = await rig.open();
      const key = 'pieces/crm/e-1/a/1';
      await exports.putPiece(key, patterned(1000));
      await expect(exports.readPiece({ key, from: 990, bytes: 11 })).rejects.toThrow();
      await expect(exports.readPiece({ key, from: 1000, bytes: 1 })).rejects.toThrow();
    });

    test('makes an archive of parts that were written and copied, in the order of their numbers', async () => {
      const { exports, object, upload } = await begun();
      const piece = { key: 'pieces/crm/e-1/a/1', from: 3, bytes: PART };
      await exports.putPiece(piece.key, patterned(PART + 10, 3));
      expect(await exports.putPart(upload, 4, patterned(20, 4))).toBe('written');
      expect(await exports.copyPart(upload, 2, piece)).toBe('written');
      expect(await exports.putPart(upload, 1, patterned(PART, 1))).toBe('written');
      const parts = await partsOf(exports, upload);
      expect([...parts].map(([number, { bytes }]) => [number, bytes])).toEqual([
        [1, PART],
        [2, PART],
        [4, 20],
      ]);
      expect(await exports.archive(upload.key)).toBeUndefined();
      expect(await exports.complete(upload, parts)).toBe('written');
      expect(await exports.archive(upload.key)).toEqual({ bytes: 2 * PART + 20, manifestSha256: DIGEST });
      const expected = Buffer.concat([
        patterned(PART, 1),
        patterned(PART + 10, 3).slice(3, PART + 3),
        patterned(20, 4),
      ]);
      expect(expected.equals((await object(upload.key)) ?? new Uint8Array())).toBe(true);
    });

    test('an upload that is completed is not there any more', async () => {
      const { exports, object, upload } = await begun();
      const piece = { key: 'pieces/crm/e-1/a/1', from: 0, bytes: 10 };
      await exports.putPiece(piece.key, patterned(10));
      await exports.putPart(upload, 1, patterned(10));
      const parts = await partsOf(exports, upload);
      await exports.complete(upload, parts);
      expect(await exports.uploaded(upload)).toBeUndefined();
      expect(await exports.putPart(upload, 2, patterned(10))).toBe('no-upload');
      expect(await exports.copyPart(upload, 2, piece)).toBe('no-upload');
      const again = await exports.complete(upload, parts);
      expect(again).toBe(rig.answersAgain === true ? 'written' : 'no-upload');
      expect(await object(upload.key)).toEqual(patterned(10));
    });

    test('an id that was never given is not an upload', async () => {
      const { exports, upload } = await begun();
      const other = { ...upload, id: `${upload.id}x` };
      expect(await exports.uploaded(other)).toBeUndefined();
      expect(await exports.putPart(other, 1, patterned(10))).toBe('no-upload');
    });

    test('an upload without parts has none', async () => {
      const { exports, upload } = await begun();
      expect(await exports.uploaded(upload)).toEqual(new Map());
    });

    test('a piece that is not there cannot be copied', async () => {
      const { exports, upload } = await begun();
      const range = { key: 'pieces/crm/e-1/a/9', from: 0, bytes: PART };
      expect(await exports.copyPart(upload, 1, range)).toBe('no-piece');
      expect(await exports.uploaded(upload)).toEqual(new Map());
    });

    test('a part that is written again replaces the former one, which completes no archive any more', async () => {
      const { exports, object, upload } = await begun();
      await exports.putPart(upload, 1, patterned(10, 1));
      const seen = await partsOf(exports, upload);
      await exports.putPart(upload, 1, patterned(12, 2));
      expect(await exports.complete(upload, seen)).toBe('moved');
      expect(await exports.complete(upload, await partsOf(exports, upload))).toBe('written');
      expect(await object(upload.key)).toEqual(patterned(12, 2));
    });

    test('two uploads of one archive do not disturb each other, and the later one is the archive', async () => {
      const { exports, object, upload } = await begun();
      const second = { ...upload, id: await exports.begin(upload.key, 'e'.repeat(64)) };
      await exports.putPart(upload, 1, patterned(10, 1));
      await exports.putPart(second, 1, patterned(11, 2));
      for (const one of [second, upload])
        expect(await exports.complete(one, await partsOf(exports, one))).toBe('written');
      expect(await object(upload.key)).toEqual(patterned(10, 1));
      expect(await exports.archive(upload.key)).toEqual({ bytes: 10, manifestSha256: DIGEST });
    });

    test('refuses an archive with a part of less than 5 MiB that is not the last', async () => {
      const { exports, upload } = await begun();
      await exports.putPart(upload, 1, patterned(PART - 1));
      await exports.putPart(upload, 2, patterned(1));
      await expect(exports.complete(upload, await partsOf(exports, upload))).rejects.toThrow(
        /TooSmall|smaller/,
      );
    });

    test('has no archive where only a piece is', async () => {
      const { exports } = await rig.open();
      await exports.putPiece('pieces/crm/e-1/a/1', patterned(10));
      expect(await exports.archive('archives/e-2.tar')).toBeUndefined();
    });
  });
}
