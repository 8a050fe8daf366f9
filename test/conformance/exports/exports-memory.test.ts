import { describe, expect, test } from 'vitest';
import { memoryExports } from '../../../shared/adapters/memory/memory-exports.ts';
import { patterned } from '../../support/export/archive-samples.ts';
import { exportsSuite } from './exports-suite.ts';

exportsSuite('memory', {
  async open() {
    const exports = memoryExports();
    return { exports, object: async (key: string) => exports.object(key) };
  },
});

describe('looking into the exports bucket in memory', () => {
  test('shows what is there, and removes it as the lifecycle of a bucket does', async () => {
    const exports = memoryExports();
    const [first, second] = [
      { key: 'archives/e-1.tar', id: await exports.begin('archives/e-1.tar', 'd') },
      { key: 'archives/e-2.tar', id: await exports.begin('archives/e-2.tar', 'd') },
    ];
    await exports.putPiece('pieces/crm/e-1/a/2', patterned(3));
    await exports.putPiece('pieces/crm/e-1/a/1', patterned(2));
    expect(exports.allObjects().map(({ key }) => key)).toEqual(['pieces/crm/e-1/a/1', 'pieces/crm/e-1/a/2']);
    expect(exports.openUploads()).toEqual([first, second]);
    exports.removeUpload(first);
    exports.remove('pieces/crm/e-1/a/1');
    expect(exports.openUploads()).toEqual([second]);
    expect(await exports.uploaded(first)).toBeUndefined();
    expect(exports.allObjects()).toEqual([{ key: 'pieces/crm/e-1/a/2', bytes: patterned(3) }]);
  });

  test('keeps its own copy of what is written', async () => {
    const exports = memoryExports();
    const mine = patterned(4);
    await exports.putPiece('pieces/crm/e-1/a/1', mine);
    mine.fill(0);
    expect(await exports.readPiece({ key: 'pieces/crm/e-1/a/1', from: 0, bytes: 4 })).toEqual(patterned(4));
  });

  test('names a link after the key, and says how long it works', async () => {
    expect(await memoryExports().link('archives/e-1.tar', 3600, 'export.tar')).toBe(
      'https://exports.invalid/archives/e-1.tar?expires=3600&name=export.tar',
    );
  });
});
