import type { Action } from '../domain/record/actions.ts';
import type { StoreConfiguration } from '../domain/configuration/configuration.ts';
import type { Store } from '../ports/store.ts';
import { dynamodb } from './dynamodb/dynamodb.ts';
import { postgresql } from './postgresql/postgresql.ts';
import { s3 } from './s3/s3.ts';
import { StoreError, type StoreKind, type StoreTools } from './store-kind.ts';

/** Every kind of store. Only data is here: an engine's driver loads when a store of its kind is opened. */
export const STORE_KINDS = { dynamodb, postgresql, s3 };
export type StoreKindName = keyof typeof STORE_KINDS;

export function isStoreKind(kind: string): kind is StoreKindName {
  return Object.hasOwn(STORE_KINDS, kind);
}

/** What stores of a kind can do. Throws `STORE_KIND_UNKNOWN`. */
export function verbsOf(kind: string): readonly Action[] {
  return named(kind).capabilities.verbs;
}

/** What is wrong with a store's options, as paths and sentences that quote no value; empty when nothing is. */
export function optionProblems(store: Pick<StoreConfiguration, 'kind' | 'options'>): string[] {
  const parsed = named(store.kind).options.safeParse(store.options);
  return parsed.success
    ? []
    : parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
}

/** Loads the driver and opens the store. Nothing is contacted yet, so a store that is down does open. */
export async function openStore(
  { kind, options, keys, region }: Pick<StoreConfiguration, 'kind' | 'options' | 'keys' | 'region'>,
  tools: Omit<StoreTools, 'keys' | 'region'>,
): Promise<Store> {
  const problems = optionProblems({ kind, options });
  if (problems.length > 0) {
    throw new StoreError(
      'STORE_OPTIONS_INVALID',
      `The options of a store of kind ${kind} are wrong; correct them in retention.config.ts: ${problems.join('; ')}`,
    );
  }
  const found = named(kind);
  return found.open(found.options.parse(options), { ...tools, keys, region });
}

function named(kind: string): StoreKind<unknown> {
  if (!isStoreKind(kind)) {
    const known = Object.keys(STORE_KINDS).join(', ');
    throw new StoreError('STORE_KIND_UNKNOWN', `There is no store kind "${kind}". Use one of: ${known}.`);
  }
  // A kind's options enter `open` only after its own schema has parsed them.
  return STORE_KINDS[kind] as StoreKind<unknown>;
}
