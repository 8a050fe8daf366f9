import type * as z from 'zod';
import type { CoveredPlaces, CoverageSettings, SurveyRequest } from '../coverage/coverage-settings.ts';
import type { Action } from '../record/actions.ts';
import type { FoldProfile } from '../facts/facts.ts';
import { own } from '../own.ts';
import type { RequestSettings } from '../people/regime.ts';
import type { LaneLimits } from '../guard/lane-limits.ts';
import type { PolicySet } from './policy.ts';

/** How ids of one entity type are made comparable, in the order given. Cannot change after the first fact. */
export const NORMALISATIONS = ['trim', 'lowercase', 'nfc'] as const;
export type Normalisation = (typeof NORMALISATIONS)[number];

export interface EntityTypeConfiguration {
  /** `owned`: each producer has its own ids. `shared`: one id space; each producer's events are granted by name. */
  readonly ids: 'owned' | 'shared';
  readonly normalise: readonly Normalisation[];
  /** The type that it is a part of: its records are deleted before those of the entity that they also name. */
  readonly belongsTo?: string;
  /** The shared type whose entity is known by it in one application: what a person asks for reaches the account, too. */
  readonly identifies?: string;
}

export const KEY_TYPES = ['text', 'integer', 'decimal', 'uuid', 'date', 'timestamp', 'binary'] as const;
export type KeyType = (typeof KEY_TYPES)[number];

export interface KeyColumn {
  readonly name: string;
  readonly type: KeyType;
}

/** With `option`, the mistake is there, and not in the key columns. */
export type KeyProblem = string | { readonly option: string; readonly message: string };

/** All records of a store that carry an entity's id in a declared column, key or prefix. */
export interface CollectionConfiguration {
  /** Its name, once in a store: the category of its records. */
  readonly category: string;
  /** The type of the entity that its records belong to. */
  readonly entity: string;
  /** Where records carry the entity's id: the kind of store says how it is written. */
  readonly by: string;
  /** Only records whose fields have these values. */
  readonly where?: Readonly<Record<string, string | number | boolean>>;
  /** On whose behalf its records are disposed of: it has the grants for the store and the category. */
  readonly producer: string;
}

/** A column that says when something happened to its row. */
export interface ClockColumn {
  readonly column: string;
  /** Of a number: what it counts since 1970. */
  readonly unit?: 'seconds' | 'milliseconds';
  /** Of a time without an offset: where clocks showed it. */
  readonly zone?: string;
  /** Absent: the row has the column. */
  readonly in?: JoinedTable;
}

/** Another table, of which each row names at most one row. */
export interface JoinedTable {
  readonly table: string;
  /** Its column that names one of its rows. */
  readonly key: string;
  /** The row's column with the value of that key. */
  readonly by: string;
}

/** Rows of a store that have clocks of their own: each is planned by what its columns say, without a registration. */
export interface DatasetConfiguration {
  /** Its name, once in a store: the category of its rows. */
  readonly category: string;
  /** On whose behalf its rows are disposed of: it has the grants for the store and the category. */
  readonly producer: string;
  /** By event: the column that says when it happened to the row. */
  readonly clock: Readonly<Record<string, ClockColumn>>;
  /** The event whose column has the index. A row without this clock is kept. */
  readonly by: string;
  /** By attribute of the rules: its column. */
  readonly attributes?: Readonly<Record<string, string>>;
  /** By entity type: the column with the id of such an entity. */
  readonly entities?: Readonly<Record<string, string>>;
  /** Only rows whose fields have these values. */
  readonly where?: Readonly<Record<string, string | number | boolean>>;
  /** DynamoDB: a global secondary index, a colon and its partition key. Its sort key is the clock. */
  readonly index?: string;
  /** DynamoDB: each pass reads the whole table, because no index has the rows in the order of the clock. */
  readonly scan?: true;
  /** Derived from the kind of the store and `scan`. To find its rows takes a look at every record of the store, so it is swept once a day and not every hour. */
  readonly daily?: true;
}

/** A column that says when something happened to an entity: its value of now is the fact, and no application sends it. */
export interface FactColumn {
  readonly event: string;
  /** `column` has its id, and is the store's only key: each entity has one row, and so one value. */
  readonly entity: { readonly type: string; readonly column: string };
  readonly clock: ClockColumn;
  /** Whose event it is. The declaration is its grant: it must not send the event as well. */
  readonly producer: string;
  /** Only rows whose fields have these values. */
  readonly where?: Readonly<Record<string, string | number | boolean>>;
  /** It is not read any more, and what it said stays. */
  readonly ended?: true;
}

/** Which records are in a collection, whatever the id. */
export type CollectionPlace = Pick<CollectionConfiguration, 'by' | 'where'>;

export interface StoreConfiguration extends LaneLimits {
  /** A kind known to `shared/stores`. */
  readonly kind: string;
  readonly region: string;
  /** Key columns in order: a locator carries their values only. */
  readonly keys: readonly KeyColumn[];
  /** The kind's own options (table, version attribute …), validated by the kind. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Derived from the options: whether records can be restricted, and restrictions lifted. */
  readonly restricts: boolean;
  /** The most holdings that the lane disposes of in one hour. */
  readonly hourlyCap: number;
  /** Days after a deletion until backups and old versions no longer contain the data. */
  readonly backupDays?: number;
  /** Days after a deletion on which its record is looked at again, the earliest first. Absent: it is not. */
  readonly afterCare?: readonly number[];
  /** What is disposed of without a registration of each record. */
  readonly collections?: readonly CollectionConfiguration[];
  /** Rows that are disposed of by their own clocks. */
  readonly datasets?: readonly DatasetConfiguration[];
  /** What its columns say of entities. */
  readonly facts?: readonly FactColumn[];
  /** What its daily survey looks at. */
  readonly coverage?: CoverageSettings;
  /** Fields of its records that must never have values. */
  readonly neverPresent?: readonly string[];
  /** Only in the part of its lane: what stores of the configuration cover beside it. */
  readonly covered?: CoveredPlaces;
}

/** What the configuration needs to know about kinds of stores, as data: it never opens a store. */
export type StoreKinds = Readonly<
  Record<
    string,
    {
      readonly options: z.ZodType;
      readonly capabilities: {
        verbs(options: Readonly<Record<string, unknown>>): readonly Action[];
        readonly restrictOption: string | undefined;
        markerField(options: Readonly<Record<string, unknown>>): string | undefined;
        nestedMasks(options: Readonly<Record<string, unknown>>): boolean;
        readonly surveys: readonly SurveyRequest[];
        readonly sortsRanges: boolean;
        readonly joinsTables: boolean;
      };
      keyProblem(
        keys: readonly KeyColumn[],
        options: Readonly<Record<string, unknown>> | undefined,
      ): KeyProblem | undefined;
      collectionProblem(
        options: Readonly<Record<string, unknown>>,
        keys: readonly KeyColumn[],
        by: string,
        where: CollectionConfiguration['where'],
      ): string | undefined;
      datasetProblem(
        options: Readonly<Record<string, unknown>>,
        keys: readonly KeyColumn[],
        dataset: DatasetConfiguration,
      ): string | undefined;
      readonly readsAll: (dataset: Pick<DatasetConfiguration, 'scan'>) => boolean;
      readonly idColumn: (keys: readonly KeyColumn[], by: string) => string;
      readonly overlapProblem: (one: CollectionPlace, other: CollectionPlace) => string | undefined;
    }
  >
>;

export interface ProducerConfiguration {
  /** `source` of its CloudEvents and bus envelopes. Unique. */
  readonly source: string;
  /** IAM principals that call the HTTP API as this producer. */
  readonly principals: readonly string[];
  /** Its principals may also put events on the bus. */
  readonly bus?: boolean;
  /** Granted stores, with the prefixes of the first key value; `''` grants the whole store. */
  readonly stores: Readonly<
    Record<string, { readonly prefixes: readonly string[]; readonly shared: boolean }>
  >;
  readonly categories: readonly string[];
  /** Events that it may send. For shared entity types, only producers with the grant may send an event. */
  readonly events: readonly string[];
  /** Items that it may send in an hour, over HTTP and over the bus together. Default: 1,000,000. */
  readonly itemsPerHour?: number;
}

/** Seconds. Checked against each other when the configuration is loaded. */
export interface Timing {
  readonly clockTolerance: number;
  readonly minimumHintDistance: number;
  readonly earlyHint: number;
  readonly lease: number;
  readonly functionTimeout: number;
  readonly storeTimeout: number;
  readonly firstBackoff: number;
  readonly longestBackoff: number;
}

export interface PolicyChanges {
  /**
   * How many records may become due by other policies, now or within 30 days, before a person is asked. Absent: 1,000;
   * `null`: however many.
   */
  readonly maxNewlyDue?: number | null;
}

/** What one operator proposes is carried out only when another person has confirmed it. */
export interface FourEyes {
  /** Hours until a proposal can no longer be confirmed. Absent: 24. */
  readonly expiresAfterHours?: number;
  /** Roles of several people whose session names say who it is, because callers cannot choose them. */
  readonly personalSessions?: readonly string[];
}

/** One deployment, compiled and checked: every function gets the part it needs. */
export interface Configuration {
  readonly entityTypes: Readonly<Record<string, EntityTypeConfiguration>>;
  readonly stores: Readonly<Record<string, StoreConfiguration>>;
  readonly producers: Readonly<Record<string, ProducerConfiguration>>;
  readonly operators: readonly string[];
  readonly auditors: readonly string[];
  readonly policies: PolicySet;
  readonly timing: Timing;
  /** What needs a person before other policies dispose of anything. */
  readonly policyChanges?: PolicyChanges;
  /** Which decisions of operators need two people. Absent: none. */
  readonly fourEyes?: FourEyes;
  /** How requests of people are handled. */
  readonly requests: RequestSettings;
  /** Names of the columns of facts that are read. Every lane has to know them, also those of other stores. */
  readonly readColumns?: readonly string[];
  /** Names of the columns that are not read any more. */
  readonly endedColumns?: readonly string[];
  /** Derived from the policies. */
  readonly foldProfile: FoldProfile;
}

export const DEFAULT_TIMING: Timing = {
  clockTolerance: 60,
  minimumHintDistance: 180,
  earlyHint: 3600,
  lease: 600,
  functionTimeout: 300,
  storeTimeout: 60,
  firstBackoff: 300,
  longestBackoff: 86_400,
};

/** 277 items a second, for an hour. */
const DEFAULT_ITEMS_PER_HOUR = 1_000_000;

/** How many items a producer may send in an hour, over HTTP and over the bus together. */
export function itemsPerHourOf({ producers }: Pick<Configuration, 'producers'>, producer: string): number {
  return own(producers, producer)?.itemsPerHour ?? DEFAULT_ITEMS_PER_HOUR;
}
