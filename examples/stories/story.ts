import type { Happening } from './happening.ts';
import type { PeopleStep } from './people-steps.ts';

/** Values of a record's fields, as its application writes them. */
export type Fields = Readonly<Record<string, string | number>>;

/** Fields of an object in a bucket: every version of its content, the oldest first. */
export function objectOf(contentType: string, versions: readonly string[]): Fields {
  return {
    contentType,
    ...Object.fromEntries(versions.map((content, index) => [`content${index}`, content])),
  };
}

/** A record of an application: the data that it writes into its store, and what it registers with Tenure. */
export interface StoryRecord {
  /** What people call it, e.g. `Anna's profile`. Unique in its story. */
  readonly name: string;
  /** The producer that writes and registers it. */
  readonly by: string;
  readonly store: string;
  /** Key values in the order of the store's key columns. */
  readonly key: readonly (string | number)[];
  /** All other fields. */
  readonly fields: Fields;
  readonly categories: readonly string[];
  readonly purposes: readonly string[];
  readonly entities: readonly { readonly type: string; readonly id: string }[];
  readonly attributes?: Readonly<Record<string, string>>;
}

/** The application registers records, then writes them. */
export interface Written extends Happening {
  readonly kind: 'written';
  readonly records: readonly StoryRecord[];
}

/** A lifecycle event, sent by a producer over the bus or over HTTP. */
export interface Sent extends Happening {
  readonly kind: 'sent';
  readonly by: string;
  readonly over: 'bus' | 'http';
  readonly type: string;
  readonly entity: { readonly type: string; readonly id: string };
  /** A date, or a date-time with offset; may lie in the future. */
  readonly occurred: string;
  readonly attributes?: Readonly<Record<string, string>>;
}

/** The record after it was anonymised: `cleared` fields are empty, `shows` has the values of other fields. */
export interface Masked {
  readonly record: string;
  readonly cleared?: readonly string[];
  /** Fields whose value was replaced by something else. */
  readonly replaced?: readonly string[];
  readonly shows?: Fields;
}

/** The sum of a number over records, for each month of a date. */
export interface Summed {
  readonly of: string;
  readonly records: readonly string[];
  readonly byMonthOf: string;
}

/** What must be gone, masked, restricted or still there now, as read from the stores themselves. */
export interface Checked extends Happening {
  readonly kind: 'checked';
  readonly gone?: readonly string[];
  readonly masked?: readonly Masked[];
  /** What statistics are made from: the sums are as they were when the records were written. */
  readonly sums?: readonly Summed[];
  /** Disposed of in this order: none after the next one. */
  readonly inOrder?: readonly string[];
  /** Still there, and the store's own mark says that it must not be used. */
  readonly restricted?: readonly string[];
  /** Still there, without such a mark. */
  readonly unrestricted?: readonly string[];
  /** `because`: a part of the sentence in which Tenure must explain why it keeps the record. */
  readonly remains?: readonly { readonly record: string; readonly because: string }[];
}

/** Somebody asks which records exist about an entity of a shared type, such as a person. */
export interface Asked extends Happening {
  readonly kind: 'asked';
  readonly entity: { readonly type: string; readonly id: string };
  /** The answer must contain exactly these. */
  readonly holds: readonly string[];
}

/** A store is restored from a backup: records that were disposed of are there again. The operator asks which. */
export interface Restored extends Happening {
  readonly kind: 'restored';
  readonly store: string;
  /** When the backup was made. */
  readonly since: string;
  readonly records: readonly string[];
}

/** What the operator's question came to. `finds`: by standing, and nothing else. */
export interface Replayed extends Happening {
  readonly kind: 'replayed';
  readonly finds: Readonly<Record<string, number>>;
  /** Then it is asked once more, and what is there is disposed of. */
  readonly thenDisposes?: true;
}

/** A defect is planted: from now on, the registry's table loses what a census puts down about this record. */
export interface Lost extends Happening {
  readonly kind: 'lost';
  readonly record: string;
}

/** An auditor compares the statement of what was due on a day with the rest of the deletion log. */
export interface Compared extends Happening {
  readonly kind: 'compared';
  /** In UTC, such as 2025-06-13. */
  readonly day: string;
  /** The statement leaves out exactly these. */
  readonly leavesOut: readonly string[];
}

/** What a vendor that has a record was asked for by now. */
export interface Told extends Happening {
  readonly kind: 'told';
  readonly record: string;
  /** Each counts once, however often it was sent. */
  readonly requests: number;
  /** The vendor has said that it is done. */
  readonly confirmed: boolean;
}

export type StoryStep =
  | Written
  | Sent
  | Asked
  | Checked
  | Restored
  | Replayed
  | Lost
  | Compared
  | Told
  | PeopleStep;

/** The story of one policy: what happens, and which records must be gone or kept. Steps are in order of time. */
export interface Story {
  /** The policy's name. */
  readonly name: string;
  readonly title: string;
  /** Two or three lines for people: what the policy promises, and what the operator had to decide. */
  readonly about: readonly string[];
  /** The time zone in which times are shown. */
  readonly zone: string;
  readonly steps: readonly StoryStep[];
  /** Texts in the records, keys and ids above. A test searches for them in everything that Tenure itself writes. */
  readonly planted: readonly string[];
}
