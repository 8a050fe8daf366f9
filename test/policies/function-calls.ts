import type { RegistryUser } from '../../infra/registry-access.ts';
import { methodsOf } from '../../infra/registry-uses.ts';
import { callsOf, type Family, isScan } from '../../infra/registry-calls.ts';
import { storeAccess } from '../../infra/store-access.ts';
import { present } from '../../shared/domain/present.ts';
import { VENDOR_KIND } from '../../shared/domain/record/asked.ts';
import { storeKind } from '../../shared/stores/kinds.ts';
import type { PortMethod } from './called-methods.ts';
import type { Asked } from './cases.ts';
import type { Deployed, DeployedFunction } from './deployed.ts';
import { PARTITION } from './identities.ts';
import { CALLS, DAY, findsRecords, itemCall, laneOf, REF, tableOf, through } from './port-calls.ts';

/** An app whose templates are checked. */
export interface CheckedApp {
  readonly name: string;
  /** The folder that they were synthesized into. */
  readonly templates: string;
  readonly deployed: Deployed;
  /** By store, for databases that are entered with a token: the configuration of functions does not say it. */
  readonly databaseIds: Readonly<Record<string, string>>;
  /** By store, keys of its owner, which encrypt it or its secret: the configuration of functions does not say it. */
  readonly laneKeys: Readonly<Record<string, string>>;
  /** Which policies are changed to see whether a case notices it; by default all. */
  readonly changed?: RegExp;
}

export interface FunctionCall extends Asked {
  /** One request for items of several kinds: a function that may do each may do it, whether it does or not. */
  readonly isCombined?: true;
  /** A survey of the whole account: the role may do the same to every resource of the kind. */
  readonly isAnywhere?: true;
}

/** Everything that a function asks AWS for, from its code: the registry, the ports, its store. */
export function callsOfFunction(
  fn: DeployedFunction,
  methods: readonly PortMethod[],
  app: CheckedApp,
): readonly FunctionCall[] {
  return [
    ...registryCalls(fn, app.deployed),
    ...methods
      .filter((method) => !isForCollections(fn, method) || findsRecords(fn))
      .flatMap((method) => CALLS[method]({ fn, deployed: app.deployed })),
    ...(fn.name === 'dispose' ? storeCalls(fn, app) : []),
  ];
}

export function isAdopted({ env }: DeployedFunction): boolean {
  return env['TABLE_ADOPTED'] === 'yes';
}

/** A lane asks for these keys only where it finds records by itself. */
function isForCollections({ name }: DeployedFunction, method: PortMethod): boolean {
  return name === 'dispose' && (method === 'keys.registryKey' || method === 'keys.encrypt');
}

function userOf(fn: DeployedFunction): RegistryUser {
  switch (fn.name) {
    case 'dispose':
      return { verb: 'dispose', lane: laneOf(fn), findsRecords: findsRecords(fn) };
    case 'ingest':
      return { verb: 'ingest', stores: Object.keys(fn.configuration.stores) };
    case 'sweep':
      return { verb: 'sweep' };
    case 'api':
    case 'seal':
      return { verb: fn.name };
  }
}

/** `rebuild`, `restored` and `replay` are those after a restore. */
const WALKS: Readonly<Record<DeployedFunction['name'], readonly string[]>> = {
  ingest: [`C#fan-out/${REF}`, 'C#replay/registry'],
  api: [
    `C#policy-plan/${REF}/0`,
    'C#rebuild/registry',
    'C#restore-replay/t-1.do.0.orders/ask/0',
    'C#restored/registry/0',
    'C#replay/registry',
  ],
  sweep: [
    `C#census/${DAY}/0`,
    `C#dataset/${REF}`,
    `C#policy-plan/${REF}/0`,
    'C#quarantine/rest',
    'C#re-plan/digest/1/0',
    'C#rebuild/registry',
    'C#restore-replay/t-1.do.0.orders/ask/0',
    'C#restored/registry/0',
    'C#signed',
  ],
  seal: ['C#dropped', 'C#rebuild/registry', 'C#signed'],
  dispose: [],
};

/** A lane follows the walks of its own columns. */
function walksOf(fn: DeployedFunction): readonly string[] {
  return fn.name === 'dispose' ? [`C#column/${laneOf(fn)}/crm account.closed`] : WALKS[fn.name];
}

/** Partition keys of items that this function works on. */
function partitions(fn: DeployedFunction): Readonly<Record<Family, readonly string[]>> {
  const stores = fn.name === 'dispose' ? [laneOf(fn)] : Object.keys(fn.configuration.stores);
  return {
    holding: [`H#${REF}`],
    entity: [`E#${REF}`],
    wideHold: ['L#all'],
    holdRecord: ['J#holds'],
    hint: ['B#0', 'B#15'],
    cursor: ['S#0'],
    chunk: stores.map((store) => `K#${store}`),
    work: stores.map((store) => `W#${store}`),
    allowance: stores.map((store) => `U#${store}`),
    quota: ['X#crm'],
    result: [`R#${DAY}T10`],
    action: [`O#${DAY}T10`],
    factEntry: [`V#${DAY}T10`],
    statement: fn.name === 'dispose' ? [] : [`ST#${DAY}T10`],
    sealed: [`I#${DAY}`],
    logIndex: ['IX#', 'IX#1772359200000', `IX#1772359200000#${DAY}`],
    logged: [`G#${REF}`],
    toBeSealed: ['Y#'],
    parked: ['P#hold-1'],
    setAside: stores.map((store) => `A#${store}`),
    heartbeat: ['M#heartbeat'],
    logHead: ['M#log'],
    policyRun: ['M#policies'],
    newestCensus: ['M#census'],
    registeredMark: ['M#registered'],
    activation: ['M#activation'],
    policyPlan: [`PP#${REF}`],
    replay: ['RR#t-1.do.0.orders'],
    walk: walksOf(fn),
    census: [`N#census/${DAY}/0`],
    quarantined: ['Q#all'],
    request: [`Z#${REF}`, 'Z#open'],
    proposal: ['PR#'],
    exportPart: stores.map((store) => `F#${store}#${REF}`),
    coverage: stores.map((store) => `CO#${store}`),
    columnMessage: stores.map((store) => `FQ#${store} crm account.closed`),
    columnEntry: stores.map((store) => `FC#${store} crm account.closed`),
    notice: ['T#'],
  };
}

function registryCalls(fn: DeployedFunction, deployed: Deployed): readonly FunctionCall[] {
  const methods = methodsOf(userOf(fn).verb);
  const resource = tableOf(fn, deployed);
  const each = partitions(fn);
  const single = methods
    .flatMap(callsOf)
    .flatMap(({ family, actions }) =>
      actions.flatMap((action) => each[family].map((partition) => itemCall(resource, action, [partition]))),
    );
  // A method that names several kinds of items in one action asks for them in one request.
  const combined = methods.flatMap((method) => {
    const pairs = callsOf(method).flatMap(({ family, actions }) =>
      actions.map((action) => ({ family, action })),
    );
    return [...Map.groupBy(pairs, ({ action }) => action)]
      .filter(([action, same]) => action.startsWith('Batch') && same.length > 1)
      .map(([action, same]): FunctionCall => {
        const keys = same.flatMap(({ family }) => each[family]);
        return { ...itemCall(resource, action, keys), isCombined: true };
      });
  });
  const scans = methods.some(isScan) ? [{ action: 'dynamodb:Scan', resource }] : [];
  return [
    ...single,
    ...combined,
    ...scans,
    ...through('dynamodb', deployed, ['kms:Decrypt', 'kms:GenerateDataKey']),
  ];
}

/** S3 actions on a bucket; the others are on objects. */
const ON_BUCKET = /^s3:(List|GetBucket|GetReplicationConfiguration)/;

/** What the calls of the store's kind need that its policies can require, and the login. */
function storeCalls(
  fn: DeployedFunction,
  { deployed, databaseIds, laneKeys }: CheckedApp,
): readonly FunctionCall[] {
  const { account } = deployed;
  const lane = laneOf(fn);
  const place = { account, partition: PARTITION, ...present({ databaseId: databaseIds[lane] }) };
  // A lane does not know which producers may register here, and so not which rules can apply. The api does.
  const { producers } = deployed.functions.find(({ name }) => name === 'api')?.configuration ?? {};
  const configuration = { ...fn.configuration, ...present({ producers }) };
  const access = storeAccess(configuration, lane, place);
  const login = fn.env['DATABASE_LOGIN'] ?? 'none';
  const settings = fn.configuration.stores[lane];
  if (settings === undefined) throw new Error(`The lane ${lane} does not know its store.`);
  const needsAccess = storeKind(settings.kind).login === 'role' || login === 'iam';
  if (needsAccess && access.length === 0) throw new Error(`No access is known for the store ${lane}.`);
  return [
    ...access.flatMap(({ actions, resources }) =>
      actions.map((action): FunctionCall => {
        // A survey of the account.
        const wide = resources.find((arn) => arn === '*' || arn.endsWith(':table/*'));
        if (wide !== undefined)
          return { action, resource: wide.replace(/table\/\*$/, 'table/another'), isAnywhere: true };
        if (action === 'dynamodb:Scan') return { action, resource: resources[0] ?? '' };
        const resource = resources.find((arn) => ON_BUCKET.test(action) !== arn.includes('*')) ?? '';
        if (action.startsWith('dynamodb:') && !action.startsWith('dynamodb:Describe'))
          return itemCall(resources[0] ?? '', action.replace('dynamodb:', ''), ['a-1']);
        if (!action.startsWith('s3:')) return { action, resource: resources[0] ?? '' };
        return { action, resource: resource.replace(/\*$/, `2026/${REF}`) };
      }),
    ),
    ...(login.startsWith('arn:') ? [{ action: 'secretsmanager:GetSecretValue', resource: login }] : []),
    ...laneKeyUses(settings.kind)
      .map((use) => ({ action: use, resource: laneKeys[lane] ?? '' }))
      .filter(({ resource }) => resource !== ''),
  ];
}

/** Of a vendor, only the secret is encrypted with the lane's key, and it is only read. */
export function laneKeyUses(kind: string): readonly string[] {
  return kind === VENDOR_KIND ? ['kms:Decrypt'] : ['kms:Decrypt', 'kms:GenerateDataKey'];
}
