import { PostgresOptions } from './postgresql-options.ts';
import { canCarry, postgresCollectionProblem, postgresDatasetProblem } from './postgresql-place.ts';
import { fieldOverlap } from '../listing.ts';
import type { StoreKind, StorePlace } from '../store-kind.ts';

function usersOf(
  { user }: PostgresOptions,
  { partition, region, account, databaseId }: StorePlace,
): string[] {
  return databaseId === undefined
    ? []
    : [`arn:${partition}:rds-db:${region}:${account}:dbuser:${databaseId}/${user}`];
}

/** Rows of one PostgreSQL table, found by columns that together name one row. */
export const postgresql: StoreKind<PostgresOptions> = {
  kind: 'postgresql',
  options: PostgresOptions,
  keyProblem: () => undefined,
  collectionProblem: (_options, keys, by, where) => postgresCollectionProblem(keys, by, where),
  datasetProblem: (options, _keys, dataset) => postgresDatasetProblem(options, dataset),
  readsAll: () => false,
  idColumn: (_keys, by) => by,
  overlapProblem: fieldOverlap,
  canCarry,
  capabilities: {
    versions: () => true,
    tellsAbsence: () => true,
    verbs: ({ restrict }) =>
      restrict === undefined ? ['delete', 'anonymise'] : ['delete', 'anonymise', 'restrict'],
    restrictOption: "restrict: { column: 'restricted_at' }",
    markerField: ({ restrict }) => restrict?.column,
    nestedMasks: () => false,
    surveys: ['neverPresent'],
    sortsRanges: true,
    joinsTables: true,
  },
  // A binding in C, and a file of passwords: no function has either.
  driver: { packages: ['pg'], leftOut: ['pg-native', 'pgpass', './native'] },
  login: 'password',
  loginProblem: ({ tls }, login) =>
    tls === 'off' && login === 'token'
      ? "`tls: 'off'` would send the token of the login unencrypted, and RDS refuses it; remove `tls`"
      : undefined,
  // For token authentication. The privileges of the database user are in docs/stores/postgresql.md.
  permissions: {
    look: ['rds-db:connect'],
    delete: ['rds-db:connect'],
    anonymise: ['rds-db:connect'],
    restrict: ['rds-db:connect'],
    readBack: ['rds-db:connect'],
    read: ['rds-db:connect'],
    idsOf: ['rds-db:connect'],
    recovery: [],
  },
  resources: usersOf,
  listAccess: (options, place) => [{ actions: ['rds-db:connect'], resources: usersOf(options, place) }],
  rangeAccess: (options, place) => [{ actions: ['rds-db:connect'], resources: usersOf(options, place) }],
  surveyAccess: () => [],
  vendor: () => undefined,
  async open(parsed, tools) {
    const { openPostgresStore } = await import('./postgresql-store.ts');
    return openPostgresStore(parsed, tools);
  },
};
