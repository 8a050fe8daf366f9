import type { KeyColumn } from '../../domain/configuration/configuration.ts';
import type { Locator } from '../../ports/store.ts';
import type { KeyResult } from '../answer-each.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html */
const LONGEST_KEY = 1024;

/** Only one column may be text: no other type has a slash, so no two locators can name one object. */
export function s3KeyProblem(keys: readonly KeyColumn[]): string | undefined {
  const texts = keys.filter(({ type }) => type === 'text').map(({ name }) => `"${name}"`);
  if (texts.length < 2) return undefined;
  return `the columns ${texts.join(' and ')} are text: joined by "/", two different keys could name one object; declare at most one text column`;
}

/** The prefix and the key values, joined by slashes. */
export function objectKey(keys: readonly KeyColumn[], prefix: string, locator: Locator): KeyResult<string> {
  if (s3KeyProblem(keys) !== undefined) return { state: 'wrong' };
  const key = prefix + locator.map(String).join('/');
  const isPossible = key.length > 0 && Buffer.byteLength(key) <= LONGEST_KEY;
  return isPossible ? { state: 'key', key } : { state: 'impossible' };
}

/**
 * Whether a key comes through XML as it is, there and back. Others travel in the path of a request of their own.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html#object-key-xml-related-constraints
 */
export function isSafeInXml(key: string): boolean {
  return /^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}\uFFFE\uFFFF]+$/u.test(key) && key.trim() === key;
}

/** As S3 writes keys in a list when it was asked to; other engines may not do it, and then do not say so. */
export function decodedKey(key: string | undefined, encoding: string | undefined): string | undefined {
  return key === undefined || encoding !== 'url' ? key : decodeURIComponent(key.replaceAll('+', ' '));
}
