import * as z from 'zod';
import { EXPORT_STEPS } from '../../domain/export/export-state.ts';
import { REQUEST_KINDS, REQUEST_STATES, REQUEST_STEPS } from '../../domain/people/request.ts';
import { PersonText } from './person-text.ts';
import { Name, NamedEntity, text, Time } from '../fields.ts';
import { Cursor } from '../subjects.ts';

const instant = z.string();
const optionalInstant = z.exactOptional(instant);
const optionalText = z.exactOptional(z.string());

const names = z.array(Name).min(1).max(20);
const Scope = z.union([
  z.strictObject({ all: z.literal(true) }),
  z.strictObject({ categories: names }),
  z.strictObject({ purposes: z.array(text(64)).min(1).max(20) }),
  z.strictObject({ producers: names }),
]);

const reason = text(1000);

/**
 * What a person asks for. `id`: the caller's own name for it; sent again with the same content it is the same request.
 * `receivedAt`: when the person asked; without it, now. `identity`: `open` if it is not known yet who asks. `dryRun`:
 * says what would happen, and does nothing.
 */
export const FileRequest = z.strictObject({
  id: text(256),
  kind: z.enum(REQUEST_KINDS),
  entity: NamedEntity,
  scope: z.exactOptional(Scope),
  requestedBy: z.exactOptional(text(256)),
  receivedAt: z.exactOptional(Time),
  jurisdiction: z.exactOptional(Name),
  identity: z.exactOptional(z.enum(['known', 'open'])),
  /** Of an erasure: it covers what is registered later, too. */
  alsoLater: z.exactOptional(z.literal(true)),
  /** Of a restriction: nothing may be deleted until it is released. */
  forbidsDeletion: z.exactOptional(z.literal(true)),
  dryRun: z.exactOptional(z.boolean()),
  /** Of a dry run: its next page. */
  cursor: z.exactOptional(Cursor),
});
export type FileRequest = z.input<typeof FileRequest>;

/** Which request is meant: by the name in every answer, or by the id of who filed it. */
const which = {
  request: z.exactOptional(text(64)),
  id: z.exactOptional(text(256)),
  /** For operators: the producer that filed it, with `id`. */
  producer: z.exactOptional(Name),
};
export const StepRequest = z.strictObject(which);
export type StepRequest = z.input<typeof StepRequest>;
export const ReasonedRequest = z.strictObject({ ...which, reason });
export type ReasonedRequest = z.input<typeof ReasonedRequest>;

/**
 * Without `request` and `id`: the requests that are open. `text`: adds the text for the person. `link`: adds a link to the
 * archive of a request for a copy.
 */
export const RequestQuery = z.strictObject({
  ...which,
  text: z.exactOptional(z.literal(true)),
  link: z.exactOptional(z.literal(true)),
  cursor: z.exactOptional(Cursor),
});
export type RequestQuery = z.input<typeof RequestQuery>;

/** How far a person's copy is. What follows `step` is there once it is `ready`. */
const ExportAnswer = z.object({
  step: z.enum(EXPORT_STEPS),
  records: z.exactOptional(z.int()),
  /** Records that are not in it. Its manifest says why. */
  leftOut: z.exactOptional(z.int()),
  bytes: z.exactOptional(z.int()),
  /** Of the archive's `manifest.json`, in hexadecimal. */
  manifestSha256: optionalText,
  /** It can be fetched until then. */
  until: optionalInstant,
});

export const RequestAnswer = z.object({
  request: z.string(),
  /** The caller's id; absent once it was deleted. */
  id: optionalText,
  kind: z.enum(REQUEST_KINDS),
  state: z.enum(REQUEST_STATES),
  /** Absent once the request is over: nothing needs the person's id any more. */
  entity: z.exactOptional(NamedEntity),
  entityType: z.string(),
  scope: Scope,
  requestedBy: optionalText,
  /** The producer that filed it; absent: an operator. */
  producer: optionalText,
  receivedAt: instant,
  /** When the person has to have an answer. */
  deadline: instant,
  /** The rules of the rule language that the deadline comes from. Several: the earliest of their dates. */
  deadlineRules: z.array(z.string()),
  /** The clock stands still while the identity is checked; the deadline is without this pause. */
  paused: z.exactOptional(z.literal(true)),
  overdue: z.boolean(),
  jurisdiction: optionalText,
  alsoLater: z.exactOptional(z.literal(true)),
  forbidsDeletion: z.exactOptional(z.literal(true)),
  timeline: z.array(z.object({ did: z.enum(REQUEST_STEPS), at: instant, reason: optionalText })),
  /** Of a request for a copy, once it has begun. */
  export: z.exactOptional(ExportAnswer),
});
export type RequestAnswer = z.output<typeof RequestAnswer>;

/** What the request comes to for one record. No id and no locator. `docs/requests.md` explains the states. */
export const ProgressAnswer = z.object({
  store: z.string(),
  /** It is about all records of this collection that carry the id of the entity. Absent: it is about one record. */
  collection: optionalText,
  /** Of a collection that is `gone`: this number of its records stays for their own reasons, and are listed on their own. */
  kept: z.exactOptional(z.int()),
  generation: z.int(),
  categories: z.array(z.string()),
  producers: z.array(z.string()),
  state: z.enum(['gone', 'due', 'restricted', 'kept-by-law', 'held', 'later', 'undetermined', 'kept']),
  action: optionalText,
  /** `gone`: when; `due`: by when; else until when it is kept. */
  at: optionalInstant,
  /** Its use is blocked while it is kept. */
  restricted: z.exactOptional(z.literal(true)),
  /** Of a collection: when its records were marked as restricted. What was written later may not be marked. */
  markedAt: optionalInstant,
  policy: optionalText,
  rule: optionalText,
  /** The sentence of the policy or law that the rule was written from. */
  source: z.exactOptional(z.object({ document: z.string(), sentence: optionalText })),
  reasons: z.array(z.string()),
});
export type ProgressAnswer = z.output<typeof ProgressAnswer>;

export const RequestsAnswer = z.object({
  asOf: instant,
  /** Nothing was written. */
  dryRun: z.exactOptional(z.literal(true)),
  requests: z.array(RequestAnswer),
  /** Of the one request that was asked for: its records, page by page. A producer sees those that it registered. */
  holdings: z.exactOptional(z.array(ProgressAnswer)),
  /** Accounts of the person that the request does not reach, because they are another person's, too. */
  leftAlone: z.exactOptional(z.int()),
  text: z.exactOptional(PersonText),
  /** Works until then for everybody who has it, without credentials. It can stop earlier: then ask for another one. */
  link: z.exactOptional(z.object({ url: z.string(), expiresAt: instant })),
  next: z.exactOptional(Cursor),
});
export type RequestsAnswer = z.output<typeof RequestsAnswer>;
