import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ERROR_CODES } from '../../../shared/contract/error-codes.ts';
import { credentialsOf, servedWorld } from '../../support/api-server.ts';
import { apiWorld } from '../../support/api-world.ts';
import { tenure } from '../../support/run-tenure.ts';

const MARKER = 'zoe.marker@example.org';
let folder: string;
let server: Awaited<ReturnType<typeof servedWorld>>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tenure-application-'));
  server = await servedWorld(apiWorld());
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

async function asShop(args: readonly string[], input = '') {
  const { accessKeyId, secretAccessKey } = credentialsOf('shop');
  const env = {
    TENURE_URL: server.url,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
  };
  return tenure(args, env, () => server.clock.now(), input);
}

async function fileWith(content: unknown): Promise<string> {
  const file = join(folder, 'items.json');
  await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

const holding = (number: number) => ({
  store: 'orders',
  locator: [`shop/${number}`],
  categories: ['profile'],
  purposes: ['login'],
  entities: [{ type: 'account', id: MARKER }],
});
const foreign = { ...holding(1), locator: ['other/1'] };

describe('tenure register, withdraw and send', () => {
  test('take a list from a file, however long, in requests that the API takes', async () => {
    const file = await fileWith(Array.from({ length: 250 }, (_, number) => holding(number)));
    expect(await asShop(['register', file])).toEqual({
      code: 0,
      out: '',
      err: '250 accepted, 0 rejected.\n',
    });
  });

  test('take a list from standard input', async () => {
    const event = {
      specversion: '1.0',
      id: 'e-1',
      source: 'shop.example',
      type: 'account.disconnected',
      data: { entity: { type: 'account', id: MARKER }, occurred: '2026-02-28' },
    };
    expect(await asShop(['send', '-'], JSON.stringify([event]))).toEqual({
      code: 0,
      out: '',
      err: '1 accepted, 0 rejected.\n',
    });
  });

  test('name each item that was rejected by its place in the list, and never what is in it', async () => {
    const list = Array.from({ length: 101 }, (_, number) => holding(number));
    const file = await fileWith([...list, foreign]);
    const { code, out, err } = await asShop(['register', file]);
    expect(code).toBe(1);
    expect(out.split('\n')).toEqual([
      expect.stringMatching(/^item +code +at +what$/),
      expect.stringMatching(/^101 +LOCATOR_NOT_GRANTED +/),
      '',
    ]);
    expect(err).toBe('101 accepted, 1 rejected.\n');
    expect(out + err).not.toContain(MARKER);
  });

  test('are one JSON document with --json', async () => {
    const file = await fileWith([holding(1), foreign]);
    const { out } = await asShop(['register', file, '--json']);
    expect(JSON.parse(out)).toMatchObject({
      results: [
        { index: 0, status: 'accepted' },
        { index: 1, status: 'rejected', code: 'LOCATOR_NOT_GRANTED' },
      ],
    });
  });

  test('tell the same of a list of which nothing was taken', async () => {
    const { code, out, err } = await asShop(['register', await fileWith([foreign])]);
    expect(code).toBe(1);
    expect(out).toMatch(/^0 +LOCATOR_NOT_GRANTED +/m);
    expect(err).toBe('0 accepted, 1 rejected.\n');
  });

  test('withdraw what was registered', async () => {
    const file = await fileWith([{ store: 'orders', locator: ['shop/1'] }]);
    expect((await asShop(['withdraw', file])).err).toBe('1 accepted, 0 rejected.\n');
  });

  test.for([
    ['{"store": "orders"}', 'is not a JSON list with at least one item: write [ … ] around the items.'],
    ['[]', 'is not a JSON list with at least one item: write [ … ] around the items.'],
    [`[{"id": 1, "id": "${MARKER}"}]`, `at 0.id: ${ERROR_CODES.JSON_NAME_TWICE}`],
  ])('refuse %s without quoting it', async ([content, message]) => {
    const file = await fileWith(content);
    expect(await asShop(['send', file])).toEqual({ code: 2, out: '', err: `${file} ${message}\n` });
  });

  test.for([
    ['[\n  { "id": "e-1" }\n  { "id": "e-2" }\n]', ':3:3 is not valid JSON: correct it.'],
    [`[{'id': '${MARKER}'}]`, ':1:3 is not valid JSON: correct it.'],
    [`[{"id": "${MARKER}"`, ':1:33 is not valid JSON: correct it.'],
    [' \r\n', ' is empty: write JSON into it.'],
  ])('say where a file stops being JSON: %j', async ([content, message]) => {
    const file = await fileWith(content);
    expect(await asShop(['send', file])).toEqual({ code: 2, out: '', err: `${file}${message}\n` });
  });

  test('refuse a file that is not there', async () => {
    expect((await asShop(['send', 'nowhere.json'])).err).toBe(
      'nowhere.json could not be read: check the path and your permission.\n',
    );
  });
});
