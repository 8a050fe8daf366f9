import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { uncompressed } from '../../../shared/stores/s3/s3-compression.ts';
import { contentOf, maskedBytes, maskedText } from '../../../shared/stores/s3/s3-content.ts';
import { jsonMasker } from '../../../shared/stores/s3/s3-json.ts';
import { UnfitContent } from '../../../shared/stores/s3/s3-masker.ts';
import { KEY, MAIL } from '../../support/masked-text.ts';

test.each<[string | undefined, string | undefined, string | undefined]>([
  ['application/json', undefined, 'json none'],
  ['Application/JSON; Charset="UTF-8"', '', 'json none'],
  ['application/ld+json', 'identity', 'json none'],
  ['application/x-ndjson', undefined, 'json-lines none'],
  ['text/csv;header=present', 'aws-chunked', 'csv none'],
  ['text/csv;header=absent', undefined, undefined],
  ['text/csv', 'gzip', 'csv gzip'],
  ['application/jsonl', 'X-GZIP', 'json-lines gzip'],
  ['application/json', 'gzip,aws-chunked', 'json gzip'],
  ['application/json', 'gzip, gzip', undefined],
  ['application/json', 'br', undefined],
  ['application/json', 'zstd', undefined],
  ['application/json; charset=latin1', undefined, undefined],
  ['image/png', undefined, undefined],
  ['text/html', undefined, undefined],
  ['', undefined, undefined],
  [undefined, undefined, undefined],
])('an object of type %s with encoding %s is written as %s', (type, encoding, expected) => {
  const content = contentOf({ key: 'a', type, encoding }, {});
  expect(content && `${content.format} ${content.compression}`).toBe(expected);
});

test.each<[string, string | undefined, string | undefined, string | undefined]>([
  ['a', undefined, undefined, 'json-lines none'],
  ['a', 'application/octet-stream', undefined, 'json-lines none'],
  ['a', 'text/csv', undefined, 'json-lines none'],
  ['a', 'application/json; charset=utf-16', undefined, undefined],
  ['a.gz', 'application/gzip', undefined, 'json-lines gzip'],
  ['a.gz', undefined, 'gzip', 'json-lines gzip'],
  ['a.gz', undefined, 'br', undefined],
])('the configuration says json-lines: an object called %s of type %s with encoding %s is %s', (...row) => {
  const [key, type, encoding, expected] = row;
  const content = contentOf({ key, type, encoding }, { format: 'json-lines' });
  expect(content && `${content.format} ${content.compression}`).toBe(expected);
  const gzip = contentOf({ key, type, encoding }, { format: 'json-lines', compression: 'gzip' });
  expect(gzip?.compression).toBe(expected === undefined ? undefined : 'gzip');
});

test('characters cut in two come out whole, and bytes that are not UTF-8 are refused', async () => {
  const bytes = Buffer.from('{"mail":"👩‍👧","n":"👩‍👧 é"}');
  const cut = async function* (): AsyncGenerator<Uint8Array> {
    for (const byte of bytes) yield Uint8Array.of(byte);
  };
  let out = '';
  for await (const text of maskedText(cut(), 'none', jsonMasker(MAIL, KEY))) out += text;
  expect(out).toBe('{"mail":null,"n":"👩‍👧 é"}');
  const broken = async function* (): AsyncGenerator<Uint8Array> {
    yield Buffer.from([0x7b, 0xff, 0x7d]);
  };
  const read = async () => {
    for await (const text of maskedText(broken(), 'none', jsonMasker(MAIL, KEY))) out += text;
  };
  await expect(read()).rejects.toThrow(UnfitContent);
});

async function* inPieces(bytes: Uint8Array, size = 3): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function allOf(pieces: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const piece of pieces) parts.push(piece);
  return Buffer.concat(parts).toString();
}

const TEXT = '{"mail":"a@b","n":1.10}\n';
const GZIP = gzipSync(TEXT);

test('what was compressed is masked and compressed again', async () => {
  const masker = jsonMasker(MAIL, KEY);
  const bytes = maskedBytes(inPieces(GZIP), 'gzip', masker);
  expect(await allOf(uncompressed(bytes))).toBe('{"mail":null,"n":1.10}\n');
  expect(masker.isChanged()).toBe(true);
});

test('several members are one content', async () => {
  expect(await allOf(uncompressed(inPieces(Buffer.concat([GZIP, GZIP]))))).toBe(TEXT + TEXT);
});

test.each<[string, Uint8Array]>([
  ['cut off', GZIP.subarray(0, -1)],
  ['followed by text', Buffer.concat([GZIP, Buffer.from('a@b')])],
  ['followed by a zero and text', Buffer.concat([GZIP, Buffer.from('\0a@b')])],
  ['not compressed', Buffer.from(TEXT)],
  ['damaged', Buffer.concat([GZIP.subarray(0, 20), Buffer.from([0, 0]), GZIP.subarray(22)])],
])('compressed content that is %s is refused', async (_, bytes) => {
  for (const size of [1, 7, 1000]) {
    await expect(allOf(uncompressed(inPieces(bytes, size)))).rejects.toThrow(UnfitContent);
    await expect(allOf(maskedBytes(inPieces(bytes, size), 'gzip', jsonMasker(MAIL, KEY)))).rejects.toThrow(
      UnfitContent,
    );
  }
});

test('content that grows beyond the limit is refused before all of it is uncompressed', async () => {
  const bomb = gzipSync(Buffer.alloc(20_000_000, ' '));
  let bytes = 0;
  const read = async () => {
    for await (const piece of uncompressed(inPieces(bomb, 64), 1_000_000)) bytes += piece.length;
  };
  await expect(read()).rejects.toThrow(UnfitContent);
  expect(bytes).toBeLessThanOrEqual(1_000_000);
  expect((await allOf(uncompressed(inPieces(bomb, 64), 20_000_000))).length).toBe(20_000_000);
});

test('an error of the connection is not taken for an error in the content', async () => {
  const lost = Object.assign(new Error('the connection was lost'), { code: 'ECONNRESET' });
  const body = async function* (): AsyncGenerator<Uint8Array> {
    yield GZIP.subarray(0, 10);
    throw lost;
  };
  await expect(allOf(uncompressed(body()))).rejects.toBe(lost);
  await expect(allOf(maskedBytes(body(), 'gzip', jsonMasker(MAIL, KEY)))).rejects.toBe(lost);
});
