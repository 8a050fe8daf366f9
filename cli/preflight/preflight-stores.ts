import { rulesIn } from '../../shared/domain/configuration/check-producers.ts';
import type { Configuration, StoreConfiguration } from '../../shared/domain/configuration/configuration.ts';
import { own } from '../../shared/domain/own.ts';
import { maskTree, mayBeAbsent } from '../../shared/domain/record/mask-tree.ts';
import { storeKind, storeKindName, type StoreKindName } from '../../shared/stores/kinds.ts';
import { type Finding, note, unknown } from './preflight-finding.ts';
import type { StoreReach } from './preflight-reach.ts';

type Check = (name: string, store: StoreConfiguration, reach: StoreReach) => Promise<readonly Finding[]>;

interface StorePreflight {
  /** AWS actions that the look needs, besides those of the lane; `docs/configuration.md` lists them. */
  readonly actions: readonly string[];
  /** Loads the driver: only when a store of its kind is configured. */
  readonly check: () => Promise<Check>;
}

/** How each kind of store is looked at. */
export const STORE_PREFLIGHTS: Readonly<Record<StoreKindName, StorePreflight>> = {
  dynamodb: {
    actions: ['dynamodb:DescribeTable', 'dynamodb:DescribeContinuousBackups', 'dynamodb:DescribeTimeToLive'],
    check: async () => (await import('./preflight-dynamodb.ts')).checkDynamoTable,
  },
  http: {
    actions: ['secretsmanager:GetSecretValue'],
    check: async () => (await import('./preflight-http.ts')).checkVendor,
  },
  postgresql: {
    actions: [],
    check: async () => (await import('./preflight-postgresql.ts')).checkPostgresTable,
  },
  s3: {
    actions: [
      's3:GetBucketVersioning',
      's3:GetBucketObjectLockConfiguration',
      's3:GetEncryptionConfiguration',
      's3:GetReplicationConfiguration',
      's3:GetLifecycleConfiguration',
      's3:GetBucketPolicy',
    ],
    check: async () => (await import('./preflight-s3.ts')).checkBucket,
  },
};

/** Checks every store as it is now. Changes nothing. */
export async function checkStores(
  configuration: Configuration,
  reachOf: (name: string) => Omit<StoreReach, keyof Asked>,
): Promise<readonly Finding[]> {
  const findings = await Promise.all(
    Object.entries(configuration.stores).map(async ([name, store]) => {
      const check = await STORE_PREFLIGHTS[storeKindName(store.kind)].check().catch(driverMissing);
      if (check === 'no driver') {
        return [
          unknown(
            name,
            `the driver for stores of kind ${store.kind} is not installed here; run preflight in a checkout`,
          ),
        ];
      }
      const found = await check(name, store, { ...reachOf(name), ...askedOf(configuration, name) });
      return [...found, ...undeclared(name, store)];
    }),
  );
  return findings.flat();
}

/** No setting of such a store says how long its backups are kept. */
function undeclared(name: string, { kind, backupDays }: StoreConfiguration): readonly Finding[] {
  const { login, permissions } = storeKind(kind);
  const isSeen = permissions.recovery.length > 0;
  // Of a vendor's, no entry says so.
  return isSeen || login === 'role' || backupDays !== undefined
    ? []
    : [
        note(
          name,
          'the backups of the database cannot be seen, so entries of deletions will not say until when they have the data; set `backupDays` to the number of days for which backups and snapshots are kept',
        ),
      ];
}

/** The package is published without drivers. */
function driverMissing(error: unknown): 'no driver' {
  if (error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND') return 'no driver';
  throw error;
}

type Asked = Pick<
  StoreReach,
  'deletes' | 'masked' | 'masks' | 'optional' | 'collections' | 'datasets' | 'facts' | 'stores'
>;

function askedOf(configuration: Configuration, name: string): Asked {
  const { stores } = configuration;
  const asked = rulesIn(configuration, name);
  const fields = asked.flatMap(({ masks }) => [...(maskTree(masks ?? {})?.fields ?? [])]);
  const byName = [...Map.groupBy(fields, ([field]) => field)];
  const optional = byName.filter(([, masks]) => masks.every(([, tree]) => mayBeAbsent(tree)));
  return {
    // Whatever the rules say, a person may ask for erasure.
    deletes: asked.length > 0,
    masked: byName.map(([field]) => field),
    masks: fields.flatMap(([field, tree]) => (tree.kind === 'mask' ? [[field, tree.mask] as const] : [])),
    optional: optional.map(([field]) => field),
    collections: own(stores, name)?.collections ?? [],
    datasets: own(stores, name)?.datasets ?? [],
    facts: own(stores, name)?.facts ?? [],
    stores,
  };
}
