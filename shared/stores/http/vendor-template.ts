import { createHash } from 'node:crypto';
import type { JsonValue } from '../../domain/canonical-json.ts';

/** What a template can name: columns of the locator, `request.id`, `action`, and names of the secret as `secret.<name>`. */
export type Named = ReadonlyMap<string, string>;

/** Changes to a value, in the order that the template names them: `{email|lowercase|md5}`. Hexadecimal digests. */
const CHANGES = ['lowercase', 'md5', 'sha256', 'base64'] as const;
type Change = (typeof CHANGES)[number];

const PLACE = /\{([^{}]*)\}/g;
const NAME = /^(?:secret\.)?[A-Za-z][A-Za-z0-9_.-]*(?:\|[a-z0-9]+)*$/;
const NOT_IN_A_HEADER = /[^\x20-\x7e]/;

/** A value cannot be written where the template has it. Its message has names of the template only, never a value. */
export class TemplateError extends Error {
  readonly code = 'VENDOR_TEMPLATE';
  constructor(message: string) {
    super(message);
    this.name = 'TemplateError';
  }
}

/** The names of a template, without changes; to check a configuration. Throws `TemplateError` for what is not a name. */
export function namesIn(template: string): string[] {
  return [...template.matchAll(PLACE)].map(([, inner = '']) => partsOf(inner).name);
}

/** The template is valid for these names; `undefined`, or what is wrong and what to do. */
export function templateProblem(template: string, names: ReadonlySet<string>): string | undefined {
  if (/[{}]/.test(template.replaceAll(PLACE, '')))
    return 'has a brace without its other one; write a name as {name}';
  try {
    const unknown = namesIn(template).find((name) => !names.has(name));
    if (unknown === undefined) return undefined;
    return `names {${unknown}}; use one of: ${[...names].join(', ')}`;
  } catch (error) {
    if (error instanceof TemplateError) return error.message;
    throw error;
  }
}

/** For a path: each value is one segment, or a part of one, and cannot begin another. Throws for `.` and `..`. */
export function inPath(template: string, named: Named): string {
  const path = filled(template, named, (value, name) => {
    if (!value.isWellFormed())
      throw new TemplateError(`The value of {${name}} cannot be in a path: it is not valid Unicode.`);
    return encodeURIComponent(value);
  });
  const [before = ''] = path.split('?');
  // A URL resolves these, also when they are escaped: the request would go somewhere else.
  if (before.split('/').some((segment) => /^(?:\.|%2e){1,2}$/i.test(segment)))
    throw new TemplateError('A value of the path is empty or has only dots: no request can be made of it.');
  return path;
}

/** For a header: a value with a line break, or one that is not printable ASCII, is refused. */
export function inHeader(template: string, named: Named): string {
  return filled(template, named, (value, name) => {
    if (NOT_IN_A_HEADER.test(value))
      throw new TemplateError(`The value of {${name}} cannot be in a header: it is not printable ASCII.`);
    return value;
  });
}

/** For a field of a form. */
export function inField(template: string, named: Named): string {
  return filled(template, named, (value) => value);
}

/** For a body: a value is a part of a JSON text, and never of its structure. Keys are not templates. */
export function inBody(template: JsonValue, named: Named): JsonValue {
  if (typeof template === 'string') return inField(template, named);
  if (Array.isArray(template)) return template.map((one) => inBody(one, named));
  if (template === null || typeof template !== 'object') return template;
  return Object.fromEntries(
    Object.entries(template).map(([key, one]) => [key, inBody(one as JsonValue, named)]),
  );
}

function filled(template: string, named: Named, escape: (value: string, name: string) => string): string {
  return template.replaceAll(PLACE, (_, inner: string) => {
    const { name, changes } = partsOf(inner);
    const value = named.get(name);
    if (value === undefined || value === '')
      throw new TemplateError(`There is no value for {${name}}: it is absent or empty.`);
    return escape(changes.reduce(changed, value), name);
  });
}

function partsOf(inner: string): { readonly name: string; readonly changes: readonly Change[] } {
  if (!NAME.test(inner))
    throw new TemplateError('has a place that is not a name; write a name as {name} or {name|lowercase|md5}');
  const [name = '', ...changes] = inner.split('|');
  const wrong = changes.find((one) => !isChange(one));
  if (wrong !== undefined)
    throw new TemplateError(`changes a value by "${wrong}"; use one of: ${CHANGES.join(', ')}`);
  return { name, changes: changes.filter(isChange) };
}

function isChange(name: string): name is Change {
  return (CHANGES as readonly string[]).includes(name);
}

function changed(value: string, change: Change): string {
  switch (change) {
    case 'lowercase':
      return value.toLowerCase();
    case 'md5':
      return createHash('md5').update(value).digest('hex');
    case 'sha256':
      return createHash('sha256').update(value).digest('hex');
    case 'base64':
      return Buffer.from(value).toString('base64');
  }
}
