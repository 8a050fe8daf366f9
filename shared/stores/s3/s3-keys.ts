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

/** The prefix and the key values, joined by slashes. */
export function objectKey(keys: readonly KeyColumn[], prefix: string, locator: Locator): KeyResult<string> {
  if (s3KeyProblem(keys) !== undefined) return { state: 'wrong' };
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

/** Decodes a key of a list if the answer says that keys are encoded. Other engines may ignore the request to encode. */
export function decodedKey(key: string | undefined, encoding: string | undefined): string | undefined {
  return key === undefined || encoding !== 'url' ? key : decodeURIComponent(key.replaceAll('+', ' '));
}
