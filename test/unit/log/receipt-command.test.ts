import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { receiptFromLog } from '../../../cli/log-commands/receipt-from-log.ts';
import { vkeyOf } from '../../../shared/domain/log/note.ts';
import { deletionEntry, logFiles, refOf, withPage, writeLog } from '../../support/log/generated-log.ts';
import { memorySource } from '../../support/log/memory-source.ts';
import { testKey } from '../../support/log/note-keys.ts';
import { tenure } from '../../support/run-tenure.ts';

const VKEY = vkeyOf(testKey().key);
const REFS = Array.from({ length: 9 }, (_none, n) => refOf(`record ${n}`)).toSorted();
const PAGED = 260;
const NASTY = '<script>alert("1")</script> & \'x\'';

let folder = '';
const inFolder = (name: string): string => join(folder, name);
const files = logFiles(
  Array.from({ length: 300 }, (_none, n) => {
    if (n === PAGED) return withPage(deletionEntry(n), REFS);
    return n === 4 ? deletionEntry(n, { rule: NASTY, store: NASTY, categories: [NASTY] }) : deletionEntry(n);
  }),
  { pages: new Map([[PAGED, REFS]]) },
);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tenure-receipt-'));
  await writeLog(folder, files);
});
afterAll(() => rm(folder, { recursive: true }));

const receipt = (...args: readonly string[]) => tenure(['log', 'receipt', '--log', folder, ...args]);
const verify = (...args: readonly string[]) => tenure(['log', 'verify', ...args]);

describe('tenure log receipt', () => {
  it('makes a file that tenure log verify accepts without a network', async () => {
    const out = inFolder('receipt-7');
    expect(await receipt('7', '--out', out, '--key', VKEY)).toEqual({ code: 0, out: '', err: '' });
    const { code, out: said } = await verify(out, '--key', VKEY);
    expect([code, said]).toEqual([
      0,
      expect.stringContaining(`entry 7 of the 300 entries of ${testKey().key.name}`),
    ]);
    expect((await readFile(out)).length).toBeLessThan(4000);
  });

  it('writes to standard output, and says that no signature was checked', async () => {
    const { code, out, err } = await receipt('0');
    expect([code, JSON.parse(out)]).toMatchObject([0, { format: 'tenure-receipt/1', index: 0 }]);
    expect(err).toContain('The signature was not checked');
  });

  it('of one record of a page names the record, and proves that it is in the page', async () => {
    const out = inFolder('receipt-record');
    await receipt(String(PAGED), '--record', REFS[4] ?? '', '--out', out);
    const { code, out: said } = await verify(out, '--key', VKEY, '--json');
    expect([code, JSON.parse(said)]).toMatchObject([0, { ok: true, index: PAGED, record: REFS[4] }]);
    expect(await receipt(String(PAGED), '--record', refOf('none'))).toMatchObject({ code: 2 });
    expect(await receipt('7', '--record', refOf('none'))).toMatchObject({ code: 2 });
  });

  it('of a record is found in a log with very many lists before its own', async () => {
    const before = Array.from({ length: 200_000 }, (_none, n) => `lists/${'0'.repeat(20)}-${n}`);
    const source = memorySource(
      new Map([...files, ...before.map((name) => [name, Buffer.alloc(0)] as const)]),
    );
    const made = await receiptFromLog(source, { index: PAGED, ref: REFS[4] });
    expect(made.receipt.record).toMatchObject({ ref: REFS[4], index: 4 });
  });

  it('is not made of a log whose tiles do not lead to its root', async () => {
    const wrong = await mkdtemp(join(tmpdir(), 'tenure-wrong-'));
    const name = 'tile/0/000';
    const bytes = Buffer.from(files.get(name) ?? []);
    bytes[6 * 32] = (bytes[6 * 32] ?? 0) ^ 1;
    await writeLog(wrong, new Map([...files, [name, bytes]]));
    const out = join(wrong, 'receipt');
    const { code, err } = await tenure(['log', 'receipt', '7', '--log', wrong, '--out', out]);
    expect([code, err]).toEqual([1, expect.stringContaining('No receipt was written')]);
    await expect(readFile(out)).rejects.toThrow('ENOENT');
    await rm(wrong, { recursive: true });
  });

  it('overwrites no file, and is used wrongly without a number that the log has', async () => {
    const out = inFolder('there');
    await writeFile(out, 'mine');
    expect(await receipt('7', '--out', out)).toMatchObject({ code: 2 });
    expect(await readFile(out, 'utf8')).toBe('mine');
    for (const index of ['300', '-1', 'x', '007']) expect((await receipt(index)).code).toBe(2);
  });

  it('reads a log that is served', async () => {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      const path = (request.url ?? '').replace('/the/log/', '');
      asked.push(path);
      const bytes = files.get(path);
      response.writeHead(bytes === undefined ? 404 : 200).end(bytes);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/the/log`;
    const made = await tenure(['log', 'receipt', '7', '--log', url, '--key', VKEY]);
    const audited = await tenure(['log', 'audit', '--log', url, '--key', VKEY]);
    server.close();
    expect(made.code).toBe(0);
    expect(asked.slice(0, 4)).toEqual(['checkpoint', 'tile/entries/000', 'tile/0/000', 'tile/0/001.p/44']);
    expect(audited).toMatchObject({
      code: 0,
      err: expect.stringContaining('lists/ were not looked at') as unknown,
    });
  });
});

describe('tenure log verify', () => {
  it('ends with 1 and says what is wrong first', async () => {
    const out = inFolder('receipt-9');
    await receipt('9', '--out', out);
    const text = await readFile(out, 'utf8');
    const changed = inFolder('changed');
    await writeFile(changed, text.replace('"index":9', '"index":10'));
    expect(await verify(changed, '--key', VKEY)).toMatchObject({
      code: 1,
      out: expect.stringContaining(
        'has hashes that do not lead from its entry to the signed root',
      ) as unknown,
    });
    expect(await verify(out, '--key', vkeyOf(testKey('other', 1).key), '--json')).toMatchObject({ code: 1 });
    expect(await verify(out, '--key', vkeyOf(testKey('other', 1).key), '--key', VKEY)).toMatchObject({
      code: 0,
    });
  });

  it('is used wrongly with a file that is not JSON, without a key, or with what is not a key', async () => {
    const text = inFolder('text');
    await writeFile(text, 'no JSON');
    expect((await verify(text, '--key', VKEY)).code).toBe(2);
    expect((await verify(text)).code).toBe(2);
    expect((await verify(text, '--key', 'no-key')).code).toBe(2);
    expect((await verify(text, '--key', text)).code).toBe(2);
    expect((await verify(inFolder('none'), '--key', VKEY)).code).toBe(2);
  });
});

describe('a certificate', () => {
  it('says what was done, when, by which rule and how to check it, with nothing of a stranger as HTML', async () => {
    const html = inFolder('page.html');
    expect(await receipt('4', '--html', html, '--key', VKEY)).toMatchObject({ code: 0 });
    const page = await readFile(html, 'utf8');
    expect(page).not.toContain('<script');
    for (const text of [
      'was deleted',
      '2026-03-01 10:00:01 UTC',
      '&lt;script&gt;',
      'tenure log verify',
      VKEY,
    ])
      expect(page).toContain(text);
  });

  it('is written only of what was checked', async () => {
    expect(await receipt('4', '--html', inFolder('none.html'))).toMatchObject({ code: 2 });
    const other = vkeyOf(testKey('other', 1).key);
    expect(await receipt('4', '--html', inFolder('none.html'), '--key', other)).toMatchObject({ code: 1 });
    await expect(readFile(inFolder('none.html'))).rejects.toThrow('ENOENT');
  });
});
