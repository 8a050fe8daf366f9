import type { Action } from '../domain/record/actions.ts';
import type { StoreConfiguration } from '../domain/configuration/configuration.ts';
import type { Store } from '../ports/store.ts';
import { dynamodb } from './dynamodb/dynamodb.ts';
import { http } from './http/http.ts';
import { postgresql } from './postgresql/postgresql.ts';
import { s3 } from './s3/s3.ts';
import { StoreError, type StoreKind, type StoreTools } from './store-kind.ts';

/**
 * Every kind of store. This is only data: an engine's driver is loaded when a store of its kind is opened. Where else a
 * new kind has to be known: `docs/changing-things.md`.
 */
export const STORE_KINDS = { dynamodb, http, postgresql, s3 };
export type StoreKindName = keyof typeof STORE_KINDS;
/** Those whose records Tenure reads itself: of a vendor's, it knows what the vendor says. */
export type DataStoreKindName = Exclude<StoreKindName, 'http'>;

export function isStoreKind(kind: string): kind is StoreKindName {
  return Object.hasOwn(STORE_KINDS, kind);
}

/** The kind's name, for a `switch` or a table that knows every kind. Throws `STORE_KIND_UNKNOWN`. */
export function storeKindName(kind: string): StoreKindName {
  if (isStoreKind(kind)) return kind;
  const known = Object.keys(STORE_KINDS).join(', ');
  throw new StoreError('STORE_KIND_UNKNOWN', `"${kind}" is not a kind of store. Use one of: ${known}.`);
}

/** The kind as data. Its options enter `resources` and `open` only after its own schema has parsed them. */
export function storeKind(kind: string): StoreKind<unknown> {
  return STORE_KINDS[storeKindName(kind)] as StoreKind<unknown>;
}

/** What a store can do, which depends on its options. Throws `STORE_KIND_UNKNOWN`. */
export function verbsOf({ kind, options }: Pick<StoreConfiguration, 'kind' | 'options'>): readonly Action[] {
  const found = storeKind(kind);
  return found.capabilities.verbs(found.options.parse(options));
}

/** The mistakes in a store's options, as paths and sentences that quote no value. Empty if there are none. */
export function optionProblems(store: Pick<StoreConfiguration, 'kind' | 'options'>): string[] {
  const parsed = storeKind(store.kind).options.safeParse(store.options);
  return parsed.success
    ? []
    : parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
}

/** Loads the driver and opens the store. Nothing is contacted yet, so opening a store that is down succeeds. */
export async function openStore(
  { kind, options, keys, region }: Pick<StoreConfiguration, 'kind' | 'options' | 'keys' | 'region'>,
  tools: Omit<StoreTools, 'keys' | 'region'>,
): Promise<Store> {
  const problems = optionProblems({ kind, options });
  if (problems.length > 0) {
    throw new StoreError(
      'STORE_OPTIONS_INVALID',
      `The options of a store of kind ${kind} are not valid; correct them in retention.config.ts: ${problems.join('; ')}`,
    );
  }
  const found = storeKind(kind);
  const parsed = found.options.parse(options);
  const problem = found.loginProblem(parsed, tools.connection?.login ?? 'password');
  if (problem !== undefined) {
    throw new StoreError(
      'STORE_OPTIONS_INVALID',
      `A store of kind ${kind} cannot be opened with its login; correct it in retention.config.ts: ${problem}`,
    );
  }
  return found.open(parsed, { ...tools, keys, region });
}
