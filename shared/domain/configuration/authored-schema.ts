import * as z from 'zod';
import { didYouMean } from '../suggest.ts';

/**
 * Parts of schemas for what people write by hand, policies and configurations: every message says what was found and
 * what to write instead.
 */

/** What zod passes to an error function; `input` is the value in the file. */
interface Issue {
  readonly code?: string | undefined;
  readonly input?: unknown;
  readonly path?: readonly PropertyKey[] | undefined;
}

/** A message that says what was found, or what is missing, and what would be `right`. */
export function wrong(right: string): (issue: Issue) => string {
  return ({ input, path }) =>
    input === undefined
      ? `"${String(path?.at(-1) ?? '')}" is missing; ${right}`
      : `found ${found(input)}; ${right}`;
}

function found(input: unknown): string {
  if (input === null) return 'nothing';
  if (Array.isArray(input)) return 'a list';
  if (typeof input === 'object') return 'a mapping';
  if (typeof input === 'number') return `the number ${input}`;
  return JSON.stringify(typeof input === 'string' ? input.slice(0, 60) : input) ?? 'nothing';
}

export function text(right: string): z.ZodString {
  return z.string({ error: wrong(right) }).regex(/\S/, { error: `empty; ${right}` });
}

export function matching(pattern: RegExp, right: string): z.ZodString {
  return z.string({ error: wrong(right) }).regex(pattern, { error: wrong(right) });
}

export function checked(isRight: (value: string) => boolean, right: string): z.ZodString {
  return z.string({ error: wrong(right) }).refine(isRight, { error: wrong(right) });
}

/** Of one mapping; the others are counted. */
const MOST_UNKNOWN_KEYS = 100;

/**
 * A mapping with these keys and no others: an unknown key is a mistake, not a comment. The message has one line for
 * each unknown key.
 */
export function strict<Shape extends z.core.$ZodLooseShape>(
  what: string,
  shape: Shape,
): z.ZodObject<Shape, z.core.$strict> {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) => {
      if (issue.code !== 'unrecognized_keys')
        return wrong(`${what} is a mapping with ${known.join(', ')}`)(issue);
      const keys = (issue as { readonly keys?: readonly string[] }).keys ?? [];
      const shown = keys.slice(0, MOST_UNKNOWN_KEYS).map((key) => unknownKey(key, what, known));
      const more = keys.length - shown.length;
      return [...shown, ...(more > 0 ? [`${what} does not have ${more} more of these keys`] : [])].join('\n');
    },
  });
}

function unknownKey(key: string, what: string, known: readonly string[]): string {
  return `${what} has no key "${key}"${didYouMean(key, known) || `; its keys are ${known.join(', ')}`}`;
}

/** A mapping from names of the author's choice. */
export function named<Value extends z.ZodType>(
  pattern: RegExp,
  right: string,
  value: Value,
): z.ZodRecord<z.ZodString, Value> {
  return z.record(z.string().regex(pattern), value, {
    error: (issue) => {
      const name = issue.code === 'invalid_key' ? String(issue.path?.at(-1)) : undefined;
      return name === undefined
        ? wrong(`write ${right}`)(issue)
        : `"${name.slice(0, 60)}" is not a valid name; write ${right}`;
    },
  });
}

export function list<Value extends z.ZodType>(value: Value, right: string): z.ZodArray<Value> {
  return listOrNone(value, right).min(1, { error: `empty; ${right}` });
}

/** A list that may be empty: `[]` says that there are none. */
export function listOrNone<Value extends z.ZodType>(value: Value, right: string): z.ZodArray<Value> {
  return z.array(value, { error: wrong(right) });
}
