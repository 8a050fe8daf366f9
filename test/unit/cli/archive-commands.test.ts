import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { listenOnLoopback, type LocalServer } from '../../../local/engines/loopback.ts';
import { layoutOf } from '../../../shared/domain/export/layout.ts';
import type { RequestRef } from '../../../shared/domain/record/ids.ts';
import { credentialsOf, servedWorld } from '../../support/api-server.ts';
import { apiWorld } from '../../support/api-world.ts';
import { aPiece, contentsOf, patterned, written } from '../../support/export/archive-samples.ts';
import { tenure } from '../../support/run-tenure.ts';

const PIECES = [
  aPiece(1, Buffer.from('[{"data":{"name":"A"}}]')),
  aPiece(2, patterned(70_000, 9), 'pdf'),
  aPiece(3, new Uint8Array(), 'txt'),
];
const LAYOUT = layoutOf(
  contentsOf(
    PIECES.map(({ file }) => file),
    { leftOut: [{ store: 'crm', categories: ['contact'], reason: 'gone', records: 2 }] },
  ),
);
const ARCHIVE = written(LAYOUT.segments(), PIECES);

let folder = '';
let into = '';
let server: Awaited<ReturnType<typeof servedWorld>>;
let bucket: LocalServer;
let request = '';
/** How the bucket answers a link. */
let answerWith: (response: ServerResponse) => void;
let served: Buffer;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tenure-copy-'));
  into = join(folder, 'copy.tar');
  served = ARCHIVE;
  answerWith = (response) => response.end(served);
  bucket = await listenOnLoopback(createServer((_, response) => answerWith(response)));
  const world = apiWorld();
  const link = async (): Promise<string> => `${bucket.endpoint}/archives/a.tar`;
  server = await servedWorld({ ...world, exports: { ...world.exports, link } });
  ({ request } = await filed());
});
afterEach(async () => {
  await server.stop();
  await bucket.stop();
  await rm(folder, { recursive: true, force: true });
});

async function filed(): Promise<{ readonly request: string }> {
  const { out } = await run('--json', 'request', 'export', 'person', 'p-1', '--id', 't-1', '--execute');
  const { request: one } = JSON.parse(out) as { request: { request: string } };
  const found = (await server.registry.requests([one.request as RequestRef])).values().next().value;
  if (found === undefined) throw new Error('the request is not on record');
  const now = server.clock.now();
  const { bytes, manifestSha256, records, leftOut } = LAYOUT;
  const archive = { bytes, manifestSha256, records, leftOut, at: now, until: now + 86_400_000 };
  await server.registry.putRequest({
    ...found,
    version: found.version + 1,
    export: { id: 'x'.repeat(22), step: 'ready', startedAt: now, reached: [], parts: {}, archive },
  });
  return one;
}

function environment(): Record<string, string> {
  const { accessKeyId, secretAccessKey } = credentialsOf('operator');
  return { TENURE_URL: server.url, AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
}

async function run(...args: readonly string[]) {
  return tenure(args, environment(), () => server.clock.now());
}
const download = (...more: readonly string[]) => run('request', 'download', request, '--into', into, ...more);
const files = () => readdir(folder);

describe('tenure request show', () => {
  test('says how far a copy is, and until when it can be fetched', async () => {
    const { out } = await run('request', 'show', request);
    expect(out).toContain(
      `copy ready: ${LAYOUT.records} records, ${ARCHIVE.length} bytes, 2 records left out, to be fetched until 2026-03-02T10:00:00.000Z`,
    );
  });
});

describe('tenure request download', () => {
  test('writes the archive, for its owner only, and says what is in it and what is not', async () => {
    const { code, out } = await download();
    expect(code).toBe(0);
    expect(await readFile(into)).toEqual(ARCHIVE);
    expect((await stat(into)).mode & 0o777).toBe(0o600);
    expect(await files()).toEqual(['copy.tar']);
    expect(out).toContain('every file is right');
    expect(out).toContain('3 files with 3 records and 70023 bytes');
    expect(out).toMatch(/crm\s+contact\s+gone\s+2/);
  });

  test('answers with JSON, too', async () => {
    const { out } = await download('--json');
    const { manifestSha256 } = LAYOUT;
    expect(JSON.parse(out)).toMatchObject({
      file: into,
      kind: 'whole',
      manifestSha256,
      files: 3,
      records: 3,
    });
  });

  test('replaces no file, and fetches nothing then, unless it is forced', async () => {
    await writeFile(into, 'mine');
    answerWith = () => expect.unreachable();
    const refused = await download();
    expect([refused.code, refused.err]).toEqual([2, expect.stringContaining('add --force')]);
    expect(await readFile(into, 'utf8')).toBe('mine');
    answerWith = (response) => response.end(served);
    expect((await download('--force')).code).toBe(0);
    expect(await readFile(into)).toEqual(ARCHIVE);
    expect(await files()).toEqual(['copy.tar']);
  });

  test('replaces no file that another process makes meanwhile', async () => {
    answerWith = (response) => void writeFile(into, 'mine').then(() => response.end(served));
    expect((await download()).code).toBe(2);
    expect(await readFile(into, 'utf8')).toBe('mine');
    expect(await files()).toEqual(['copy.tar']);
  });

  const other = written(layoutOf(contentsOf([])).segments(), []);
  const changed = Buffer.from(ARCHIVE);
  changed[ARCHIVE.length - 2000] = 1;
  test.each([
    [
      'a file that was changed',
      changed,
      'a file is not as it was when the copy was made (files/scans/0001-002.pdf)',
    ],
    ['only its beginning', ARCHIVE.subarray(0, 30_000), 'it ends too early'],
    ['something after its end', Buffer.concat([ARCHIVE, Buffer.from('x')]), 'there is more in it'],
    ['another copy', other, 'it is another copy'],
    ['something else', Buffer.from('<html>'), 'it is not a copy'],
    ['nothing', Buffer.alloc(0), 'it is not a copy'],
  ])('writes no file when the bucket answers %s, and ends with 1', async (_, answer, said) => {
    served = answer;
    const { code, err } = await download();
    expect([code, err]).toEqual([1, expect.stringContaining(said)]);
    expect(err).toContain('was not written');
    expect(await files()).toEqual([]);
  });

  test('does not touch the file that it was to replace when the new one is not right', async () => {
    await writeFile(into, 'mine');
    served = changed;
    expect((await download('--force')).code).toBe(1);
    expect(await readFile(into, 'utf8')).toBe('mine');
    expect(await files()).toEqual(['copy.tar']);
  });

  test.each([
    [403, 'FORBIDDEN'],
    [404, 'NOT_FOUND'],
    [302, 'UNREACHABLE'],
    [500, 'ANSWER_INVALID'],
  ])('leaves no file when the bucket answers %i', async (status, said) => {
    answerWith = (response) =>
      response.writeHead(status, { location: 'https://elsewhere.invalid/' }).end('no');
    const { code, err } = await download();
    expect([code, err]).toEqual([3, expect.stringContaining(said)]);
    expect(await files()).toEqual([]);
  });

  test('leaves no file when the connection ends too early', async () => {
    answerWith = (response) => {
      response.writeHead(200, { 'content-length': String(ARCHIVE.length) });
      response.write(ARCHIVE.subarray(0, 20_000), () => response.destroy());
    };
    const { code, err } = await download();
    expect([code, err]).toEqual([3, expect.stringContaining('UNREACHABLE')]);
    expect(await files()).toEqual([]);
  });

  test.each([['nowhere/copy.tar'], ['.']])('says so when %s cannot be written', async (path) => {
    const { code, err } = await run('request', 'download', request, '--into', join(folder, path), '--force');
    expect([code, err]).toEqual([2, expect.stringContaining('could not be written')]);
    expect(await files()).toEqual([]);
  });

  test('that is interrupted leaves no file', async () => {
    const arrived = Promise.withResolvers<void>();
    answerWith = (response) => {
      response.writeHead(200);
      response.write(ARCHIVE.subarray(0, 20_000), () => arrived.resolve());
    };
    const child = spawn(
      process.execPath,
      [join(import.meta.dirname, '../../../cli/tenure.ts'), 'request', 'download', request, '--into', into],
      { env: { ...process.env, ...environment(), AWS_REGION: 'eu-central-1' }, stdio: 'ignore' },
    );
    const ended = once(child, 'exit');
    await arrived.promise;
    while ((await files()).length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(await files()).not.toContain('copy.tar');
    child.kill('SIGINT');
    expect(await ended).toEqual([130, null]);
    expect(await files()).toEqual([]);
  });
});

describe('tenure request verify', () => {
  test('checks a file without the API', async () => {
    await writeFile(into, ARCHIVE);
    const right = await tenure(['request', 'verify', into]);
    expect([right.code, right.out]).toEqual([0, expect.stringContaining('every file is right')]);
    await writeFile(into, changed());
    const wrong = await tenure(['request', 'verify', into]);
    expect([wrong.code, wrong.err]).toEqual([1, expect.stringContaining('Do not use it')]);
    const json = await tenure(['--json', 'request', 'verify', into]);
    expect([json.code, JSON.parse(json.out)]).toEqual([
      1,
      { file: into, kind: 'broken', fault: 'file-changed', path: 'files/scans/0001-002.pdf' },
    ]);
  });

  test('checks that it is the one of a request, if its manifest is named', async () => {
    await writeFile(into, ARCHIVE);
    const { manifestSha256 } = LAYOUT;
    const right = await tenure(['request', 'verify', into, '--manifest', manifestSha256.toUpperCase()]);
    expect(right.code).toBe(0);
    const wrong = await tenure(['request', 'verify', into, '--manifest', '00'.repeat(32)]);
    expect([wrong.code, wrong.err]).toEqual([1, expect.stringContaining('another copy')]);
  });

  test.each([['nowhere.tar'], ['.']])('says so when %s is not a file', async (path) => {
    const { code, err } = await tenure(['request', 'verify', join(folder, path)]);
    expect([code, err]).toEqual([2, expect.stringMatching(/could not be read|is not a file/)]);
  });

  function changed(): Buffer {
    const bytes = Buffer.from(ARCHIVE);
    bytes[ARCHIVE.length - 2000] = 1;
    return bytes;
  }
});
