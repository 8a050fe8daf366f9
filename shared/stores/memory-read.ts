import { createHash } from 'node:crypto';
import type { JsonValue } from '../domain/canonical-json.ts';
import type { FieldValue } from '../domain/record/masks.ts';
import { type Document, MOST_DOCUMENT_BYTES, type Read } from '../ports/store.ts';
import { exactNumber } from './exact-json.ts';

/** Keeps a file's bytes under the key. */
export type Copy = (into: string, bytes: Uint8Array) => void;

const JSON_FILE = { mediaType: 'application/json', extension: 'json' };

/** A record in memory as a document or, with `copy`, as a file of JSON. */
export function memoryRead(
  fields: Readonly<Record<string, FieldValue>>,
  into: string,
  copy: Copy | undefined,
): Read {
  const document = documentOf(fields);
  const bytes = Buffer.from(JSON.stringify(document));
  if (bytes.length > MOST_DOCUMENT_BYTES) return { state: 'too-large', bytes: bytes.length };
  if (copy === undefined) return { state: 'document', document };
  copy(into, bytes);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { state: 'file', bytes: bytes.length, sha256, ...JSON_FILE };
}

function documentOf(fields: Readonly<Record<string, FieldValue>>): Document {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]): [string, JsonValue][] =>
      value === undefined ? [] : [[name, typeof value === 'number' ? exactNumber(String(value)) : value]],
    ),
  );
}
