import type * as z from 'zod';
import type { SurveyRequest } from '../domain/coverage/coverage-settings.ts';
import type { Action } from '../domain/record/actions.ts';
import type {
  CollectionPlace,
  DatasetConfiguration,
  KeyColumn,
  KeyProblem,
} from '../domain/configuration/configuration.ts';
import type { Masks } from '../domain/record/masks.ts';
import type { Place, Promised, Store } from '../ports/store.ts';

/** What a store gets from the process that opens it. */
export interface StoreTools {
  readonly region: string;
  /** Key columns in order, from the configuration. */
  readonly keys: readonly KeyColumn[];
  /** The limit for a call of the store. Items without an answer by then are `STORE_TIMEOUT`. */
  readonly timeoutSeconds: number;
  /** Called when a pseudonym is first needed. */
  readonly pseudonymKey: () => Promise<Uint8Array>;
  /** For engines that need more than their options: a local endpoint, or a token for each connection. */
  readonly connection?: StoreConnection;
  /** Where files of an export are copied to. Without it a kind that keeps files cannot read: `STORE_DENIED`. */
  readonly exports?: ExportsPlace;
}

/** The bucket of exports. Its region may be another one than the store's. */
export interface ExportsPlace {
  readonly bucket: string;
  readonly region: string;
}

export interface StoreConnection {
  /**
   * DynamoDB: `http://127.0.0.1:8000`. PostgreSQL: `postgres://127.0.0.1:5432`, which replaces host and port. A vendor:
   * `http://127.0.0.1:8080`, which is connected to instead of its origin; the request names the origin as ever.
   */
  readonly endpoint?: string;
  readonly credentials?: () => Promise<AwsCredentials>;
  /** PostgreSQL: called for every new connection, so that tokens can be short-lived. */
  readonly password?: (who: DatabaseUser) => Promise<string>;
  /** What `password` gives. Default: `password`. */
  readonly login?: DatabaseLoginKind;
  readonly vendor?: VendorConnection;
}

/** What requests to a vendor need. */
export interface VendorConnection {
  /** The texts of a secret, by name. `again`: read now, and not as it was a few minutes ago. Throws if it cannot be read. */
  secret(arn: string, again: boolean): Promise<Readonly<Record<string, string>>>;
  /** Milliseconds since 1970: a vendor refuses a signature that is old. */
  readonly now: () => number;
  /** Certificates of authorities that are trusted besides those of Node, as PEM. */
  readonly authorities?: string;
}

/** `token`: anyone who reads it on its way is let in by it for a quarter of an hour. */
export type DatabaseLoginKind = 'token' | 'password';

export interface DatabaseUser {
  readonly host: string;
  readonly port: number;
  readonly user: string;
}

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** The location of a store in AWS, for the ARNs of its permissions. */
export interface StorePlace {
  readonly partition: string;
  readonly region: string;
  readonly account: string;
  /** PostgreSQL with RDS tokens: the instance's or cluster's resource id (`db-…`, `cluster-…`). */
  readonly databaseId?: string;
}

/** Actions of AWS on some resources. */
export interface StoreGrant {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
}

export const STORE_CALLS = [
  'look',
  'delete',
  'anonymise',
  'restrict',
  'readBack',
  'read',
  'list',
  'idsOf',
  'survey',
  'range',
  'recovery',
] as const;
export type StoreCall = (typeof STORE_CALLS)[number];

/**
 * One kind of store: its options, capabilities and permissions as data, and how to open it. Opening loads the driver.
 */
export interface StoreKind<Options> {
  readonly kind: string;
  readonly options: z.ZodType<Options>;
  /** What is wrong with these key columns, or with an option that names them, and what to do; `undefined` if they are valid. Without `options`, these have mistakes themselves. */
  keyProblem(keys: readonly KeyColumn[], options: Options | undefined): KeyProblem | undefined;
  /** What is wrong with a collection's `by` and `where` and what to do; `undefined` if they are valid. */
  collectionProblem(
    options: Options,
    keys: readonly KeyColumn[],
    by: string,
    where: Place['where'],
  ): string | undefined;
  /** Why a dataset cannot be in such a store and what to do; `undefined` if it can. */
  datasetProblem(
    options: Options,
    keys: readonly KeyColumn[],
    dataset: DatasetConfiguration,
  ): string | undefined;
  /** Whether a pass over a dataset looks at records of the store that are not in its range. */
  readsAll(dataset: Pick<DatasetConfiguration, 'scan'>): boolean;
  /** The column that has the ids of a collection with this `by`, as a dataset of the same rows names it. */
  idColumn(keys: readonly KeyColumn[], by: string): string;
  /** How to tell two collections apart; `undefined` if no record can be in both, whatever the ids. */
  overlapProblem(one: CollectionPlace, other: CollectionPlace): string | undefined;
  /** Whether some record can carry this id in the declared place, as far as that is known without the store. */
  canCarry(keys: readonly KeyColumn[], place: Pick<Place, 'by' | 'value'>): boolean;
  readonly capabilities: {
    /** Whether, with these options, a record that is rewritten between `look` and the action is `changed`. */
    versions(options: Options): boolean;
    /** Whether deleting an absent record answers `already-so`. Otherwise it answers `deleted`, so look first. */
    tellsAbsence(options: Options): boolean;
    verbs(options: Options): readonly Action[];
    /** The option that lets a store restrict records, as it is written in the configuration. */
    readonly restrictOption: string | undefined;
    /** The field of a record that says that it is restricted, if it is one: no mask may change it. */
    markerField(options: Options): string | undefined;
    /** Whether a mask may name a field inside a field, or fields of the elements of a list. */
    nestedMasks(options: Options): boolean;
    /** What a survey can be asked. */
    readonly surveys: readonly SurveyRequest[];
    /** Whether `range` gives rows in the order of their clock. */
    readonly sortsRanges: boolean;
    /** Whether a clock of its rows can be in another table. */
    readonly joinsTables: boolean;
  };
  /** Packages that `open` loads, and what these try to load that is not installed: bundles leave it out. */
  readonly driver: { readonly packages: readonly string[]; readonly leftOut: readonly string[] };
  /** `role`: the lane's role lets it in. `password`: the engine asks for one, so the lane's settings need a `login`. */
  readonly login: 'role' | 'password';
  /** Why a lane cannot log in this way with these options; `undefined` if it can. */
  loginProblem(options: Options, login: DatabaseLoginKind): string | undefined;
  /** AWS actions that each call needs, for the lane's role. Those of `restrict` include what reads the mark back. */
  readonly permissions: Readonly<Record<Exclude<StoreCall, 'list' | 'range' | 'survey'>, readonly string[]>>;
  /** The resources of these actions; empty if a store with these options needs no AWS permission. */
  resources(options: Options, place: StorePlace): readonly string[];
  /** What `list` needs for a collection with this `by`. Not every resource is one of `resources`. */
  listAccess(
    options: Options,
    place: StorePlace,
    keys: readonly KeyColumn[],
    by: string,
  ): readonly StoreGrant[];
  /** What `range` needs for this dataset. Not every resource is one of `resources`. */
  rangeAccess(options: Options, place: StorePlace, dataset: DatasetConfiguration): readonly StoreGrant[];
  /** What a survey needs that is asked this. */
  surveyAccess(
    options: Options,
    place: StorePlace,
    requests: readonly SurveyRequest[],
  ): readonly StoreGrant[];
  /** The vendor that its requests go to; `undefined` for a store in AWS or a database. */
  vendor(options: Options): VendorPlace | undefined;
  open(options: Options, tools: StoreTools): Promise<Store>;
}

/** What the lane of a vendor reaches. `secret`: its ARN. `isPrivate`: the server may be in one's own network. */
export interface VendorPlace {
  readonly host: string;
  readonly secret?: string;
  readonly isPrivate: boolean;
}

export type StoreErrorCode = 'STORE_KIND_UNKNOWN' | 'STORE_OPTIONS_INVALID' | 'STORE_VERB_UNSUPPORTED';

/** A mistake in configuration or code. Answers of a store are values, never errors. */
export class StoreError extends Error {
  readonly code: StoreErrorCode;
  constructor(code: StoreErrorCode, message: string) {
    super(message);
    this.name = 'StoreError';
    this.code = code;
  }
}

/** For verbs that a store does not support: a policy that needs one is refused when it is loaded. */
export function unsupported(kind: string, verb: Action): StoreError {
  return new StoreError(
    'STORE_VERB_UNSUPPORTED',
    `A store of kind ${kind} with these options does not support ${verb}. Check verbsOf(store) when a policy is loaded, and refuse a policy that needs it.`,
  );
}

/** What a store without `restrict` cannot read back. */
export function isAboutRestriction(expect: Promised['expect']): boolean {
  return expect === 'restricted' || expect === 'unrestricted';
}

/** Only a pseudonym needs the key, and not every lane has access to it. */
export async function keyFor(masks: Masks, { pseudonymKey }: StoreTools): Promise<Uint8Array> {
  return Object.values(masks).some(({ kind }) => kind === 'pseudonym') ? pseudonymKey() : new Uint8Array();
}
