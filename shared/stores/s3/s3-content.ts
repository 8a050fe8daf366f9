import type { Masks } from '../../domain/record/masks.ts';
import { csvMasker } from './s3-csv.ts';
import { jsonLinesMasker, jsonMasker } from './s3-json.ts';
import { type Masker, UnfitContent } from './s3-masker.ts';

const JSON_LINES = [
  'application/jsonl',
  'application/x-jsonlines',
  'application/x-ndjson',
  'application/json-lines',
];

/** The masker for content of this type, in UTF-8 and uncompressed; `undefined` for other content. */
export function maskerFor(
  type: string | undefined,
  encoding: string | undefined,
  masks: Masks,
  key: Uint8Array,
): Masker | undefined {
  const [media = '', ...parameters] = (type ?? '')
    .toLowerCase()
    .split(';')
    .map((part) => part.trim());
  const isPlain = encoding === undefined || ['', 'identity', 'aws-chunked'].includes(encoding);
  if (!isPlain || !parameters.every(isUsual)) return undefined;
  if (media === 'text/csv') return csvMasker(masks, key);
  if (JSON_LINES.includes(media)) return jsonLinesMasker(masks, key);
  return media === 'application/json' || /^[^/]+\/[^/]+\+json$/.test(media)
    ? jsonMasker(masks, key)
    : undefined;
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

/** The masked body, piece by piece. Throws `UnfitContent` as soon as content cannot be masked. */
export async function* maskedText(body: AsyncIterable<Uint8Array>, masker: Masker): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const decode = (bytes?: Uint8Array): string => {
    try {
      return bytes ? decoder.decode(bytes, { stream: true }) : decoder.decode();
    } catch {
      throw new UnfitContent();
    }
  };
  for await (const bytes of body) yield masker.write(decode(bytes));
  yield masker.write(decode());
  yield masker.end();
}
