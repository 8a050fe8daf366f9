import { describe, expect, test } from 'vitest';
import { parseCheckpoint } from '../../../shared/domain/log/checkpoint.ts';
import { parseNote } from '../../../shared/domain/log/note.ts';
import { bundleKey } from '../../../shared/protocol/log/bundle.ts';
import { writeLog } from '../../../shared/protocol/log/write-log.ts';
import { rebuildId } from '../../../shared/protocol/restore/restored.ts';
import { logWorld, type LogWorld } from '../../support/log/log-world.ts';
import { testSigner } from '../../support/log/test-signer.ts';
import { unsigned, wrongTree } from '../../support/log/wrong-tree.ts';

const paths = ({ bucket }: LogWorld): readonly string[] =>
  bucket.allObjects().flatMap(({ key }) => (key.startsWith('tile/') ? [key] : []));

const wrongIn = async (w: LogWorld): Promise<readonly string[]> => [...(await wrongTree(w)), ...unsigned(w)];

/** The sizes of all checkpoints, in their order. */
const sizes = ({ bucket }: LogWorld): readonly (number | undefined)[] =>
  bucket.allCheckpoints().map((text) => parseCheckpoint(parseNote(text)?.text ?? '')?.size);

/** The tile's bytes with one of them changed, as if it had been written so. */
function tampered({ bucket, core }: LogWorld, path: string): LogWorld['core'] {
  return {
    ...core,
    bucket: {
      ...bucket,
      async get(key) {
        const bytes = await bucket.get(key);
        if (key === path && bytes !== undefined) bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
        return bytes;
      },
    },
  };
}

describe('a run of the seal', () => {
  test('puts its results into the tree, and signs once', async () => {
    const w = logWorld();
    await w.result(3);
    await w.result(2);
    await writeLog(w.core);
    expect(paths(w)).toEqual(['tile/0/000.p/5', 'tile/entries/000.p/5']);
    expect(sizes(w)).toEqual([5]);
    expect(w.signer.signed).toHaveLength(1);
    expect(await wrongIn(w)).toEqual([]);
    expect(w.reports.lines).toContainEqual({ code: 'seal.signed', fields: { count: 5 } });
  });

  test('signs nothing when nothing was added', async () => {
    const w = logWorld();
    await writeLog(w.core);
    await w.result(3);
    await writeLog(w.core);
    await writeLog(w.core);
    expect(sizes(w)).toEqual([3]);
    expect(w.signer.signed).toHaveLength(1);
  });

  test('makes a checkpoint in its one form', async () => {
    const w = logWorld();
    await w.result(1);
    await writeLog(w.core);
    const [text = ''] = w.bucket.allCheckpoints();
    expect(text.split('\n')).toEqual([
      'tenure/deletion-log',
      '1',
      expect.stringMatching(/^[A-Za-z0-9+/]{43}=$/),
      '',
      expect.stringMatching(/^\u2014 tenure\/deletion-log [A-Za-z0-9+/]+=*$/),
      '',
    ]);
  });

  test('goes over the end of a tile, and of a tile of tiles', async () => {
    const w = logWorld();
    for (const lines of [255, 1, 1, 511, 65_000, 300]) {
      await w.result(lines);
      await writeLog(w.core);
    }
    expect(sizes(w)).toEqual([255, 256, 257, 768, 65_768, 66_068]);
    expect(paths(w)).toContain('tile/1/000');
    expect(paths(w)).toContain('tile/2/000.p/1');
    expect(await wrongIn(w)).toEqual([]);
  });

  test('signs what a release without a tree has left, from the first entry on', async () => {
    const w = logWorld();
    await w.journal(3, 400, 1, 7);
    await w.result(2);
    await writeLog(w.core);
    expect(sizes(w)).toEqual([413]);
    expect(await wrongIn(w)).toEqual([]);
  });

  test('without time left signs nothing, and the next one goes on', async () => {
    const w = logWorld();
    await w.journal(3, 4, 5);
    let calls = 0;
    await writeLog(w.core, () => (calls += 1) === 1);
    expect(sizes(w)).toEqual([3]);
    await writeLog(w.core, () => false);
    expect(sizes(w)).toEqual([3]);
    await writeLog(w.core);
    expect(sizes(w)).toEqual([3, 12]);
    expect(await wrongIn(w)).toEqual([]);
  });

  test('leaves out the batch that another run still writes', async () => {
    const w = logWorld();
    await w.journal(3);
    const { version } = await w.registry.head();
    const batch = [{ token: 'other', first: 3, count: 2 }];
    await w.registry.putHead({ version: version + 1, size: 5, batch, published: false });
    // Its results are not there yet for this run.
    await expect(
      writeLog({ ...w.core, registry: { ...w.registry, toBeSealed: async () => ({ items: [] }) } }),
    ).resolves.toBe(undefined);
    expect(sizes(w)).toEqual([3]);
  });
});

describe('nothing is signed, and it is said with a code,', () => {
  async function signedLog(): Promise<LogWorld> {
    const w = logWorld();
    await w.result(300);
    await writeLog(w.core);
    await w.result(2);
    return w;
  }

  test.each(['tile/0/001.p/44', 'tile/1/000.p/1', 'tile/entries/001.p/44'])(
    'when %s was changed',
    async (path) => {
      const w = await signedLog();
      const failing = writeLog(tampered(w, path));
      await expect(failing).rejects.toMatchObject({ code: 'LOG_FORKED' });
      await expect(failing).rejects.toThrow('log-forked.md');
      expect(sizes(w)).toEqual([300]);
      expect(w.signer.signed).toHaveLength(1);
      // The journal goes on: what has its place there keeps it.
      expect((await w.registry.head()).size).toBe(302);
      await writeLog(w.core);
      expect(await wrongIn(w)).toEqual([]);
    },
  );

  test.each(['tile/0/001.p/44', 'tile/1/000.p/1', 'tile/entries/001.p/44'])(
    'when %s is missing',
    async (path) => {
      const w = await signedLog();
      const bucket = {
        ...w.bucket,
        get: async (key: string) => (key === path ? undefined : w.bucket.get(key)),
      };
      await expect(writeLog({ ...w.core, bucket })).rejects.toMatchObject({ code: 'LOG_FORKED' });
      expect(w.signer.signed).toHaveLength(1);
    },
  );

  test.each([
    ['signed by another key', (w: LogWorld) => ({ ...w.core, signer: testSigner(undefined, 8) })],
    ['of a log with another name', (w: LogWorld) => ({ ...w.core, signer: { ...w.signer, name: 'other' } })],
    [
      'changed',
      (w: LogWorld) => ({ ...w.core, bucket: reading(w, (text) => text.replace('\n300\n', '\n299\n')) }),
    ],
    ['no note', (w: LogWorld) => ({ ...w.core, bucket: reading(w, () => 'nothing') })],
  ])('when the checkpoint is %s', async (_, change) => {
    const w = await signedLog();
    const core = change(w);
    await expect(writeLog(core)).rejects.toMatchObject({ code: 'LOG_FORKED' });
    expect(sizes(w)).toEqual([300]);
    expect(w.signer.signed).toHaveLength(1);
  });

  test('when a tile is there already with other bytes', async () => {
    const w = logWorld();
    await w.bucket.putIfAbsent('tile/0/000.p/2', Buffer.alloc(64));
    await w.result(2);
    await expect(writeLog(w.core)).rejects.toMatchObject({ code: 'LOG_FORKED' });
    expect(w.signer.signed).toEqual([]);
  });

  test('when the registry knows less than the log', async () => {
    const w = await signedLog();
    const older = logWorld();
    const core = { ...w.core, registry: older.registry };
    await expect(writeLog(core)).rejects.toMatchObject({ code: 'LOG_FORKED' });
    expect(w.signer.signed).toHaveLength(1);
  });

  test('when a batch of the journal is missing', async () => {
    const w = logWorld();
    await w.journal(3, 4);
    const bucket = {
      ...w.bucket,
      get: async (key: string) => (key === bundleKey(3) ? undefined : w.bucket.get(key)),
    };
    await expect(writeLog({ ...w.core, bucket })).rejects.toMatchObject({ code: 'LOG_DAMAGED' });
    expect(w.signer.signed).toEqual([]);
  });

  test.each([
    ['is not whole', '{}\n{'],
    ['is empty', ''],
    ['has an empty line', '{}\n\n'],
    ['has an entry that no bundle can have', `${'x'.repeat(65_536)}\n`],
  ])('when a batch of the journal %s', async (_, text) => {
    const w = logWorld();
    await w.bucket.putIfAbsent(bundleKey(0), Buffer.from(text));
    await w.registry.putHead({ version: 1, size: 2, batch: [], published: true });
    const failing = writeLog(w.core);
    await expect(failing).rejects.toMatchObject({ code: 'LOG_DAMAGED' });
    await expect(failing).rejects.not.toThrow(/xx|{/);
    expect(w.signer.signed).toEqual([]);
  });

  test('when the signature is not one of the key', async () => {
    const w = logWorld();
    await w.result(2);
    const signer = { ...w.signer, sign: async () => new Uint8Array(64) };
    await expect(writeLog({ ...w.core, signer })).rejects.toMatchObject({ code: 'SIGNATURE_WRONG' });
    expect(sizes(w)).toEqual([]);
    await writeLog(w.core);
    expect(await wrongIn(w)).toEqual([]);
  });
});

describe('a restored registry', () => {
  async function restored(): Promise<LogWorld> {
    const w = logWorld();
    for (const lines of [3, 4, 300]) {
      await w.result(lines);
      await writeLog(w.core);
    }
    const older = logWorld(1000);
    for (const { key, bytes } of w.bucket.allObjects()) await older.bucket.putIfAbsent(key, bytes);
    const [text = ''] = w.bucket.allCheckpoints().slice(-1);
    await older.bucket.putCheckpoint(text, undefined);
    return older;
  }

  test('knows less than the tree until it was rebuilt, and that is no fork', async () => {
    const w = await restored();
    const core = { ...w.core, adopted: 'restored' };
    await writeLog(core, () => false);
    expect((await w.registry.head()).size).toBe(0);
    w.clock.advance(3_600_000);
    await writeLog(core);
    expect((await w.registry.walk(rebuildId('restored'))).done).toBe(true);
    expect((await w.registry.head()).size).toBe(307);
    expect(w.signer.signed).toEqual([]);
  });

  test('goes on with the tree where it was', async () => {
    const w = await restored();
    const core = { ...w.core, adopted: 'restored' };
    await writeLog(core);
    w.clock.advance(3_600_000);
    await writeLog(core);
    await w.result(5);
    await writeLog(core);
    expect(sizes(w)).toEqual([307, 312]);
    expect(await wrongIn(w)).toEqual([]);
  });
});

function reading({ bucket }: LogWorld, change: (text: string) => string): LogWorld['bucket'] {
  return {
    ...bucket,
    async checkpoint() {
      const there = await bucket.checkpoint();
      return there && { ...there, text: change(there.text) };
    },
  };
}
