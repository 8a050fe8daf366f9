import { gunzipSync, gzipSync } from 'node:zlib';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Masks } from '../../../shared/domain/record/masks.ts';
import type { Store } from '../../../shared/ports/store.ts';
import { MARKER } from '../store/store-bench.ts';
import { looked, outcomesOf, statesOf } from '../store/store-rig.ts';
import { type OpenOptions, put, type S3Bench, s3Bench, textOf, versionIds } from '../store/store-s3-bench.ts';

const CLEAR: Masks = { mail: { kind: 'null' } };
const KEPT = ['kept'];
const LOCATOR = ['a'];

let bench: S3Bench;
let bucket: string;
beforeAll(async () => {
  bench = await s3Bench();
  bucket = await bench.bucket('Enabled');
});
afterAll(() => bench.stop());

interface Scene {
  readonly store: Store;
  readonly write: (body: string | Uint8Array, headers?: Headers) => Promise<void>;
  readonly bytes: () => Promise<Buffer>;
}
type Headers = { readonly ContentType?: string; readonly ContentEncoding?: string };

async function using(options: OpenOptions, body: (scene: Scene) => Promise<void>, Key = 'a'): Promise<void> {
  const store = await bench.open(bucket, options);
  try {
    await body({
      store,
      async write(Body, headers = {}) {
        const old = await versionIds(bench.client, bucket, Key);
        if (old.length > 0) await store.delete([{ locator: [Key] }]);
        await put(bench.client, {
          Bucket: bucket,
          Key,
          Body,
          ContentLength: Buffer.byteLength(Body),
          ...headers,
        });
      },
      bytes: async () => {
        const { Body } = await bench.client.send(new GetObjectCommand({ Bucket: bucket, Key }));
        return Buffer.from((await Body?.transformToByteArray()) ?? []);
      },
    });
  } finally {
    await store.close();
  }
}

async function expectUntouched(store: Store, masks: Masks, locator = LOCATOR): Promise<void> {
  expect(outcomesOf(await store.anonymise(await looked(store, [locator]), masks))).toEqual(['already-so']);
  expect(statesOf(await store.readBack([{ locator, expect: 'masked', masks }]))).toEqual(KEPT);
}

async function expectMasked(store: Store, masks: Masks, locator = LOCATOR): Promise<void> {
  const readBack = [{ locator, expect: 'masked', masks } as const];
  expect(statesOf(await store.readBack(readBack))).toEqual(['broken']);
  expect(outcomesOf(await store.anonymise(await looked(store, [locator]), masks))).toEqual(['anonymised']);
  expect(await versionIds(bench.client, bucket, locator[0] ?? '')).toHaveLength(1);
  await expectUntouched(store, masks, locator);
}

async function expectRefused(store: Store, masks: Masks, locator = LOCATOR): Promise<void> {
  expect(await store.anonymise(await looked(store, [locator]), masks)).toEqual([
    { outcome: 'refused', code: 'STORE_SCHEMA' },
  ]);
  expect(statesOf(await store.readBack([{ locator, expect: 'masked', masks }]))).toEqual(['broken']);
}

const TYPES = ['application/json', 'application/x-ndjson', 'text/csv', 'application/ld+json; charset=utf-8'];

test.each([...TYPES, 'application/octet-stream', 'image/png', 'application/x-directory; charset=UTF-8'])(
  'an object of zero bytes and type %s has nothing to mask, compressed or not',
  (ContentType) =>
    using({}, async ({ store, write, bytes }) => {
      for (const headers of [{ ContentType }, { ContentType, ContentEncoding: 'gzip' }]) {
        await write('', headers);
        await expectUntouched(store, CLEAR);
        expect((await bytes()).length).toBe(0);
      }
    }),
);

test.each(TYPES)('an object of type %s with nothing but white space has nothing to mask', (ContentType) =>
  using({}, async ({ store, write, bytes }) => {
    for (const text of ['\n', '\r\n', ' ', '\t\n \n', '\uFEFF', '\uFEFF\n']) {
      await write(text, { ContentType });
      await expectUntouched(store, CLEAR);
      expect((await bytes()).toString()).toBe(text);
      await write(gzipSync(text), { ContentType, ContentEncoding: 'gzip' });
      await expectUntouched(store, CLEAR);
    }
  }),
);

const RECORD = `{"mail":"${MARKER}","n":1.10}`;
const MASKED = '{"mail":null,"n":1.10}';

describe('with the format json-lines in the configuration', () => {
  const options = { format: 'json-lines' };

  test.each<[string, Headers]>([
    ['without a content type', {}],
    ['of type application/octet-stream', { ContentType: 'application/octet-stream' }],
    ['of type text/plain', { ContentType: 'text/plain; charset=utf-8' }],
    ['of type application/json', { ContentType: 'application/json' }],
  ])('objects %s are masked, with or without line breaks between the records', (_, headers) =>
    using(options, async ({ store, write, bytes }) => {
      for (const between of ['\n', '\r\n', '', ' ']) {
        await write([RECORD, RECORD, RECORD].join(between), headers);
        await expectMasked(store, CLEAR);
        expect((await bytes()).toString()).toBe([MASKED, MASKED, MASKED].join(between));
      }
    }),
  );

  test('an object without a record, and one of other content, are told apart', () =>
    using(options, async ({ store, write, bytes }) => {
      await write('\n');
      await expectUntouched(store, CLEAR);
      for (const text of [
        `[${RECORD}]`,
        `${RECORD},${RECORD}`,
        `mail\n${MARKER}\n`,
        `${RECORD}\n${MARKER}`,
      ]) {
        await write(text);
        await expectRefused(store, CLEAR);
        expect((await bytes()).toString()).toBe(text);
      }
    }));
});

test('without a format in the configuration, the content type has to say it', () =>
  using({}, async ({ store, write, bytes }) => {
    await write(RECORD);
    await expectRefused(store, CLEAR);
    expect((await bytes()).toString()).toBe(RECORD);
  }));

test('with the format csv, or json, in the configuration the content type is not asked', async () => {
  await using({ format: 'csv' }, async ({ store, write, bytes }) => {
    await write(`id,mail\n1,${MARKER}\n`, { ContentType: 'application/vnd.ms-excel' });
    await expectMasked(store, CLEAR);
    expect((await bytes()).toString()).toBe('id,mail\n1,\n');
    await write('id,mail\n');
    await expectUntouched(store, CLEAR);
    await write(`id,phone\n1,${MARKER}\n`);
    await expectRefused(store, CLEAR);
    await write(`id;mail\n1;${MARKER}\n`);
    await expectRefused(store, { mail: { kind: 'null', ifPresent: true } });
  });
  await using({ format: 'json' }, async ({ store, write, bytes }) => {
    await write(`[${RECORD}, ${RECORD}]`);
    await expectMasked(store, CLEAR);
    expect((await bytes()).toString()).toBe(`[${MASKED}, ${MASKED}]`);
    await write(`${RECORD}${RECORD}`);
    await expectRefused(store, CLEAR);
  });
});

test.each<[string, string, Headers, OpenOptions]>([
  ['its encoding', 'a', { ContentType: 'application/jsonl', ContentEncoding: 'gzip' }, {}],
  ['its key', 'a.jsonl.gz', {}, { format: 'json-lines' }],
  ['its key, with a type of its own', 'b.gz', { ContentType: 'application/gzip' }, { format: 'json-lines' }],
  ['the configuration', 'c', {}, { format: 'json-lines', compression: 'gzip' }],
])(
  'an object that is compressed according to %s is masked and stays compressed',
  (_, key, headers, options) =>
    using(
      options,
      async ({ store, write, bytes }) => {
        // Two members, as appended logs have.
        await write(Buffer.concat([gzipSync(`${RECORD}\n`), gzipSync(RECORD)]), headers);
        await expectMasked(store, CLEAR, [key]);
        expect(gunzipSync(await bytes()).toString()).toBe(`${MASKED}\n${MASKED}`);
        const after = await bench.client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
        expect(after.ContentEncoding).toBe(headers.ContentEncoding);
        for (const wrong of [RECORD, Buffer.concat([gzipSync(RECORD), Buffer.from(`\0${RECORD}`)])]) {
          await write(wrong, headers);
          await expectRefused(store, CLEAR, [key]);
          expect(await bytes()).toEqual(Buffer.from(wrong));
        }
      },
      key,
    ),
);

test('an object of many parts stays compressed, and so does its content type', () =>
  using({ timeoutSeconds: 50 }, async ({ store, write, bytes }) => {
    const random = Array.from({ length: 1400 }, (_, n) => {
      const noise = Buffer.from(crypto.getRandomValues(new Uint8Array(6000))).toString('base64');
      return `{"mail":"${MARKER}-${n}","noise":"${noise}","n":${n}}\n`;
    });
    const type = { ContentType: 'application/jsonl', ContentEncoding: 'gzip' };
    await write(gzipSync(random.join(''), { level: 1 }), type);
    await expectMasked(store, CLEAR);
    const after = gunzipSync(await bytes()).toString();
    expect(after).toBe(random.map((line) => line.replace(/"marker[^"]*"/, 'null')).join(''));
    const { ETag, ContentType } = await bench.client.send(new GetObjectCommand({ Bucket: bucket, Key: 'a' }));
    expect(ETag).toMatch(/-\d+"$/);
    expect(ContentType).toBe(type.ContentType);
  }));

test.each(['json', 'json-lines', 'csv'])(
  'Parquet, invalid UTF-8 and UTF-16 are refused if the configuration says %s, and stay as they are',
  (format) =>
    using({ format }, async ({ store, write, bytes }) => {
      const parquet = Buffer.from(
        `PAR1\x15\x04\x15\x10\x00mail\x00${MARKER}\x00\x10\x00\x00\x00PAR1`,
        'latin1',
      );
      const latin1 = Buffer.from('mail\nJosé\n{"mail":"José"}', 'latin1');
      const surrogate = Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]);
      for (const content of [parquet, latin1, surrogate, Buffer.from(`mail\n${MARKER}`, 'utf16le')]) {
        await write(content);
        await expectRefused(store, CLEAR);
        await expectRefused(store, { phone: { kind: 'null', ifPresent: true } });
        expect(await bytes()).toEqual(content);
      }
    }),
);

test('a store of Parquet cannot be configured, and the message says what can', async () => {
  await expect(bench.open(bucket, { format: 'parquet' })).rejects.toThrow(
    /format: expected json, json-lines or csv; objects in other formats, such as Parquet.*can be deleted/,
  );
});

test('numbers, escapes, names that occur twice and line ends stay byte for byte, and only the masked values change', () =>
  using({}, async ({ store, write }) => {
    const json = (mail: string, again: string) =>
      `\uFEFF{ "mail" : ${mail}, "id": 12345678901234567890, "price":1.10 ,"e":1E400,"half":"\\ud800","d\\u0061te":"x", "m\\u0061il":${again} }\r\n`;
    await write(json(`"${MARKER}"`, '{"a":["b"]}'), { ContentType: 'application/json' });
    await expectMasked(store, CLEAR);
    expect(await textOf(bench.client, bucket, 'a')).toBe(json('null', 'null'));
    const csv = (mail: string) => `id,mail,note\r\n00501,${mail},"=1+1"\r\n2,,"two\r\nlines, ""quoted"""\r\n`;
    await write(csv(`"${MARKER}\n, ""x"""`), { ContentType: 'text/csv' });
    await expectMasked(store, CLEAR);
    expect(await textOf(bench.client, bucket, 'a')).toBe(csv('""'));
    const deep = `${'{"a":['.repeat(10_000)}1${']}'.repeat(10_000)}`;
    await write(`{"mail":${deep},"kept":${deep}}`, { ContentType: 'application/json' });
    await expectMasked(store, CLEAR);
    expect(await textOf(bench.client, bucket, 'a')).toBe(`{"mail":null,"kept":${deep}}`);
  }));

test('what a compressed object grows to takes no more than the time of the call, and nothing is written', () =>
  using({ format: 'json-lines', compression: 'gzip', timeoutSeconds: 1 }, async ({ store, write, bytes }) => {
    const bomb = gzipSync(
      Buffer.concat([Buffer.from('{"mail":"ada"}'), Buffer.alloc(256 * 1024 * 1024, ' ')]),
    );
    await write(bomb);
    const targets = await looked(store, [LOCATOR]);
    const began = performance.now();
    expect(await store.anonymise(targets, CLEAR)).toEqual([{ outcome: 'failed', code: 'STORE_TIMEOUT' }]);
    const untouched: Masks = { other: { kind: 'null', ifPresent: true } };
    expect(await store.readBack([{ locator: LOCATOR, expect: 'masked', masks: untouched }])).toEqual([
      { state: 'unknown', code: 'STORE_TIMEOUT' },
    ]);
    expect(performance.now() - began).toBeLessThan(4500);
    expect((await bytes()).equals(bomb)).toBe(true);
  }));
