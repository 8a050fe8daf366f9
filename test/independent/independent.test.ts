import { execFile, spawn } from 'node:child_process';
import { createPublicKey } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { text } from 'node:stream/consumers';
import { verifyCheckpoint } from '@sigstore/verify/dist/tlog/checkpoint.js';
import { verifyMerkleInclusion } from '@sigstore/verify/dist/tlog/merkle.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canonicalJson } from '../../shared/domain/canonical-json.ts';
import { witnessVkeyOf } from '../../shared/domain/log/cosignature.ts';
import { vkeyOf } from '../../shared/domain/log/note.ts';
import { hashesIn, tilesBetween, tilePath } from '../../shared/domain/log/tiles.ts';
import { consistencyRanges, inclusionRanges, rangeHash } from '../../shared/domain/log/tree.ts';
import { deletionEntry, treeFiles, writeLog } from '../support/log/generated-log.ts';
import { cosignedBy, testKey, testWitness, type TestWitness } from '../support/log/note-keys.ts';

const SIZE = 10_007;
const { key } = testKey();
const leaves = Array.from({ length: SIZE }, (_none, n) => Buffer.from(canonicalJson(deletionEntry(n))));
const files = treeFiles(leaves);
const tiles = new Map(
  tilesBetween(0, SIZE).map((tile) => [tilePath(tile), files.get(tilePath(tile)) ?? Buffer.alloc(0)]),
);
const hashOf = hashesIn(tiles, SIZE);
const inclusion = leaves.map((_leaf, index) =>
  inclusionRanges(index, SIZE).map((range) => rangeHash(range, hashOf)),
);

describe('with programs that others wrote', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tenure-independent-'));
    await writeLog(folder, files);
  });
  afterAll(() => rm(folder, { recursive: true }));

  it(
    'Go opens the signed note, computes the root from the entries, and checks every proof',
    { timeout: 300_000 },
    async () => {
      const binary = await built(folder);
      const consistency = leaves.map((_leaf, at) =>
        consistencyRanges(at + 1, SIZE).map((range) => base64(rangeHash(range, hashOf))),
      );
      const run = spawn(binary, [folder, vkeyOf(key)], { stdio: ['pipe', 'pipe', 'inherit'] });
      run.stdin.end(
        JSON.stringify({ inclusion: inclusion.map((hashes) => hashes.map(base64)), consistency }),
      );
      const said = JSON.parse(await text(run.stdout)) as unknown;
      expect(said).toEqual({ size: SIZE, included: SIZE, consistent: SIZE, refused: SIZE });
      process.stdout.write(`proofs checked by Go: ${SIZE} of inclusion, ${SIZE} of consistency\n`);
    },
  );

  it('Go opens a cosigned note with the keys of the witnesses', { timeout: 300_000 }, async () => {
    const other = join(folder, 'cosigned');
    const note = Buffer.from(files.get('checkpoint') ?? []).toString('utf8');
    const [w1, w2] = [testWitness(), testWitness('witness.example/w2', 102)];
    await writeLog(other, new Map([['checkpoint', Buffer.from(cosignedBy(note, w1, w2))]]));
    const binary = await built(folder);
    const check = (...witnesses: readonly TestWitness[]): Promise<{ readonly stdout: string }> =>
      promisify(execFile)(binary, [other, vkeyOf(key), ...witnesses.map((one) => witnessVkeyOf(one.key))]);
    expect(JSON.parse((await check(w1, w2)).stdout)).toEqual({ size: SIZE, cosigned: 2 });
    await expect(check(testWitness('witness.example/w2', 103))).rejects.toThrow('no verifiable signatures');
  });

  it('sigstore opens the signed note and checks every proof of inclusion', () => {
    const envelope = Buffer.from(files.get('checkpoint') ?? []).toString('utf8');
    const logID = Buffer.alloc(32);
    logID.writeUInt32BE(key.id);
    const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), key.publicKey]);
    const authority = {
      baseURL: `https://${key.name}`,
      logID,
      publicKey: createPublicKey({ key: spki, format: 'der', type: 'spki' }),
    };
    const entryOf = (index: number, hashes: readonly Uint8Array[]) =>
      ({
        canonicalizedBody: leaves[index],
        inclusionProof: { logIndex: String(index), hashes, checkpoint: { envelope } },
      }) as never;
    const checkpoint = verifyCheckpoint(entryOf(0, []), [authority] as never);
    let checked = 0;
    for (const [index, hashes] of inclusion.entries()) {
      verifyMerkleInclusion(entryOf(index, hashes), checkpoint);
      expect(() => verifyMerkleInclusion(entryOf(index, hashes.toReversed()), checkpoint)).toThrow(
        'root hash',
      );
      checked += 1;
    }
    process.stdout.write(`proofs checked by sigstore: ${checked} of inclusion\n`);
    expect(checked).toBe(SIZE);
  });
});

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

/** The program in Go that checks logs. */
async function built(folder: string): Promise<string> {
  const env = await withGo();
  const binary = join(folder, 'checklog');
  const cwd = join(import.meta.dirname, 'checklog');
  await promisify(execFile)('go', ['build', '-o', binary, '.'], { cwd, env });
  return binary;
}

/** Debian's `go` is on the path; that of golang.org lies elsewhere. */
async function withGo(): Promise<NodeJS.ProcessEnv> {
  const env = { ...process.env, PATH: [process.env['PATH'] ?? '', '/usr/local/go/bin'].join(delimiter) };
  try {
    await promisify(execFile)('go', ['version'], { env });
    return env;
  } catch {
    throw new Error(
      'This test needs Go, 1.18 or later: install it with `apt-get install golang-go`, and run it again.',
    );
  }
}
