import { isAlias, isMap, isPair, isScalar, isSeq, parseDocument } from 'yaml';
import type { Document, Node, Pair, Scalar, YAMLMap } from 'yaml';
import { lineStarts, positionAt } from '../domain/rule/lexer.ts';
import type { Problem } from './problem.ts';
import { sourceOffset } from './scalar-offsets.ts';
import type { ScalarStyle } from './scalar-offsets.ts';

export type Path = readonly (string | number)[];

/** One YAML file as plain values, with the place of each of them. */
export interface YamlDocument {
  readonly value: unknown;
  /** Mistakes that did not prevent reading the rest. */
  readonly problems: readonly Problem[];
  /**
   * A problem with the value at `path`, or with its nearest parent if there is none. `at` is an index into the text of
   * the value; `key` points at the name instead of the value.
   */
  problem(path: Path, message: string, at?: number | 'key'): Problem;
}

const MOST_BYTES = 1_000_000;
const DEEPEST = 24;
const MOST_SYNTAX_ERRORS = 10;

/** Reads one file; never throws. Without a document, the problems say why its structure could not be read. */
export function readYaml(file: string, text: string): { document?: YamlDocument; problems: Problem[] } {
  if (text.length > MOST_BYTES) return { problems: [{ file, line: 1, column: 1, message: TOO_LARGE }] };
  const lines = lineStarts(text);
  const place = (offset: number, message: string): Problem => {
    const { line, column } = positionAt(lines, Math.min(offset, text.length));
    return { file, line, column, message };
  };
  // Keys are compared by `plain`, which also sees what a document with other errors holds.
  const yaml = parseDocument(text, {
    prettyErrors: false,
    strict: true,
    uniqueKeys: false,
  });
  const complaints = [...yaml.errors, ...yaml.warnings];
  if (complaints.length > 0) {
    // Deep nesting is reported once, not once per level.
    if (complaints.some(({ code }) => code === 'RESOURCE_EXHAUSTION'))
      return { problems: [place(0, TOO_DEEP)] };
    const shown = complaints.slice(0, MOST_SYNTAX_ERRORS);
    return { problems: shown.map((complaint) => place(complaint.pos[0], inPlainWords(complaint))) };
  }
  if (yaml.directives?.yaml.version !== '1.2') return { problems: [place(0, OTHER_VERSION)] };
  const problems: Problem[] = [];
  const value = plain(yaml.contents, 0, (node, message) =>
    problems.push(place(node.range?.[0] ?? 0, message)),
  );
  return {
    problems,
    document: {
      value,
      problems,
      problem: (path, message, at) => place(offsetOf(yaml, text, path, at), message),
    },
  };
}

const TOO_LARGE = 'the file has more than a million characters: split the policy';
const TOO_DEEP = 'nested too deeply: a policy needs at most six levels';
const HALF_A_CHARACTER =
  'this contains an invalid character or a control character: remove it, or write the intended character itself';
const OTHER_VERSION = 'only YAML 1.2 is supported: remove the %YAML directive';
const SYNTAX: Readonly<Record<string, string>> = {
  BAD_INDENT:
    'this line is not indented like its neighbours: give entries of one list or mapping the same indentation',
  BLOCK_AS_IMPLICIT_KEY: "a second ': ' on one line: put text that contains ': ' in quotes",
  MISSING_CHAR: 'something is not closed here: look for a missing quote, bracket or colon',
  MULTILINE_IMPLICIT_KEY: "a name without ': ' after it: write `name: value`, on one line",
  MULTIPLE_DOCS: 'a second document begins here: one file holds one policy',
  UNEXPECTED_TOKEN:
    'unexpected text after a value: put text that begins with { or [, or contains quotes, in quotes',
  TAB_AS_INDENT: 'this line is indented with a tab: use spaces',
  TAG_RESOLVE_FAILED: 'tags are not supported in a policy: remove the `!…`',
};

function inPlainWords({ code, message }: { readonly code: string; readonly message: string }): string {
  if (message.startsWith('Flow '))
    return 'a { or [ above is not closed before this line: close it with } or ]';
  return SYNTAX[code] ?? `not YAML: ${message}`;
}

/**
 * Nodes to plain values. Accepts only what a person can read in the file: no aliases, and no keys that are not text.
 */
function plain(node: unknown, depth: number, complain: (node: Node, message: string) => void): unknown {
  if (isScalar(node)) {
    if (typeof node.value === 'string' && !node.value.isWellFormed()) complain(node, HALF_A_CHARACTER);
    return node.value;
  }
  if (isAlias(node)) {
    complain(node, `an alias (*${node.source}) is not supported in a policy: write the value itself`);
    return undefined;
  }
  if (!isMap(node) && !isSeq(node)) return null;
  if (depth > DEEPEST) {
    complain(node, TOO_DEEP);
    return undefined;
  }
  if (isSeq(node)) return node.items.map((item) => plain(item, depth + 1, complain));
  const entries = new Map<string, unknown>();
  for (const { key, value } of node.items) {
    if (!isScalar(key)) {
      complain(isNodeOr(key, node), 'a name must be text');
      continue;
    }
    const name = nameOf(key);
    if (!name.isWellFormed() || /\p{Cc}/u.test(name)) complain(key, HALF_A_CHARACTER);
    else if (entries.has(name)) complain(key, `"${name}" is given twice: keep one of them`);
    else if (name in {}) complain(key, `"${name}" is a reserved name: choose another`);
    else entries.set(name, plain(value, depth + 1, complain));
  }
  return Object.fromEntries(entries);
}

function isNodeOr(key: unknown, otherwise: Node): Node {
  return isMap(key) || isSeq(key) || isAlias(key) ? key : otherwise;
}

/** A key as it was written: `012` is not 10. */
function nameOf(key: Scalar): string {
  return key.source ?? String(key.value);
}

/** The member of this name, the first of several. A file may have as many mistakes as members: each map is indexed once. */
function memberOf(map: YAMLMap, name: string): Pair | undefined {
  const known = members.get(map) ?? new Map<string, Pair>();
  if (!members.has(map)) {
    for (const pair of map.items) {
      if (isScalar(pair.key) && !known.has(nameOf(pair.key))) known.set(nameOf(pair.key), pair);
    }
    members.set(map, known);
  }
  return known.get(name);
}

const members = new WeakMap<YAMLMap, Map<string, Pair>>();

function offsetOf(yaml: Document.Parsed, text: string, path: Path, at?: number | 'key'): number {
  let node: unknown = yaml.contents;
  let offset = yaml.contents?.range[0] ?? 0;
  for (const [i, segment] of path.entries()) {
    const name = String(segment);
    const child: unknown = isSeq(node)
      ? node.items[Number(segment)]
      : isMap(node)
        ? memberOf(node, name)
        : undefined;
    if (child === undefined) return offset;
    const value: unknown = isPair(child) ? child.value : child;
    const key = isPair(child) && isScalar(child.key) ? child.key.range?.[0] : undefined;
    const last = i === path.length - 1;
    const begin = isScalar(value) || isMap(value) || isSeq(value) ? value.range?.[0] : undefined;
    // A value is reported at its first character; a value that is empty, or on the lines below, at its name.
    offset = (last && at !== 'key' && isOnItsLine(value) ? (begin ?? key) : (key ?? begin)) ?? offset;
    node = value;
  }
  if (typeof at !== 'number' || !isScalar(node) || typeof node.value !== 'string') return offset;
  const scalar = { start: node.range?.[0] ?? 0, style: styleOf(node), value: node.value };
  return sourceOffset(text, scalar, at);
}

function isOnItsLine(value: unknown): boolean {
  if (isMap(value) || isSeq(value)) return value.flow === true;
  return isScalar(value) && (value.source !== '' || value.type?.startsWith('QUOTE') === true);
}

const STYLES: Readonly<Record<string, ScalarStyle>> = {
  QUOTE_SINGLE: 'single',
  QUOTE_DOUBLE: 'double',
  BLOCK_FOLDED: 'block',
  BLOCK_LITERAL: 'block',
};

function styleOf(node: Scalar): ScalarStyle {
  return STYLES[node.type ?? 'PLAIN'] ?? 'plain';
}
