import type { Masks } from '../../domain/record/masks.ts';
import { compressed, uncompressed } from './s3-compression.ts';
import { csvMasker } from './s3-csv.ts';
import { jsonLinesMasker, jsonMasker } from './s3-json.ts';
import { type Masker, UnfitContent } from './s3-masker.ts';
import type { S3Format, S3Options } from './s3-options.ts';

const JSON_LINES = [
  'application/jsonl',
  'application/x-jsonlines',
  'application/x-ndjson',
  'application/json-lines',
];

/** What the store's configuration says about the content of its objects. */
export type Declared = Pick<S3Options, 'format' | 'compression'>;

/** What an object says about its own content. */
export interface Described {
  readonly key: string;
  readonly type: string | undefined;
  readonly encoding: string | undefined;
}

export interface Content {
  readonly format: S3Format;
  readonly compression: 'gzip' | 'none';
}

/** How the content of an object is written; `undefined` if content like that cannot be masked. */
export function contentOf(
  { key, type, encoding }: Described,
  { format: declared, compression }: Declared,
): Content | undefined {
  const [media = '', ...parameters] = partsOf(type, ';');
  const codings = partsOf(encoding, ',').filter((coding) => !PLAIN.includes(coding));
  const isGzip =
    codings.length === 0 ? key.endsWith('.gz') || compression === 'gzip' : codings.every(isGzipName);
  const format = declared ?? formatOf(media);
  if (format === undefined || codings.length > 1 || (codings.length === 1 && !isGzip)) return undefined;
  return parameters.every(isUsual) ? { format, compression: isGzip ? 'gzip' : 'none' } : undefined;
}

const PLAIN = ['', 'identity', 'aws-chunked'];

const isGzipName = (coding: string): boolean => coding === 'gzip' || coding === 'x-gzip';

function partsOf(header: string | undefined, separator: string): string[] {
  return (header ?? '')
    .toLowerCase()
    .split(separator)
    .map((part) => part.trim());
}

function formatOf(media: string): S3Format | undefined {
  if (media === 'text/csv') return 'csv';
  if (JSON_LINES.includes(media)) return 'json-lines';
  return media === 'application/json' || /^[^/]+\/[^/]+\+json$/.test(media) ? 'json' : undefined;
}

function isUsual(parameter: string): boolean {
  const [name = '', value = ''] = parameter.replaceAll('"', '').split('=');
  switch (name) {
    case 'charset':
      return ['utf-8', 'utf8', 'us-ascii'].includes(value);
    case 'header':
      return value === 'present';
  }
  return true;
}

export function maskerFor(format: S3Format, masks: Masks, key: Uint8Array): Masker {
  switch (format) {
    case 'json':
      return jsonMasker(masks, key);
    case 'json-lines':
      return jsonLinesMasker(masks, key);
    case 'csv':
      return csvMasker(masks, key);
  }
}

/** The masked text, piece by piece. Throws `UnfitContent` as soon as content cannot be masked. */
export async function* maskedText(
  body: AsyncIterable<Uint8Array>,
  compression: Content['compression'],
  masker: Masker,
): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const decode = (bytes?: Uint8Array): string => {
    try {
      return bytes ? decoder.decode(bytes, { stream: true }) : decoder.decode();
    } catch {
      throw new UnfitContent();
    }
  };
  const plain = compression === 'gzip' ? uncompressed(body) : body;
  for await (const bytes of plain) yield masker.write(decode(bytes));
  yield masker.write(decode());
  yield masker.end();
}

/** The masked content as it was stored: compressed if it was compressed. */
export async function* maskedBytes(
  body: AsyncIterable<Uint8Array>,
  compression: Content['compression'],
  masker: Masker,
): AsyncGenerator<Uint8Array> {
  const text = maskedText(body, compression, masker);
  if (compression === 'gzip') yield* compressed(text);
  else for await (const piece of text) yield Buffer.from(piece);
}
