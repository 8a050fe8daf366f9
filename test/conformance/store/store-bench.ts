import type { KeyColumn } from '../../../shared/domain/configuration/configuration.ts';
import type { Locator, Read, Store, ToRead } from '../../../shared/ports/store.ts';

/** The record that the suite's application stores about a person. `note` may be empty. */
export interface Person {
  readonly mail: string;
  /** An ISO date-time in UTC. */
  readonly born: string;
  readonly score: number;
  readonly note: string | null;
}

/** As the engine shows it afterwards; an absent field is `null`. */
export interface PersonRead {
  readonly mail: string | null;
  readonly born: string | null;
  readonly score: string | null;
  readonly note: string | null;
}

/** A fresh, empty collection of an engine, the application that writes to it, and Tenure's store over it. */
export interface Collection {
  readonly store: Store;
  /** The application writes a record, new or existing, as a well-behaved application of this engine does. */
  readonly put: (locator: Locator, person: Person) => Promise<void>;
  readonly remove: (locator: Locator) => Promise<void>;
  readonly read: (locator: Locator) => Promise<PersonRead | undefined>;
  readonly count: () => Promise<number>;
  /** Whether the application sees that the record must not be used. */
  readonly isRestricted: (locator: Locator) => Promise<boolean>;
  /** The person in what the store has read: in the document, or in the file that it copied. */
  readonly exported: (read: Read | undefined, asked: ToRead | undefined) => Promise<PersonRead>;
}

/** Capabilities that differ between kinds. */
export interface StoreTraits {
  readonly tellsAbsence: boolean;
  readonly versions: boolean;
  /** Text keys that no record of this engine can have. */
  readonly impossibleTexts: readonly string[];
  /** A collection's `by` for the first key column. */
  readonly byFirst: (name: string) => string;
}

export interface StoreBench {
  collection(keys: readonly KeyColumn[]): Promise<Collection>;
  /** A store whose engine does not exist. */
  unreachable(keys: readonly KeyColumn[]): Promise<Store>;
  /** A store whose table, or its equivalent in the engine, does not exist. */
  withoutTable(keys: readonly KeyColumn[]): Promise<Store>;
  stop(): Promise<void>;
}

/** For kinds that answer with documents. */
export async function inDocument(read: Read | undefined): Promise<PersonRead> {
  if (read?.state !== 'document') throw new Error(`expected a document, not ${read?.state}`);
  const { document } = read;
  const text = (name: string) => {
    const value = document[name] ?? null;
    return value === null || typeof value === 'string' ? value : JSON.stringify(value);
  };
  return { mail: text('mail'), born: text('born'), score: text('score'), note: text('note') };
}

/** A marker for personal data: no answer of a store may contain it. */
export const MARKER = 'marker-ada-lovelace';
export const PERSON: Person = {
  mail: `${MARKER}@example.org`,
  born: '1980-05-17T21:30:00Z',
  score: 42,
  note: `${MARKER} likes tea`,
};

export const PSEUDONYM_KEY = new Uint8Array(32).fill(9);
