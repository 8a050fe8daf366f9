import * as z from 'zod';
import { OUTCOMES, STORE_ACTIONS } from '../record/actions.ts';
import { type Entry, type NoteEntry, OPERATOR_ACTIONS } from '../record/entry.ts';
import type { LogRef } from '../record/ids.ts';
import { parseVkey } from './note.ts';
import { TILE_WIDTH } from './tiles.ts';

/** What stands in the log, member by member: nothing else is in an entry. */

const Ref = z.custom<LogRef>((value) => typeof value === 'string' && /^[\w-]{22}$/.test(value));
const Time = z
  .string()
  .refine((text) => !Number.isNaN(Date.parse(text)) && /^\d{4}-\d\d-\d\dT.*Z$/.test(text));
const Until = Time.or(z.literal('unknown'));
const Count = z.int().min(0);
const Root = z.string().regex(/^[0-9a-f]{64}$/);
const Text = z.string().min(1);
const Stage = z.enum(STORE_ACTIONS);

const Page = z.strictObject({
  records: Count,
  root: z.exactOptional(Root),
  kept: z.exactOptional(Count),
  failed: z.exactOptional(Count),
  changed: z.exactOptional(Count),
  more: z.exactOptional(z.literal(true)),
  range: z.exactOptional(z.strictObject({ first: Time, last: Time })),
  held: z.exactOptional(Count),
  undated: z.exactOptional(Count),
});

const Outcomes = z.strictObject({
  v: z.literal(2),
  token: Text,
  holding: Ref,
  generation: z.int().min(0),
  stage: Stage,
  part: z.exactOptional(Text),
  interrupted: z.exactOptional(z.literal(true)),
  categories: z.array(Text),
  store: Text,
  outcome: z.enum([...OUTCOMES, 'pseudonymised']),
  page: z.exactOptional(Page),
  masks: z.exactOptional(z.record(z.string(), Text)),
  subjects: z.array(z.strictObject({ type: Text, ref: Ref })),
  policy: z.string(),
  policyVersion: z.string(),
  rule: z.string(),
  window: z.exactOptional(
    z.strictObject({
      notBefore: z.exactOptional(Time),
      notAfter: z.exactOptional(Time),
      floor: z.exactOptional(Time),
    }),
  ),
  basis: z.exactOptional(z.enum(['law', 'policy'])),
  facts: z.array(z.strictObject({ type: Text, occurred: z.exactOptional(Text) })),
  due: z.exactOptional(Time),
  leased: Time,
  acted: z.exactOptional(Time),
  readBack: z.exactOptional(Time),
  answer: z.exactOptional(Text),
  until: z.exactOptional(Time),
  unrecoverableAt: z.exactOptional(Until),
  software: Text,
  tzdata: Text,
});

const Asked = z.strictObject({
  v: z.literal(2),
  token: Text,
  did: z.enum(OPERATOR_ACTIONS),
  by: z.exactOptional(Ref),
  at: Time,
  lane: z.exactOptional(Text),
  policy: z.exactOptional(Text),
  rule: z.exactOptional(Text),
  records: z.exactOptional(Count),
  target: z.exactOptional(Ref),
  matter: z.exactOptional(Ref),
  request: z.exactOptional(
    z.strictObject({
      kind: Text,
      step: Text,
      records: z.exactOptional(Count),
      leftOut: z.exactOptional(Count),
    }),
  ),
  proposal: z.exactOptional(
    z.strictObject({ ref: Ref, did: z.exactOptional(z.enum(OPERATOR_ACTIONS)), by: z.exactOptional(Ref) }),
  ),
  policies: z.exactOptional(z.strictObject({ digest: Text, newlyDue: z.exactOptional(Count) })),
  since: z.exactOptional(Time),
  software: Text,
});

const ChangedFact = z.strictObject({
  v: z.literal(2),
  token: Text,
  did: z.enum(['corrected', 'retracted']),
  at: Time,
  producer: Text,
  by: z.enum(['producer', 'operator']),
  type: z.exactOptional(Text),
  target: Ref,
  software: Text,
});

const Afterwards = z.strictObject({
  v: z.literal(2),
  token: Text,
  did: z.enum(['disposed-before-fact', 'came-back']),
  at: Time,
  holding: Ref,
  generation: z.int().min(0),
  store: Text,
  stages: z.array(
    z.strictObject({
      stage: Stage,
      part: z.exactOptional(Text),
      outcome: z.enum(OUTCOMES),
      entry: z.exactOptional(z.strictObject({ token: Text, line: Count })),
    }),
  ),
  unrecoverableAt: z.exactOptional(Until),
  software: Text,
});

const Rotation = z.strictObject({
  v: z.literal(2),
  token: Text,
  did: z.literal('rotate-key'),
  at: Time,
  key: z.string().refine((text) => parseVkey(text) !== undefined),
  software: Text,
});

const Drop = z.strictObject({
  v: z.literal(2),
  token: Text,
  did: z.literal('drop'),
  at: Time,
  before: z.int().min(TILE_WIDTH).multipleOf(TILE_WIDTH),
  software: Text,
});

const Day = z.iso.date();
const ofDays = {
  v: z.literal(2),
  token: Text,
  at: Time,
  first: Day,
  last: Day,
  registry: z.exactOptional(Text),
  due: z.strictObject({ settled: Count, later: Count, held: Count, waits: Count, open: Count }),
  software: Text,
};

const DueList = z.strictObject({
  ...ofDays,
  did: z.literal('due-list'),
  part: Count,
  records: z.int().min(1),
  root: Root,
});

const DatasetClock = z.strictObject({
  store: Text,
  category: Text,
  surveyed: z.exactOptional(Time),
  oldest: z.exactOptional(Day.or(z.literal('none'))),
  personal: z.exactOptional(z.literal(true)),
  unreadable: z.exactOptional(Count),
  counted: z.exactOptional(z.enum(['exact', 'estimate', 'at-least'])),
});

const Statement = z.strictObject({
  ...ofDays,
  did: z.literal('statement'),
  parts: Count,
  root: Root,
  unlinked: z.exactOptional(Count),
  datasets: z.exactOptional(z.array(DatasetClock)),
  datasetsLeftOut: z.exactOptional(z.int().min(1)),
});

const Notes: z.ZodType<NoteEntry> = z.discriminatedUnion('did', [
  Asked,
  ChangedFact,
  Afterwards,
  Rotation,
  Drop,
  DueList,
  Statement,
]);
const AttemptEntry: z.ZodType<Entry> = Outcomes;

/** An entry of the log; nothing if it is of no form that this version knows. */
export function entryIn(value: unknown): Entry | NoteEntry | undefined {
  const isNote = typeof value === 'object' && value !== null && 'did' in value;
  return (isNote ? Notes : AttemptEntry).safeParse(value).data;
}

/** Whether it is about the outcome of an attempt. */
export function isOutcome(entry: Entry | NoteEntry): entry is Entry {
  return !('did' in entry);
}
