import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { witnessVkeyOf } from '../../../shared/domain/log/cosignature.ts';
import type { RotationEntry } from '../../../shared/domain/record/entry.ts';
import { vkeyOf } from '../../../shared/domain/log/note.ts';
import { deletionEntry, logFiles, writeLog } from '../../support/log/generated-log.ts';
import { cosignedBy, signedBy, testKey, testWitness } from '../../support/log/note-keys.ts';
import { tenure } from '../../support/run-tenure.ts';

const KEY = vkeyOf(testKey().key);
const [w1, w2, w3] = [1, 2, 3].map((n) => testWitness(`witness.example/w${n}`, 100 + n)) as [
  ReturnType<typeof testWitness>,
  ReturnType<typeof testWitness>,
  ReturnType<typeof testWitness>,
];
const [W1, W2, W3] = [w1, w2, w3].map(({ key }) => witnessVkeyOf(key)) as [string, string, string];

let folder = '';
let receipt = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tenure-witnesses-'));
  const files = logFiles(Array.from({ length: 300 }, (_none, n) => deletionEntry(n)));
  const note = Buffer.from(files.get('checkpoint') ?? []).toString();
  files.set('checkpoint', Buffer.from(cosignedBy(note, w1, w2)));
  await writeLog(folder, files);
  receipt = join(folder, 'receipt.json');
  await tenure(['log', 'receipt', '7', '--log', folder, '--out', receipt]);
});
afterAll(() => rm(folder, { recursive: true }));

type Ran = ReturnType<typeof tenure>;
const verify = (...args: readonly string[]): Ran => tenure(['log', 'verify', receipt, '--key', KEY, ...args]);
const audit = (...args: readonly string[]): Ran =>
  tenure(['log', 'audit', '--log', folder, '--key', KEY, ...args]);
const asking = (...keys: readonly string[]) => keys.flatMap((key) => ['--witness', key]);

describe.each([
  ['verify', verify, (): string => `${receipt} has a checkpoint that`],
  ['audit', audit, (): string => 'checkpoint'],
] as const)('tenure log %s', (_name, run, prefix) => {
  test('ignores cosignatures where no witness is asked for', async () => {
    const { code, out } = await run();
    expect(code).toBe(0);
    expect(out).not.toContain('osigned');
  });

  test('says who has cosigned, and when', async () => {
    const { code, out } = await run(...asking(W1, W2, W3), '--witnesses-needed', '2');
    expect(code).toBe(0);
    expect(out).toContain(
      'Cosigned by 2 of 3 witnesses: witness.example/w1 at 2026-03-01T10:00:00.000Z, witness.example/w2 at',
    );
    const json = await run('--json', ...asking(W2));
    expect(JSON.parse(json.out)).toMatchObject({
      ok: true,
      witnesses: [{ name: 'witness.example/w2', at: '2026-03-01T10:00:00.000Z' }],
    });
  });

  test('ends with 1 if too few have cosigned; without a number, all have to', async () => {
    expect(await run(...asking(W1, W3))).toMatchObject({
      code: 1,
      out: `${prefix()} is cosigned only by witness.example/w1 that you gave: 2 of 2 are needed.\n`,
    });
    expect(await run(...asking(W3))).toMatchObject({
      code: 1,
      out: `${prefix()} is cosigned by none of the witnesses that you gave: 1 of 1 are needed.\n`,
    });
  });

  test('counts a key once that is given twice, or under another name', async () => {
    const alias = witnessVkeyOf(testWitness('witness.example/alias', 101).key);
    for (const other of [W1, alias])
      expect(await run(...asking(W1, other), '--witnesses-needed', '2')).toMatchObject({ code: 2 });
    expect(await run(...asking(W1, W1))).toMatchObject({ code: 0 });
  });

  test('takes a file with keys', async () => {
    const file = join(folder, 'witnesses.txt');
    await writeFile(file, `${W1}\n${W2}\n\n`);
    expect(await run('--witness', file)).toMatchObject({ code: 0 });
    await writeFile(file, `${W1}\nnonsense\n`);
    expect(await run('--witness', file)).toMatchObject({ code: 2 });
  });

  test('does not take the key of a log as a witness, in either form, nor a number that cannot be', async () => {
    const own = witnessVkeyOf(testWitness('witness.example/own', 7).key);
    for (const args of [
      asking(KEY),
      asking(own),
      ['--witnesses-needed', '1'],
      [...asking(W1), '--witnesses-needed', '0'],
      [...asking(W1), '--witnesses-needed', '2'],
      asking('no-such-file'),
    ])
      expect([args, (await run(...args)).code]).toEqual([args, 2]);
  });
});

describe('a key of the log that the user does not give', () => {
  const LATER = testKey(testKey().key.name, 8);
  const own = testWitness('witness.example/own', 8);
  const asked = asking(witnessVkeyOf(own.key));
  const written = async (name: string, entries: Parameters<typeof logFiles>[0], later: boolean) => {
    const files = logFiles(entries);
    const note = Buffer.from(files.get('checkpoint') ?? []).toString();
    const text = note.slice(0, note.indexOf('\n\n') + 1);
    const both = later ? signedBy(text, testKey(), LATER) : note;
    files.set('checkpoint', Buffer.from(cosignedBy(both, own)));
    await writeLog(join(folder, name), files);
    return join(folder, name);
  };

  test('is not taken for a witness where it has signed the checkpoint as a key of the log', async () => {
    const log = await written('both-sign', [deletionEntry(0)], true);
    const out = join(log, 'receipt.json');
    await tenure(['log', 'receipt', '0', '--log', log, '--out', out]);
    const says = 'the key of the witness witness.example/own: a log cannot be its own witness.';
    for (const args of [
      ['audit', '--log', log],
      ['verify', out],
    ])
      expect(await tenure(['log', ...args, '--key', KEY, ...asked])).toMatchObject({
        code: 1,
        out: expect.stringContaining(says) as string,
      });
  });

  test('is not taken for a witness of an audit where an entry names it', async () => {
    const rotation: RotationEntry = {
      v: 2,
      token: 't',
      did: 'rotate-key',
      at: '2026-03-01T10:00:00.000Z',
      key: vkeyOf(LATER.key),
      software: 's',
    };
    const log = await written('named', [rotation], false);
    const args = ['log', 'audit', '--log', log, '--key', KEY];
    expect(await tenure([...args, ...asked])).toMatchObject({ code: 1 });
    expect(await tenure(args)).toMatchObject({ code: 0 });
  });
});

test('a wrong line of a witness that is asked for makes the checkpoint wrong', async () => {
  const files = logFiles([deletionEntry(0)]);
  const note = Buffer.from(files.get('checkpoint') ?? []).toString();
  files.set('checkpoint', Buffer.from(note + w1.line('another text\n')));
  const other = join(folder, 'other');
  await writeLog(other, files);
  const run = (...args: readonly string[]) => tenure(['log', 'audit', '--log', other, '--key', KEY, ...args]);
  expect(await run(...asking(W1))).toMatchObject({
    code: 1,
    out: expect.stringContaining('checkpoint has a line of one of the witnesses that does not fit') as string,
  });
  expect(await run()).toMatchObject({ code: 0 });
});
