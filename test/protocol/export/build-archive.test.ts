import { describe, expect, test } from 'vitest';
import { memoryExports } from '../../../shared/adapters/memory/memory-exports.ts';
import { archiveKey } from '../../../shared/domain/export/archive-file.ts';
import { layoutOf } from '../../../shared/domain/export/layout.ts';
import { planOf, uploadParts } from '../../../shared/domain/export/upload-parts.ts';
import { verifyArchive } from '../../../shared/domain/export/verify-archive.ts';
import { buildArchive } from '../../../shared/protocol/export/build-archive.ts';
import { aPiece, contentsOf, EXPORT_ID, patterned, written } from '../../support/export/archive-samples.ts';
import {
  buildAll,
  intercepted,
  Killed,
  killedAt,
  type OnCall,
  type Saved,
} from '../../support/export/building.ts';

const MEBIBYTE = 1024 ** 2;
const KEY = archiveKey(EXPORT_ID);

/** Two small files, one that is copied, and two that fill more than a part together. */
const PIECES = [
  aPiece(1, patterned(700, 1)),
  aPiece(2, new Uint8Array()),
  aPiece(3, patterned(25 * MEBIBYTE + 3, 3), 'mp4'),
  aPiece(4, patterned(6 * MEBIBYTE, 4), 'jpg'),
  aPiece(5, patterned(4 * MEBIBYTE + 1, 5), 'pdf'),
];
const CONTENTS = contentsOf(PIECES.map(({ file }) => file));
const LAYOUT = layoutOf(CONTENTS);
const ARCHIVE = written(LAYOUT.segments(), PIECES);
const BUILT = {
  kind: 'built',
  bytes: ARCHIVE.length,
  manifestSha256: LAYOUT.manifestSha256,
  records: 5,
  leftOut: 0,
};

function withPieces() {
  return memoryExports(new Map(PIECES.map(({ file, bytes }) => [file.key, bytes])));
}

/** What is wrong with the archive that is there. */
function wrongWith(exports: ReturnType<typeof memoryExports>): readonly string[] {
  const found = exports.object(KEY);
  if (found === undefined) return ['there is no archive'];
  return ARCHIVE.equals(found) ? [] : ['the archive has other bytes'];
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** The calls of the second run of an undisturbed build: the first one only begins it. */
async function callsOfBuild() {
  const exports = withPieces();
  const saved: Saved = {};
  await buildAll(exports, CONTENTS, saved, () => false).catch(() => undefined);
  const calls: string[] = [];
  const counting: OnCall = ({ name, make }) => {
    calls.push(name);
    return make();
  };
  await buildArchive(
    intercepted(exports, counting),
    { exportId: EXPORT_ID, contents: CONTENTS, begun: saved.begun },
    () => true,
  );
  return calls;
}

describe('an archive that is built', () => {
  test('has every piece, is whole, and leaves no upload open', async () => {
    const exports = withPieces();
    expect(await buildAll(exports, CONTENTS)).toEqual(BUILT);
    expect(wrongWith(exports)).toEqual([]);
    expect(await verifyArchive(once(ARCHIVE), BUILT)).toMatchObject({ kind: 'whole' });
    expect(exports.openUploads()).toEqual([]);
  });

  test('of nothing is a manifest', async () => {
    const exports = memoryExports();
    const empty = contentsOf([]);
    expect(await buildAll(exports, empty)).toMatchObject({ kind: 'built', records: 0 });
    expect(exports.allObjects()).toMatchObject([
      { key: KEY, manifestSha256: layoutOf(empty).manifestSha256 },
    ]);
  });

  test('is begun in a run that does nothing else, so that its id is saved before there is any work in it', async () => {
    const exports = withPieces();
    const calls: string[] = [];
    const counted = intercepted(exports, ({ name, make }) => {
      calls.push(name);
      return make();
    });
    const first = await buildArchive(counted, { exportId: EXPORT_ID, contents: CONTENTS }, () => true);
    expect(first).toMatchObject({ kind: 'more', begun: { id: 'upload-1' } });
    expect(calls).toEqual(['archive', 'begin']);
  });

  test('copies the large piece without reading more of it than the part before it needs', async () => {
    const exports = withPieces();
    const calls: string[] = await callsOfBuild();
    expect(calls.filter((name) => name === 'copyPart')).toHaveLength(1);
    expect(calls.filter((name) => name === 'putPart')).toHaveLength(3);
    expect(await buildAll(exports, CONTENTS)).toEqual(BUILT);
  });

  test('that is there already is not built again', async () => {
    const exports = withPieces();
    await buildAll(exports, CONTENTS);
    for (const { file } of PIECES) exports.remove(file.key);
    expect(await buildAll(exports, CONTENTS)).toEqual(BUILT);
    expect(exports.openUploads()).toEqual([]);
  });

  test('of other contents is built again, in a new upload', async () => {
    const exports = withPieces();
    const saved: Saved = {};
    const former = contentsOf(CONTENTS.files.slice(1));
    await buildAll(exports, former, saved);
    expect(await buildAll(exports, CONTENTS, saved)).toEqual(BUILT);
    expect(wrongWith(exports)).toEqual([]);
  });
});

describe('a run that has no more time', () => {
  test('leaves what it did to the next one, which does the rest', async () => {
    const exports = withPieces();
    const putCalls: string[] = [];
    const counted = intercepted(exports, ({ name, make }) => {
      if (name === 'putPart' || name === 'copyPart') putCalls.push(name);
      return make();
    });
    const saved: Saved = {};
    let wasAsked = false;
    // One part in each run.
    const goOn = (): boolean => {
      wasAsked = !wasAsked;
      return wasAsked;
    };
    expect(await buildAll(counted, CONTENTS, saved, goOn)).toEqual(BUILT);
    expect(wrongWith(exports)).toEqual([]);
    expect(putCalls).toHaveLength(4);
  });

  test('before its first part has done nothing', async () => {
    const exports = withPieces();
    await expect(buildAll(exports, CONTENTS, {}, () => false)).rejects.toThrow('not built after 50 runs');
    expect(exports.openUploads()).toHaveLength(1);
  });
});

describe('a builder that dies', () => {
  test('at any call, before or after it took effect, leaves an archive that the next one finishes', async () => {
    const wrong: string[] = [];
    const calls = await callsOfBuild();
    expect(calls.length).toBeGreaterThan(10);
    for (const [index, name] of calls.entries()) {
      for (const when of ['before', 'after'] as const) {
        const exports = withPieces();
        const saved: Saved = {};
        // The run that begins has two calls of its own.
        const killed = killedAt(exports, index + 3, when);
        await expect(buildAll(killed, CONTENTS, saved)).rejects.toThrow(Killed);
        expect(await buildAll(exports, CONTENTS, saved)).toEqual(BUILT);
        if (exports.openUploads().length > 0) wrong.push(`${when} ${name}: an upload is open`);
        wrong.push(...wrongWith(exports).map((what) => `${when} ${name}: ${what}`));
      }
    }
    expect(wrong).toEqual([]);
  });

  test('while it begins leaves at most an empty upload, which the bucket removes', async () => {
    for (const [number, when] of [
      [1, 'before'],
      [2, 'before'],
      [2, 'after'],
    ] as const) {
      const exports = withPieces();
      await expect(buildAll(killedAt(exports, number, when), CONTENTS)).rejects.toThrow(Killed);
      expect(await buildAll(exports, CONTENTS)).toEqual(BUILT);
      expect(wrongWith(exports)).toEqual([]);
      for (const upload of exports.openUploads()) expect(await exports.uploaded(upload)).toEqual(new Map());
    }
  });
});

describe('before any call of a builder', () => {
  /** Something happens before the call `number` of the run that fills the upload. */
  async function disturbed(
    number: number,
    happens: (saved: Saved, exports: ReturnType<typeof memoryExports>) => unknown,
  ) {
    const exports = withPieces();
    const saved: Saved = {};
    const port = intercepted(exports, async (call) => {
      if (call.number === number + 2) await happens(saved, exports);
      return call.make();
    });
    return { built: await buildAll(port, CONTENTS, saved), exports, saved };
  }

  async function atEachCall(
    happens: (saved: Saved, exports: ReturnType<typeof memoryExports>) => unknown,
    judge: (found: Awaited<ReturnType<typeof disturbed>>) => readonly string[],
  ): Promise<readonly string[]> {
    const wrong: string[] = [];
    const calls = await callsOfBuild();
    for (const [index, name] of calls.entries())
      wrong.push(
        ...judge(await disturbed(index + 1, happens)).map((what) => `before ${index + 1} ${name}: ${what}`),
      );
    return wrong;
  }

  test('another one builds it with the same upload: one right archive', async () => {
    const wrong = await atEachCall(
      async (saved, exports) => {
        expect(await buildAll(exports, CONTENTS, { ...saved })).toEqual(BUILT);
      },
      ({ built, exports }) => {
        expect(built).toEqual(BUILT);
        return wrongWith(exports);
      },
    );
    expect(wrong).toEqual([]);
  });

  test('another one builds it with an upload of its own: one right archive', async () => {
    const wrong = await atEachCall(
      async (_, exports) => {
        expect(await buildAll(exports, CONTENTS)).toEqual(BUILT);
      },
      ({ built, exports }) => {
        expect(built).toEqual(BUILT);
        return wrongWith(exports);
      },
    );
    expect(wrong).toEqual([]);
  });

  test('another one, which slept, writes a part again: one right archive', async () => {
    const wrong = await atEachCall(
      async ({ begun }, exports) => {
        const first = ARCHIVE.subarray(0, 5 * MEBIBYTE);
        await exports.putPart({ key: KEY, id: begun?.id ?? '' }, 1, first);
      },
      ({ built, exports }) => {
        expect(built).toEqual(BUILT);
        return wrongWith(exports);
      },
    );
    expect(wrong).toEqual([]);
  });

  test('the upload vanishes: it is begun again', async () => {
    const wrong = await atEachCall(
      ({ begun }, exports) => exports.removeUpload({ key: KEY, id: begun?.id ?? '' }),
      ({ built, exports }) => {
        expect(built).toEqual(BUILT);
        expect(exports.openUploads()).toEqual([]);
        return wrongWith(exports);
      },
    );
    expect(wrong).toEqual([]);
  });

  test('the pieces vanish: it says so, or has all it needs', async () => {
    const wrong = await atEachCall(
      (_, exports) => PIECES.forEach(({ file }) => exports.remove(file.key)),
      ({ built, exports }) => (built.kind === 'pieces-gone' ? [] : wrongWith(exports)),
    );
    expect(wrong).toEqual([]);
  });
});

describe('completing an archive', () => {
  test('whose answer was lost, and which is sent again, is built', async () => {
    const exports = withPieces();
    const twice = intercepted(exports, async ({ name, make }) => {
      if (name === 'complete') await make();
      return make();
    });
    expect(await buildAll(twice, CONTENTS)).toEqual(BUILT);
    expect(wrongWith(exports)).toEqual([]);
  });

  test('of a former release, which cut it into other parts, begins again', async () => {
    const exports = withPieces();
    const upload = { key: KEY, id: await exports.begin(KEY, LAYOUT.manifestSha256) };
    // The first part is as long as ours.
    for (const number of [1, 2, 3]) await exports.putPart(upload, number, patterned(5 * MEBIBYTE));
    const saved: Saved = {
      begun: { id: upload.id, plan: planOf(uploadParts(LAYOUT.segments(), 9 * MEBIBYTE)) },
    };
    expect(await buildAll(exports, CONTENTS, saved)).toEqual(BUILT);
    expect(wrongWith(exports)).toEqual([]);
    expect(exports.openUploads()).toEqual([upload]);
  });
});
