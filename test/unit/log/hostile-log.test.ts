import { execFileSync } from 'node:child_process';
import { hash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { auditLog } from '../../../cli/log-commands/audit-log.ts';
import { certificate } from '../../../cli/log-commands/certificate.ts';
import { receiptFromLog } from '../../../cli/log-commands/receipt-from-log.ts';
import { canonicalJson } from '../../../shared/domain/canonical-json.ts';
import { openNote, vkeyOf } from '../../../shared/domain/log/note.ts';
import { receiptText, verifyReceipt } from '../../../shared/domain/log/receipt.ts';
import type { NoteEntry } from '../../../shared/domain/record/entry.ts';
import { faultOf } from '../../support/log/audited.ts';
import {
  deletionEntry,
  logFiles,
  refOf,
  shortEntry,
  treeFiles,
  withPage,
  writeLog,
} from '../../support/log/generated-log.ts';
import { memorySource } from '../../support/log/memory-source.ts';
import { signedCheckpoint, testKey } from '../../support/log/note-keys.ts';
import { tenure } from '../../support/run-tenure.ts';

const keys = [testKey().key];
const VKEY = vkeyOf(testKey().key);
const REFS = [refOf('a'), refOf('b')].toSorted();
const three = logFiles([deletionEntry(0), deletionEntry(1), shortEntry(2)], { batch: 2 });

describe('an entry that somebody else wrote', () => {
  it('is not read as UTF-8 where it is not', async () => {
    const leaf = Buffer.from(canonicalJson(deletionEntry(0, { rule: '~' })));
    leaf[leaf.indexOf('~')] = 0xff;
    expect(await faultOf(treeFiles([leaf]))).toContain('is not JSON in UTF-8');
    await expect(receiptFromLog(memorySource(treeFiles([leaf])), { index: 0 })).rejects.toThrow(
      'cannot be read',
    );
  });

  it('with a member that schemas leave out without a word is of an unknown form', async () => {
    const leaf = canonicalJson(deletionEntry(0)).replace('{', '{"__proto__":{"a":1},');
    expect(await faultOf(treeFiles([Buffer.from(leaf)]))).toContain('form');
    const { receipt } = await receiptFromLog(memorySource(three), { index: 0 });
    const text = receiptText(receipt);
    const changed: unknown = JSON.parse(text.replace('"entry":{', '"entry":{"__proto__":{"a":1},'));
    expect(JSON.stringify(changed)).toContain('__proto__');
    expect(verifyReceipt(JSON.parse(text), keys).ok).toBe(true);
    expect(verifyReceipt(changed, keys).ok).toBe(false);
  });

  it('that is nested too deep for a receipt gives none', async () => {
    const deep = `{"a":${'['.repeat(5000)}${']'.repeat(5000)}}`;
    const source = memorySource(treeFiles([Buffer.from(deep)]));
    await expect(receiptFromLog(source, { index: 0 })).rejects.toThrow('cannot be read');
  });

  it('that is not about an attempt is told in its certificate as what it is', async () => {
    const late: NoteEntry = {
      v: 2,
      token: 't1',
      did: 'disposed-before-fact',
      at: '2026-03-01T10:00:00.000Z',
      holding: refOf('h'),
      generation: 1,
      store: 'notes',
      stages: [],
      software: 's',
    };
    const newer = { ...deletionEntry(1), memberOfALaterVersion: 1 };
    const source = memorySource(logFiles([late, newer]));
    const pages = [];
    for (const index of [0, 1]) {
      const verified = verifyReceipt((await receiptFromLog(source, { index })).receipt, keys);
      pages.push(verified.ok ? certificate(verified) : verified.fault);
    }
    expect(pages[0]).toContain('a record in the store “notes” had been disposed of before it');
    expect(pages[1]).toContain('does not know the form of this entry');
  });
});

it('a key that is given twice has signed once', () => {
  const note = signedCheckpoint({ size: 0, root: Buffer.alloc(32) });
  const opened = openNote(note, [testKey().key, testKey().key]);
  expect(opened).toMatchObject({ ok: true, signers: { length: 1 } });
});

it('where only a tile above the leaves was changed, the kept checkpoint that it does not lead to is named', async () => {
  const large = logFiles(Array.from({ length: 65_540 }, (_none, n) => shortEntry(n)));
  large.set('tile/1/000', Buffer.alloc(256 * 32));
  const note = signedCheckpoint({ size: 65_538, root: Buffer.alloc(32) });
  const audited = await auditLog(memorySource(large), { keys, since: { file: 'kept', note } });
  expect(audited).toMatchObject({ ok: false, fault: { file: 'kept' } });
});

describe('a batch that never came into the log', () => {
  it('may have left a list for the place of another one: the receipt is made of the right list', async () => {
    const files = logFiles([deletionEntry(0), withPage(deletionEntry(1), REFS)], {
      pages: new Map([[1, REFS]]),
    });
    const line = `${JSON.stringify({ index: 1, records: [refOf('other')], root: 'x' })}\n`;
    // Whichever name comes first: both orders are tried.
    for (let more = 0; more < 8; more += 1) {
      const bytes = Buffer.from(line + '\n'.repeat(more));
      const both = new Map([...files, [`lists/${'0'.repeat(20)}-${hash('sha256', bytes)}`, bytes]]);
      const made = await receiptFromLog(memorySource(both), { index: 1, ref: REFS[0] });
      expect(made.receipt.record).toMatchObject({ ref: REFS[0] });
    }
  });
});

describe('a folder that is not a copy of a log', () => {
  it('has files under entries/ that are named', async () => {
    const bytes = three.get('entries/00000000000000000000') ?? Buffer.alloc(0);
    for (const name of ['.DS_Store', 'zzz', '00000000000000000001', '00000000000000000000 (1)'])
      expect(await faultOf(new Map([...three, [`entries/${name}`, bytes]]))).toContain(`entries/${name} is`);
  });

  it('with a folder or a pipe in place of a file, or a file in place of a folder, is used wrongly', async () => {
    const folder = async (): Promise<string> => {
      const place = await mkdtemp(join(tmpdir(), 'tenure-hostile-'));
      onTestFinished(() => rm(place, { recursive: true }));
      await writeLog(place, three);
      return place;
    };
    const audit = (log: string) => tenure(['log', 'audit', '--log', log, '--key', VKEY]);
    const withFolder = await folder();
    await rm(join(withFolder, 'checkpoint'));
    await mkdir(join(withFolder, 'checkpoint'));
    expect(await audit(withFolder)).toMatchObject({ code: 2, err: expect.stringContaining('not a file') });
    const withPipe = await folder();
    await rm(join(withPipe, 'checkpoint'));
    execFileSync('mkfifo', [join(withPipe, 'checkpoint')]);
    expect(await audit(withPipe)).toMatchObject({ code: 2, err: expect.stringContaining('not a file') });
    const withFile = await folder();
    await rm(join(withFile, 'entries'), { recursive: true });
    await writeFile(join(withFile, 'entries'), 'x');
    expect(await audit(withFile)).toMatchObject({ code: 2, err: expect.stringContaining('not a folder') });
  });
});

describe('a server that does not give a log', () => {
  async function audited(listener: RequestListener) {
    const server = createServer(listener);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const { port } = server.address() as AddressInfo;
    return tenure(['log', 'audit', '--log', `http://127.0.0.1:${port}/log`, '--key', VKEY]);
  }

  it.each<[string, RequestListener, number, string]>([
    [
      'that ends too early',
      (_request, response) => {
        response.writeHead(200, { 'content-length': '1000' }).write('abc', () => response.destroy());
      },
      2,
      'did not send all of it',
    ],
    [
      'that packs what cannot be unpacked',
      (_request, response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end('xxxx'),
      2,
      'did not send all of it',
    ],
    [
      'that never ends',
      (_request, response) => {
        response.writeHead(200);
        const goOn = (): void => void response.write(Buffer.alloc(1_000_000), (error) => error ?? goOn());
        goOn();
      },
      2,
      'sends more than',
    ],
    ['that is forbidden', (_request, response) => void response.writeHead(403).end(), 2, 'answered 403'],
    ['that is a page', (_request, response) => void response.writeHead(200).end('<html>'), 1, 'checkpoint'],
    [
      'that leads to itself',
      ({ url = '' }, response) => void response.writeHead(302, { location: url }).end(),
      2,
      'checkpoint',
    ],
  ])('but an answer %s is told as that', async (_what, listener, code, text) => {
    const { out, err, code: exit } = await audited(listener);
    expect([exit, out + err]).toEqual([code, expect.stringContaining(text)]);
  });
});
