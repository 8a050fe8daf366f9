import type * as z from 'zod';
import { type Refused, refused } from '../domain/checked.ts';
import { ERROR_CODES, type ErrorCode } from './error-codes.ts';
import { type JsonFault, jsonFaults } from './json-faults.ts';

/** Why data does not match a schema: where, and what was expected. Never the value itself. */
export interface ParseFailure extends Refused<ErrorCode> {
  readonly message: string;
}

export type Parsed<Value> = { readonly ok: true; readonly value: Value } | ParseFailure;

/** Parses data from outside with a schema of the contract. `at`: where the data was in a larger body; put before the path. */
export function parseOr<Schema extends z.ZodType>(
  schema: Schema,
  data: unknown,
  at = '',
): Parsed<z.output<Schema>> {
  const result = schema.safeParse(data);
  if (result.success) return { ok: true, value: result.data };
  const issue = firstIssue(result.error.issues);
  const path = [at, ...issue.path.map(segment)].filter((part) => part !== '').join('.');
  const code = codeOf(issue);
  return { ...refused(code, path), message: code === 'BODY_INVALID' ? kindOf(issue) : ERROR_CODES[code] };
}

/** Refuses what is not JSON, and what `jsonFaults` finds in it. */
export function parseJson(text: string): Parsed<unknown> {
  const body = parseBody(text, []);
  if (!body.ok) return body;
  return { ok: true, value: body.value.data };
}

/** The names under which a batch has its items. Every other body is refused with a member of such a name. */
const ITEM_LISTS: readonly string[] = ['events', 'holdings'];

export interface Body {
  readonly data: unknown;
  /** Items that are refused whatever their content, by their index. Their paths begin at the item. */
  readonly faultyItems: ReadonlyMap<number, ParseFailure>;
}

/**
 * Parses a body whose members named in `itemLists` are lists of items, each of which is refused alone. The errors of
 * `JSON.parse` quote their input, so they are not passed on.
 */
export function parseBody(text: string, itemLists = ITEM_LISTS): Parsed<Body> {
  // RFC 8259 §8.1 lets a reader ignore it.
  if (text.startsWith('\u{FEFF}')) return notJson('begins with a byte order mark');
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    return notJson('not JSON');
  }
  const faultyItems = new Map<number, ParseFailure>();
  for (const { code, path } of jsonFaults(text)) {
    const [list, index] = path;
    if (typeof list !== 'string' || !itemLists.includes(list) || typeof index !== 'number')
      return faulty(code, path);
    faultyItems.set(index, faulty(code, path.slice(2)));
  }
  return { ok: true, value: { data, faultyItems } };
}

function notJson(message: string): ParseFailure {
  return { ...refused('BODY_INVALID', ''), message };
}

/** Nothing that is documented has more levels than the shown ones. */
function faulty(code: JsonFault['code'], path: JsonFault['path']): ParseFailure {
  const shown = path.slice(0, 8).map(segment).join('.');
  return { ...refused(code, shown), message: ERROR_CODES[code] };
}

export function parseText<Schema extends z.ZodType>(schema: Schema, text: string): Parsed<z.output<Schema>> {
  const json = parseJson(text);
  return json.ok ? parseOr(schema, json.value) : json;
}

/** For a schema's own check: the error code that its failure gets. */
export function refuse(code: ErrorCode): { readonly params: { readonly code: ErrorCode } } {
  return { params: { code } };
}

/** Names that the contract's own schemas use. Any other name in a path comes from the sender and may be personal data. */
export const CONTRACT_NAMES: ReadonlySet<string> = new Set(
  (
    'specversion id source type time data event entity entities occurred attributes corrects retracts producer store locator ' +
    'categories purposes zone events holdings items from to rule outcome subject cursor detail detail-type replay-name kind ' +
    'id role linked scope category policy everything matter reviewBy freeze dryRun state released by at tenureoperator hold ' +
    'request requestedBy receivedAt jurisdiction identity alsoLater forbidsDeletion text link html all producers ' +
    'minute segment walk part until record records hold sent datacontenttype tenureproducer tenureoperator lane results index status code path message reason files settings policies since token do day stage requests'
  ).split(' '),
);

function segment(part: PropertyKey): string {
  if (typeof part === 'number') return String(part);
  return typeof part === 'string' && CONTRACT_NAMES.has(part) ? part : '*';
}

type Issue = z.core.$ZodIssue;

/** Only the first issue is reported. A union that fails is a single issue, whatever its branches say. */
function firstIssue(issues: readonly Issue[]): Issue {
  const [issue] = issues;
  if (issue === undefined) throw new TypeError('a failed parse has an issue');
  return issue;
}

function codeOf(issue: Issue): ErrorCode {
  const code: unknown = issue.code === 'custom' ? issue.params?.['code'] : undefined;
  return typeof code === 'string' && Object.hasOwn(ERROR_CODES, code) ? (code as ErrorCode) : 'BODY_INVALID';
}

const FORMATS: Readonly<Record<string, string>> = {
  date: 'not a day such as 2026-03-01',
  datetime: 'not a time with an offset, such as 2026-03-01T10:00:00Z',
  regex: 'not written as documented',
};

function kindOf(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${issue.expected}`;
    case 'too_big':
      return `at most ${issue.maximum} ${unitOf(issue.origin)}`.trim();
    case 'too_small':
      return `at least ${issue.minimum} ${unitOf(issue.origin)}`.trim();
    case 'invalid_format':
      return FORMATS[issue.format] ?? `not in the format ${issue.format}`;
    case 'unrecognized_keys':
      return issue.keys.length === 1 ? 'an unknown property' : `${issue.keys.length} unknown properties`;
    case 'invalid_value':
      return `not one of ${issue.values.map(String).join(', ')}`;
    case 'invalid_union':
      return 'none of the documented shapes';
    case 'invalid_key':
      return 'a property name that is not allowed';
    case 'invalid_element':
      return 'an element that is not allowed';
    case 'not_multiple_of':
      return `not a multiple of ${issue.divisor}`;
    case 'custom':
      return 'not allowed';
  }
}

function unitOf(origin: string): string {
  if (origin === 'string') return 'characters';
  return origin === 'array' || origin === 'record' || origin === 'map' ? 'items' : '';
}
