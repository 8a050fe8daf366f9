import type { KeyColumn } from '../../domain/configuration/configuration.ts';
import type { Locator } from '../../ports/store.ts';
import type { KeyResult } from '../answer-each.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html */
export const LONGEST_KEY = 1024;

/**
 * At most one column may be text: other types never contain a slash, so two locators never name the same object. A number
 * with decimals or an instant can be written in several ways, and an object would look gone if its key has another one.
 */
export function s3KeyProblem(keys: readonly KeyColumn[]): string | undefined {
  const loose = keys.find(({ type }) => type === 'decimal' || type === 'timestamp');
  if (loose !== undefined)
    return `the column "${loose.name}" is declared as \`${loose.type}\`, but the key of an object is text, which must be found exactly as it is written; declare \`text\``;
  const texts = keys.filter(({ type }) => type === 'text').map(({ name }) => `"${name}"`);
  if (texts.length < 2) return undefined;
  return `the columns ${texts.join(' and ')} are text, so two different keys joined by "/" could name the same object; declare at most one text column`;
}

/** By the columns, which do not change: each object of a list asks. */
const usable = new WeakMap<readonly KeyColumn[], boolean>();

/** The prefix and the key values, joined by slashes. */
export function objectKey(keys: readonly KeyColumn[], prefix: string, locator: Locator): KeyResult<string> {
  const isUsable = usable.get(keys) ?? s3KeyProblem(keys) === undefined;
  usable.set(keys, isUsable);
  if (!isUsable) return { state: 'wrong' };
  const key = prefix + locator.map(String).join('/');
  const isPossible = key.length > 0 && Buffer.byteLength(key) <= LONGEST_KEY;
  return isPossible ? { state: 'key', key } : { state: 'impossible' };
}

/**
 * Whether XML carries the key unchanged, in requests and answers. Other keys are sent in the path of a separate
 * request.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html#object-key-xml-related-constraints
 */
export function isSafeInXml(key: string): boolean {
  return /^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}\uFFFE\uFFFF]+$/u.test(key) && key.trim() === key;
}

const ENCODED = /[%+]/;

/** Decodes a key of a list if the answer says that keys are encoded. Other engines may ignore the request to encode. */
export function decodedKey(key: string | undefined, encoding: string | undefined): string | undefined {
  if (key === undefined || encoding !== 'url' || !ENCODED.test(key)) return key;
  return decodeURIComponent(key.replaceAll('+', ' '));
}

/**
 * Compares keys in the order of S3's lists, which is that of their bytes in UTF-8. Of two different characters, the one with the
 * larger code point comes later, and JavaScript's halves of characters are not in that order.
 */
export function inKeyOrder(one: string, other: string): number {
  const length = Math.min(one.length, other.length);
  for (let index = 0; index < length; index += 1) {
    const [a, b] = [one.charCodeAt(index), other.charCodeAt(index)];
    if (a !== b) return placeOf(a) - placeOf(b);
  }
  return one.length - other.length;
}

const FIRST_HALF = 0xd800;
const AFTER_HALVES = 0xe000;
const MOST_UNIT = 0xffff;

function placeOf(unit: number): number {
  return unit >= FIRST_HALF && unit < AFTER_HALVES ? unit + MOST_UNIT : unit;
}
