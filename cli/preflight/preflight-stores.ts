import { actionsOf, rulesIn } from '../../shared/domain/configuration/check-producers.ts';
import type { Configuration, StoreConfiguration } from '../../shared/domain/configuration/configuration.ts';
import { type Finding, note, unknown } from './preflight-finding.ts';
import type { StoreReach } from './preflight-reach.ts';

type Check = (name: string, store: StoreConfiguration, reach: StoreReach) => Promise<readonly Finding[]>;

/** Each loads its driver when a store of its kind is configured. */
const CHECKS: Readonly<Record<string, () => Promise<Check>>> = {
  dynamodb: async () => (await import('./preflight-dynamodb.ts')).checkDynamoTable,
  postgresql: async () => (await import('./preflight-postgresql.ts')).checkPostgresTable,
  s3: async () => (await import('./preflight-s3.ts')).checkBucket,
};

/** Looks at every store as it is now. Changes nothing. */
export async function checkStores(
  configuration: Configuration,
  reachOf: (name: string) => Omit<StoreReach, 'deletes' | 'masked'>,
): Promise<readonly Finding[]> {
  const findings = await Promise.all(
    Object.entries(configuration.stores).map(async ([name, store]) => {
      const check = await CHECKS[store.kind]?.().catch(driverMissing);
      if (check === 'no driver') {
        return [
          unknown(name, `the driver of kind ${store.kind} is not installed here; run this in a checkout`),
        ];
      }
      if (check === undefined)
        return [note(name, `nothing is known of stores of kind ${store.kind} to look at`)];
      return check(name, store, { ...reachOf(name), ...askedOf(configuration, name) });
    }),
  );
  return findings.flat();
}

/** The package ships without drivers. */
function driverMissing(error: unknown): 'no driver' {
  if (error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND') return 'no driver';
  throw error;
}

function askedOf(configuration: Configuration, name: string): Pick<StoreReach, 'deletes' | 'masked'> {
  const asked = rulesIn(configuration, name);
  return {
    deletes: asked.some((policy) => actionsOf(policy).includes('delete')),
    masked: [...new Set(asked.flatMap(({ masks }) => Object.keys(masks ?? {})))],
  };
}
