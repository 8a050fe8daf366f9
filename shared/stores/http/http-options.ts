import * as z from 'zod';
import type { JsonValue } from '../../domain/canonical-json.ts';

const DAYS = z.number().int().min(1).max(365);
const STATUS = z.number().int().min(200).max(599);
/** It stands between quotation marks in a header. */
export const KEY_ID = /^[A-Za-z0-9._-]{1,64}$/;
const HEADER_NAME = /^[a-z0-9][a-z0-9-]{0,63}$/;
/** They are set for every request, or say how it is sent. */
const OWN_HEADERS = [
  'host',
  'content-length',
  'transfer-encoding',
  'connection',
  'idempotency-key',
  'content-digest',
  'signature',
  'signature-input',
  'accept-encoding',
];

/** An answer: one of these statuses and, of its JSON body, at each place (RFC 6901) one of these values. */
const Meaning = z.strictObject({
  status: z.array(STATUS).min(1).max(20),
  where: z
    .record(
      z
        .string()
        .regex(/^(?:\/[^/]*)+$/, 'expected a place in the JSON of the answer, such as /status (RFC 6901)'),
      z
        .array(z.union([z.string(), z.number(), z.boolean()]))
        .min(1)
        .max(20),
    )
    .optional(),
});
export type Meaning = z.infer<typeof Meaning>;

const Headers = z.record(
  z
    .string()
    .regex(HEADER_NAME, 'expected a name of a header in small letters')
    .refine((name) => !OWN_HEADERS.includes(name), 'Tenure sets this header itself; leave it out'),
  z.string().min(1).max(1024),
);

const request = {
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
  /** A template, with the query if there is one. */
  path: z
    .string()
    .max(1024)
    .regex(/^\/(?!\/)[^\s#\\]*$/, 'expected a path that begins with one slash, without spaces and without #'),
  headers: Headers.default({}),
  /** JSON, or with `form` what an HTML form would send. Its texts are templates. */
  body: z.json().optional(),
  form: z.record(z.string().min(1), z.string()).optional(),
};

/** How it is asked later whether a request was carried out. */
const Follow = z.strictObject({
  /** Where the address of that question is: in the header `location`, or at a place of the answer's JSON. */
  at: z.union([
    z.literal('location'),
    z.string().regex(/^\//, 'expected "location" or a place such as /links/status'),
  ]),
  headers: Headers.default({}),
  confirmed: z.array(Meaning).min(1),
  waiting: z.array(Meaning).min(1),
  refused: z.array(Meaning).default([]),
});

const Ask = z.strictObject({
  ...request,
  /** The vendor says that it is done. */
  confirmed: z.array(Meaning).default([]),
  /** The vendor will do it. Default: every 2xx that nothing else is said of. */
  accepted: z.array(Meaning).default([]),
  /** The vendor has no such record. */
  gone: z.array(Meaning).default([]),
  /** The vendor will not do it: a person has to look. */
  refused: z.array(Meaning).default([]),
  follow: Follow.optional(),
});
export type Ask = z.infer<typeof Ask>;
export type Follow = z.infer<typeof Follow>;

/** How a record is read at the vendor: what neither list has is not known. */
const Read = z.strictObject({
  ...request,
  gone: z.array(Meaning).min(1),
  present: z.array(Meaning).min(1),
});
export type Read = z.infer<typeof Read>;

const NOTED = ['delete', 'anonymise', 'restrict'] as const;

const Options = z.strictObject({
  /** `https://api.example.com`: every request goes there, and nowhere else. A vendor with `notice` has none. */
  origin: z
    .url({
      protocol: /^https$/,
      error: 'expected an origin such as https://api.example.com; requests are sent over HTTPS only',
    })
    .refine((text) => URL.canParse(text) && new URL(text).origin === text, 'expected no path, user or query')
    .optional(),
  /** It has no API. For these, an event says what it is asked for, and a person says that it has done it. */
  notice: z
    .array(z.enum(NOTED))
    .min(1)
    .refine((all) => new Set(all).size === all.length, 'expected each of them once')
    .optional(),
  /** Of a secret in Secrets Manager: a JSON object whose values are texts. Templates name them as {secret.<name>}. */
  secret: z
    .string()
    .regex(
      /^arn:[a-z-]+:secretsmanager:[a-z0-9-]+:\d{12}:secret:[\w/+=.@-]+-[A-Za-z0-9]{6}$/,
      'expected the whole ARN of a secret, with the 6 characters that Secrets Manager adds at its end, and without *',
    )
    .optional(),
  /** Requests are signed (RFC 9421) with the text `key` of the secret. `<key>Id` of the secret, if it is there, is its id. */
  sign: z.strictObject({ key: z.string().min(1), keyId: z.string().regex(KEY_ID) }).optional(),
  headers: Headers.default({}),
  delete: Ask.optional(),
  anonymise: Ask.optional(),
  restrict: Ask.optional(),
  /** Takes a restriction back. */
  lift: Ask.optional(),
  read: Read.optional(),
  /** It is asked for again after that time without a confirmation. */
  chaseAfterDays: DAYS.default(7),
  /** After that time without a confirmation it is overdue. */
  confirmWithinDays: DAYS.default(30),
  /** The server may be in one's own network. */
  privateAddresses: z.boolean().default(false),
});
export const HttpOptions = Options.superRefine((options, context) => {
  const problem = (path: readonly string[], message: string): void =>
    context.addIssue({ code: 'custom', path: [...path], message });
  const { read, sign, secret, restrict, lift } = options;
  const asks = { delete: options.delete, anonymise: options.anonymise, restrict, lift };
  if (options.notice !== undefined) {
    const other = ['origin', 'secret', 'sign', 'read', 'delete', 'anonymise', 'restrict', 'lift'] as const;
    const given = [
      ...other.filter((name) => options[name] !== undefined),
      ...(Object.keys(options.headers).length > 0 ? ['headers'] : []),
      ...(options.privateAddresses ? ['privateAddresses'] : []),
    ];
    for (const name of given)
      problem([name], 'a vendor with notice gets no requests; remove this, or remove notice');
    return;
  }
  if (options.origin === undefined)
    problem(
      ['origin'],
      'expected an origin such as https://api.example.com, or notice if the vendor has no API',
    );
  if (Object.values(asks).every((ask) => ask === undefined))
    problem(['delete'], 'say what is asked for, at least one of delete, anonymise and restrict');
  if ((restrict === undefined) !== (lift === undefined))
    problem(['lift'], 'restrict and lift need each other: what is restricted may have to be lifted');
  if (sign !== undefined && secret === undefined)
    problem(['secret'], 'signatures need a secret with their key');
  for (const [name, request] of Object.entries({ ...asks, read })) {
    const { body, form, method } = request ?? {};
    if (body !== undefined && form !== undefined)
      problem([name, 'form'], 'a request has a body or a form, not both');
    if (method === 'GET' && (body !== undefined || form !== undefined))
      problem([name, 'method'], 'a GET has no body; use POST, or remove it');
    if (method === 'GET' && name !== 'read')
      problem([name, 'method'], 'a GET changes nothing; use another method');
  }
  if (read !== undefined && read.method !== 'GET' && read.method !== 'POST')
    problem(['read', 'method'], 'a question is a GET, or a POST');
});
export type HttpOptions = z.infer<typeof HttpOptions>;
export type RequestTemplate = Pick<Ask, 'method' | 'path' | 'headers' | 'body' | 'form'> & {
  readonly body?: JsonValue | undefined;
};
