import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { vkeyOf } from '../../../shared/domain/log/note.ts';
import { verifyReceipt } from '../../../shared/domain/log/receipt.ts';
import { packList } from '../../../shared/domain/record/page-list.ts';
import { credentialsOf, servedWorld } from '../../support/api-server.ts';
import { apiWorld } from '../../support/api-world.ts';
import { droppedLog } from '../../support/log/dropped-log.ts';
import { deletionEntry, type LogFiles, logFiles, refOf, withPage } from '../../support/log/generated-log.ts';
import { testKey } from '../../support/log/note-keys.ts';
import { tenure } from '../../support/run-tenure.ts';

const keys = [testKey().key];
const VKEY = vkeyOf(testKey().key);
const REFS = Array.from({ length: 5 }, (_none, n) => refOf(`record ${n}`)).toSorted();
const PAGED = 290;
const paged = withPage(deletionEntry(PAGED), REFS);
const files = logFiles(Array.from({ length: 300 }, (_none, n) => (n === PAGED ? paged : deletionEntry(n))));

/** An API over a log with these objects. */
async function worldWith(log: LogFiles) {
  const world = apiWorld();
  for (const [key, bytes] of log)
    if (key === 'checkpoint')
      await world.bucket.putCheckpoint(Buffer.from(bytes).toString('utf8'), undefined);
    else await world.bucket.putIfAbsent(key, bytes);
  const { root, list } = packList(REFS);
  await world.registry.putResult({
    token: paged.token,
    store: 'notes',
    entries: [paged],
    lines: [],
    lists: { [root]: list },
  });
  return world;
}

const at = (index: number | string, query = ''): string => `/v1/log/entries/${index}/receipt${query}`;

describe('GET /v1/log/entries/{index}/receipt', () => {
  test('answers with a receipt of any entry that is right by the key of the log alone', async () => {
    const world = await worldWith(files);
    for (const index of [0, 255, 256, 299]) {
      const { status, body, text } = await world.call('auditor', at(index));
      expect([status, verifyReceipt(body, keys)]).toMatchObject([200, { ok: true, receipt: { index } }]);
      expect(text.length).toBeLessThan(4000);
    }
  });

  test('answers with the receipt of one record of a page', async () => {
    const world = await worldWith(files);
    const { status, body } = await world.call('operator', at(PAGED, `?record=${REFS[3]}`));
    expect(status).toBe(200);
    expect(verifyReceipt(body, keys)).toMatchObject({ ok: true, receipt: { record: { ref: REFS[3] } } });
    for (const wrong of [at(PAGED, `?record=${refOf('other')}`), at(7, `?record=${REFS[3]}`)])
      expect(await world.call('auditor', wrong)).toMatchObject({
        status: 404,
        body: { code: 'RECORD_NOT_IN_ENTRY', path: 'record' },
      });
  });

  test('answers 410 for an entry that the log has dropped, and with receipts of all that are left', async () => {
    const world = await worldWith(droppedLog(600, 512));
    expect(await world.call('auditor', at(511))).toMatchObject({
      status: 410,
      body: { code: 'ENTRY_DROPPED', path: 'index' },
    });
    const { status, body } = await world.call('auditor', at(512));
    expect([status, verifyReceipt(body, keys)]).toMatchObject([200, { ok: true }]);
  });

  test('is not for producers', async () => {
    const world = await worldWith(files);
    expect((await world.call('shop', at(0))).status).toBe(403);
  });

  test('of an entry that is not signed yet says so, also where nothing is', async () => {
    const refused = { status: 404, body: { code: 'ENTRY_NOT_SIGNED', path: 'index' } };
    expect(await (await worldWith(files)).call('auditor', at(300))).toMatchObject(refused);
    expect(await (await worldWith(new Map())).call('auditor', at(0))).toMatchObject(refused);
  });

  test.each(['-1', '007', 'x', '1e3', '1.5', '%00', '9007199254740993'])(
    'of the index %s is refused',
    async (index) => {
      const world = await worldWith(files);
      expect(await world.call('auditor', at(index))).toMatchObject({
        status: 400,
        body: { code: 'BODY_INVALID', path: 'index' },
      });
    },
  );

  test.each(['tile/0/000', 'tile/entries/000', 'tile/0/001.p/44'])(
    'is not given out if %s is missing or has other bytes',
    async (path) => {
      const bytes = Buffer.from(files.get(path) ?? []);
      for (let at = 40; at < 64; at += 1) bytes[at] = 0;
      const without = new Map(files);
      without.delete(path);
      for (const wrong of [without, new Map([...files, [path, bytes]])]) {
        const world = await worldWith(wrong);
        const answer = await world.call('auditor', at(0));
        expect(answer).toMatchObject({ status: 500, body: { code: 'LOG_UNREADABLE' } });
      }
    },
  );
});

describe('tenure log receipt without --log', () => {
  let api: Awaited<ReturnType<typeof servedWorld>>;
  beforeAll(async () => {
    api = await servedWorld(await worldWith(files));
  });
  afterAll(() => api.stop());

  const receipt = (...args: readonly string[]) => {
    const { accessKeyId, secretAccessKey } = credentialsOf('auditor');
    return tenure(['log', 'receipt', ...args], {
      TENURE_URL: api.url,
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
    });
  };

  test('asks the API, and checks what it answered', async () => {
    const { code, out } = await receipt('7', '--key', VKEY);
    expect([code, verifyReceipt(JSON.parse(out), keys)]).toMatchObject([0, { ok: true }]);
    const record = await receipt(String(PAGED), '--record', REFS[0] ?? '');
    expect(JSON.parse(record.out)).toMatchObject({ record: { ref: REFS[0] } });
    const other = vkeyOf(testKey('other', 1).key);
    expect((await receipt('7', '--key', other)).code).toBe(1);
    expect(await receipt('7', '--list', 'file')).toMatchObject({ code: 2 });
    expect(await receipt('300')).toMatchObject({ code: 3, err: expect.stringContaining('no entry') });
  });
});
