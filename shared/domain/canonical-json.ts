import canonicalize from 'canonicalize';

/** What JSON can say. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue };

/** The value as canonical JSON (RFC 8785): equal values are equal text, in whatever order their members are written. */
export function canonicalJson(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('nothing to canonicalise: pass a JSON value');
  return text;
}
