import type { KeyColumn } from '../../domain/configuration/configuration.ts';
import { present } from '../../domain/present.ts';
import type { Action } from '../../domain/record/actions.ts';
import type { StoreKind, StorePlace } from '../store-kind.ts';
import { HttpOptions } from './http-options.ts';
import { templateProblems } from './template-problems.ts';

const READS_SECRET = ['secretsmanager:GetSecretValue'];
const ACTIONS = ['delete', 'anonymise', 'restrict'] as const satisfies readonly Action[];
const REGISTERED_ONLY =
  'a vendor cannot be asked which records it has; remove this, and register each record that it was sent';

function secretOf({ secret }: HttpOptions, _place: StorePlace): readonly string[] {
  return secret === undefined ? [] : [secret];
}

/** Records of people at a vendor, which are disposed of by requests over HTTPS. */
export const http: StoreKind<HttpOptions> = {
  kind: 'http',
  options: HttpOptions,
  keyProblem: (keys: readonly KeyColumn[], options) => templateProblems(options, keys)[0],
  collectionProblem: () => REGISTERED_ONLY,
  datasetProblem: () => REGISTERED_ONLY,
  readsAll: () => false,
  idColumn: (_keys, by) => by,
  overlapProblem: () => undefined,
  canCarry: () => false,
  capabilities: {
    versions: () => false,
    tellsAbsence: () => true,
    verbs: (options) => options.notice ?? ACTIONS.filter((action) => options[action] !== undefined),
    restrictOption: 'restrict and lift, each with a method and a path',
    markerField: () => undefined,
    nestedMasks: () => true,
    surveys: [],
    sortsRanges: false,
    joinsTables: false,
  },
  driver: { packages: [], leftOut: [] },
  login: 'role',
  loginProblem: () => undefined,
  permissions: {
    look: READS_SECRET,
    delete: READS_SECRET,
    anonymise: READS_SECRET,
    restrict: READS_SECRET,
    readBack: READS_SECRET,
    read: [],
    idsOf: [],
    recovery: [],
  },
  resources: secretOf,
  listAccess: () => [],
  rangeAccess: () => [],
  surveyAccess: () => [],
  vendor: ({ origin, secret, privateAddresses }) =>
    origin === undefined
      ? undefined
      : { host: new URL(origin).hostname, isPrivate: privateAddresses, ...present({ secret }) },
  async open(parsed, tools) {
    const { openHttpStore } = await import('./http-store.ts');
    return openHttpStore(parsed, tools);
  },
};
