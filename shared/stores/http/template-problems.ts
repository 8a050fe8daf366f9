import type { KeyColumn, KeyProblem } from '../../domain/configuration/configuration.ts';
import type { JsonValue } from '../../domain/canonical-json.ts';
import type { HttpOptions, RequestTemplate } from './http-options.ts';
import { namesIn, templateProblem } from './vendor-template.ts';

const KEY_NAME = /^[A-Za-z][A-Za-z0-9_-]*$/;
const OWN = ['action', 'request'];
const SECRET = 'secret.';

interface Template {
  readonly place: string;
  readonly text: string;
  /** It is a part of a request that has a name. */
  readonly isAsk: boolean;
}

/** What is wrong with the templates of a store that has these key columns, and what to do. Empty if they are valid. */
export function templateProblems(
  options: HttpOptions | undefined,
  keys: readonly KeyColumn[],
): readonly KeyProblem[] {
  const wrong = keys.find(({ name }) => !KEY_NAME.test(name) || OWN.includes(name));
  if (wrong !== undefined)
    return [
      `"${wrong.name}" cannot be named in a template; use letters, digits, _ and -, and not action or request`,
    ];
  if (options === undefined) return [];
  const names = new Set([...keys.map(({ name }) => name), 'action']);
  return templatesOf(options).flatMap(({ place, text, isAsk }) => {
    const inSecret = secretsIn(text);
    if (options.secret === undefined && inSecret.length > 0)
      return [
        {
          option: place,
          message: `names {${inSecret[0]}}, and the store has no secret; set options.secret to the ARN of one`,
        },
      ];
    const own = new Set([
      ...names,
      ...(isAsk ? ['request.id'] : []),
      ...inSecret,
      // To say that there are such names: none is written like this.
      ...(options.secret === undefined ? [] : ['secret.<name>']),
    ]);
    const message = templateProblem(text, own);
    return message === undefined ? [] : [{ option: place, message }];
  });
}

/** What has to be in the secret, by the templates and the signature. */
export function secretNames(options: HttpOptions): ReadonlySet<string> {
  const inTemplates = templatesOf(options).flatMap(({ text }) => secretsIn(text));
  const names = inTemplates.map((name) => name.slice(SECRET.length));
  return new Set([...names, ...(options.sign === undefined ? [] : [options.sign.key])]);
}

/** Which names a secret has is not known here. */
function secretsIn(text: string): readonly string[] {
  try {
    return namesIn(text).filter((name) => name.startsWith(SECRET));
  } catch {
    return [];
  }
}

function templatesOf(options: HttpOptions): readonly Template[] {
  const { headers, read, ...others } = options;
  const asks = (['delete', 'anonymise', 'restrict', 'lift'] as const).flatMap((action) => {
    const ask = others[action];
    if (ask === undefined) return [];
    const follow = headersOf(`${action}.follow.headers`, ask.follow?.headers ?? {}, false);
    return [...requestOf(action, ask, true), ...follow];
  });
  return [
    ...headersOf('headers', headers, false),
    ...asks,
    ...(read === undefined ? [] : requestOf('read', read, false)),
  ];
}

function requestOf(place: string, request: RequestTemplate, isAsk: boolean): readonly Template[] {
  const { path, headers, body, form = {} } = request;
  return [
    { place: `${place}.path`, text: path, isAsk },
    ...headersOf(`${place}.headers`, headers, isAsk),
    ...textsIn(body ?? null).map((text) => ({ place: `${place}.body`, text, isAsk })),
    ...Object.values(form).map((text) => ({ place: `${place}.form`, text, isAsk })),
  ];
}

function headersOf(place: string, headers: Readonly<Record<string, string>>, isAsk: boolean): Template[] {
  return Object.entries(headers).map(([name, text]) => ({ place: `${place}.${name}`, text, isAsk }));
}

function textsIn(value: JsonValue): readonly string[] {
  if (typeof value === 'string') return [value];
  if (value === null || typeof value !== 'object') return [];
  return Object.values(value).flatMap((one) => textsIn(one as JsonValue));
}
