import { build } from 'esbuild';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import type { RegistryUser } from '../../infra/registry-access.ts';
import { methodsOf } from '../../infra/registry-uses.ts';
import { callsOf, FAMILIES, type Family, ITEM_ACTIONS } from '../../infra/registry-calls.ts';
import retention from '../../retention.config.ts';
import { isAllowed } from '../support/house/policy.ts';
import { ROOT, type Statement, statementsOfRole, synthesized } from '../support/house/synthesized.ts';

/** The first synth of a process loads the whole library: long on a busy machine. */
vi.setConfig({ hookTimeout: 240_000 });

const STORES = Object.keys(retention.stores);

const USERS: readonly (RegistryUser & { readonly role: RegExp })[] = [
  { verb: 'api', role: /ApiRole/ },
  { verb: 'sweep', role: /RefSweepRole/ },
  { verb: 'seal', role: /RefSealRole/ },
  { verb: 'ingest', stores: STORES, role: /IngestRole/ },
  ...STORES.map((lane) => ({
    verb: 'dispose' as const,
    lane,
    findsRecords: false,
    role: new RegExp(`Lane${lane.replaceAll('-', '')}DisposeRole`),
  })),
];

/** Every action of IAM on items, those included that nothing here may do. */
const ACTIONS = [...ITEM_ACTIONS, 'ConditionCheckItem', 'PartiQLDelete', 'PartiQLSelect', 'Scan'] as const;

/** A partition key or two of every family, and what looks like one. */
const EXAMPLES: Readonly<Record<Family, readonly string[]>> = {
  holding: ['H#AAAAAAAAAAAAAAAAAAAAAA'],
  entity: ['E#AAAAAAAAAAAAAAAAAAAAAA'],
  wideHold: ['L#all'],
  holdRecord: ['J#holds'],
  hint: ['B#0', 'B#15'],
  cursor: ['S#0'],
  chunk: STORES.map((store) => `K#${store}`),
  work: STORES.map((store) => `W#${store}`),
  allowance: STORES.map((store) => `U#${store}`),
  quota: ['X#portal'],
  result: ['R#2026-03-01T10'],
  action: ['O#2026-03-01T10'],
  factEntry: ['V#2026-03-01T10'],
  statement: ['ST#2026-03-01T00'],
  sealed: ['I#2026-03-01'],
  logIndex: ['IX#', 'IX#1772359200000', 'IX#1772359200000#2026-03-01'],
  logged: ['G#AAAAAAAAAAAAAAAAAAAAAA'],
  toBeSealed: ['Y#'],
  parked: ['P#hold-1'],
  setAside: STORES.map((store) => `A#${store}`),
  heartbeat: ['M#heartbeat'],
  logHead: ['M#log'],
  policyRun: ['M#policies'],
  newestCensus: ['M#census'],
  registeredMark: ['M#registered'],
  activation: ['M#activation'],
  policyPlan: ['PP#AAAAAAAAAAAAAAAAAAAAAA'],
  replay: ['RR#t-1.do.0.orders'],
  walk: [
    'C#fan-out/AAAAAAAAAAAAAAAAAAAAAA',
    'C#census/2026-03-01/0',
    'C#dataset/AAAAAAAAAAAAAAAAAAAAAA',
    'C#policy-plan/AAAAAAAAAAAAAAAAAAAAAA/0',
    'C#quarantine/rest',
    'C#re-plan/digest/1/0',
    'C#rebuild/registry',
    'C#restore-replay/t-1.do.0.orders/ask/0',
    'C#restored/registry/0',
    'C#replay/registry',
    'C#signed',
    ...STORES.map((store) => `C#column/${store}/portal account.closed`),
  ],
  census: ['N#census/2026-03-01/0', 'N#census/2026-03-01/0#conflict', 'N#census/2026-03-01/0#~due'],
  coverage: STORES.map((store) => `CO#${store}`),
  quarantined: ['Q#all'],
  request: ['Z#AAAAAAAAAAAAAAAAAAAAAA', 'Z#open'],
  proposal: ['PR#'],
  exportPart: STORES.map((store) => `F#${store}#AAAAAAAAAAAAAAAAAAAAAA`),
  columnMessage: STORES.map((store) => `FQ#${store} portal account.closed`),
  columnEntry: STORES.map((store) => `FC#${store} portal account.closed`),
  notice: ['T#'],
};

const NO_ITEM = ['', 'H', 'K', 'L#other', 'M#', 'M#other', 'Q#', 'Y#x', 'f#x', 'D#', 'D#other/x'];

let rolesOf: ReadonlyMap<RegistryUser, readonly Statement[]>;
let table: unknown;
beforeAll(() => {
  const { service } = synthesized();
  rolesOf = new Map(USERS.map((user) => [user, onTable(statementsOfRole(service, user.role))]));
  const [one] = rolesOf.get(USERS[0] as RegistryUser) ?? [];
  table = one?.Resource[0];
});

/** What is on the registry's table: a lane's own store may be another table. */
function onTable(statements: readonly Statement[]): readonly Statement[] {
  return statements.filter(
    ({ Sid, Action }) =>
      !/^Store\d*$/.test(Sid ?? '') && Action.some((action) => action.startsWith('dynamodb:')),
  );
}

function allows(user: RegistryUser, action: string, ...partitions: readonly string[]): boolean {
  const statements = rolesOf.get(user) ?? [];
  expect(statements.length, JSON.stringify(user)).toBeGreaterThan(2);
  return isAllowed(statements, {
    action: `dynamodb:${action}`,
    resource: table,
    context: { 'dynamodb:LeadingKeys': partitions },
  });
}

/** Who follows which walk. */
const WALKERS: Readonly<Record<string, readonly RegistryUser['verb'][]>> = {
  'C#fan-out': ['ingest'],
  'C#census': ['sweep'],
  'C#dataset': ['sweep'],
  'C#policy-plan': ['sweep', 'api'],
  'C#quarantine': ['sweep'],
  'C#re-plan': ['sweep'],
  'C#restore-replay': ['sweep', 'api'],
  // After a restore of the registry.
  'C#rebuild': ['seal', 'sweep', 'api'],
  'C#restored': ['sweep', 'api'],
  'C#replay': ['ingest', 'api'],
  'C#column': ['dispose'],
  // Up to where the log is signed.
  'C#signed': ['seal', 'sweep'],
};

/** What the function calls, by family and action; only a part of a family for some. */
function needs(user: RegistryUser, family: Family, partition: string, action: string): boolean {
  if (user.verb === 'dispose' && ['chunk', 'work', 'allowance', 'setAside', 'coverage'].includes(family)) {
    if (!partition.endsWith(`#${user.lane}`)) return false;
  }
  if (user.verb === 'dispose' && family === 'statement') return false;
  if (user.verb === 'dispose' && family === 'exportPart' && !partition.startsWith(`F#${user.lane}#`))
    return false;
  const ofColumn =
    user.verb === 'dispose' ? /^(?:F[CQ]#|C#column\/)([\w-]+)/.exec(partition)?.[1] : undefined;
  if (ofColumn !== undefined && user.verb === 'dispose' && ofColumn !== user.lane) return false;
  if (family === 'walk' && !WALKERS[partition.split('/')[0] ?? '']?.includes(user.verb)) return false;
  return methodsOf(user.verb)
    .flatMap(callsOf)
    .some((call) => call.family === family && (call.actions as readonly string[]).includes(action));
}

const nameOf = (user: RegistryUser): string => (user.verb === 'dispose' ? `dispose ${user.lane}` : user.verb);
const named = USERS.map((user) => [nameOf(user), user] as const);
const lanes = USERS.filter((user) => user.verb === 'dispose');

describe('in the registry', () => {
  test.each(named)('%s may do to every kind of item what it does, and nothing else', (_, user) => {
    const wrong: string[] = [];
    let allowed = 0;
    for (const [family, partitions] of Object.entries(EXAMPLES) as [Family, readonly string[]][]) {
      for (const partition of partitions) {
        for (const action of ACTIONS) {
          if (action === 'Scan') continue;
          const [has, should] = [allows(user, action, partition), needs(user, family, partition, action)];
          if (should) allowed += 1;
          if (has !== should) wrong.push(`${has ? 'may' : 'may not'} ${action} ${partition}`);
        }
      }
    }
    expect(wrong).toEqual([]);
    expect(allowed).toBeGreaterThan(8);
  });

  test.each(named)('%s may do nothing to what is not an item of the registry', (_, user) => {
    for (const action of ACTIONS.filter((each) => each !== 'Scan'))
      for (const partition of NO_ITEM)
        expect([action, partition, allows(user, action, partition)]).toEqual([action, partition, false]);
  });

  test.each(named)(
    '%s needs to be allowed every partition that a request names, and a request has to name one',
    (_, user) => {
      for (const action of ACTIONS) {
        expect([action, allows(user, action)]).toEqual([action, action === 'Scan' && user.verb === 'sweep']);
        for (const partitions of Object.values(EXAMPLES)) {
          const [partition = ''] = partitions;
          if (action !== 'Scan') expect(allows(user, action, partition, 'f#x')).toBe(false);
        }
      }
    },
  );

  test('a batch may name several kinds of items that a function reads: a worker begins with one request', () => {
    for (const user of lanes)
      expect(allows(user, 'BatchGetItem', `K#${user.lane}`, `W#${user.lane}`, 'M#heartbeat')).toBe(true);
  });

  test('the walk over all items is the only one that names no partition, and only the sweep may do it', () => {
    const scanning = USERS.filter((user) => allows(user, 'Scan'));
    expect(scanning.map(nameOf)).toEqual(['sweep']);
  });

  test('no function may do anything to another table', () => {
    for (const user of USERS)
      for (const { Resource } of rolesOf.get(user) ?? []) expect(Resource).toEqual([table]);
  });

  test('only one function writes each thing that others trust', () => {
    const writing = (partition: string): readonly string[] =>
      USERS.filter((user) =>
        ['PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem', 'PartiQLInsert', 'PartiQLUpdate'].some(
          (action) => allows(user, action, partition),
        ),
      ).map(nameOf);
    expect(writing('M#log')).toEqual(['seal']);
    expect(writing('G#AAAAAAAAAAAAAAAAAAAAAA')).toEqual(['seal']);
    expect(writing('I#2026-03-01')).toEqual(['seal']);
    expect(writing('M#heartbeat')).toEqual(['ingest']);
    expect(writing('M#policies')).toEqual(['sweep']);
    expect(writing('S#0')).toEqual(['sweep']);
    expect(writing('K#usage')).toEqual(['sweep', 'dispose usage']);
    // A person's approval of a stopped rule, and how many records the census has counted in the store.
    expect(writing('U#usage')).toEqual(['api', 'sweep', 'dispose usage']);
    expect(writing('Q#all')).toEqual(['api', 'ingest']);
    expect(writing('T#')).toEqual(['api', 'sweep', ...lanes.map(nameOf)]);
    // A hold comes on the bus, too, so that a registry that was restored gets it back.
    for (const holds of ['L#all', 'J#holds']) expect(writing(holds)).toEqual(['api', 'sweep', 'ingest']);
    // The api notes what operators ask for, and who processes facts what those did. A note has no content: the worst that
    // a false one does is a void attempt.
    expect(writing('Y#')).toEqual(['api', 'sweep', 'seal', 'ingest', ...lanes.map(nameOf)]);
    expect(writing('V#2026-03-01T10')).toEqual(['sweep', 'seal', 'ingest', ...lanes.map(nameOf)]);
    expect(writing('R#2026-03-01T10')).toEqual(['seal', ...lanes.map(nameOf)]);
    // The sweep closes requests of people by itself.
    expect(writing('O#2026-03-01T10')).toEqual(['api', 'sweep', 'seal', ...lanes.map(nameOf)]);
    expect(writing('Z#AAAAAAAAAAAAAAAAAAAAAA')).toEqual(['api', 'sweep']);
  });
});

describe('data keys in the registry', () => {
  /** Who reads an item, and who makes it. */
  const KEYS: Readonly<Record<string, readonly [reads: readonly string[], makes: readonly string[]]>> = {
    'D#registry/registry': [
      ['api', 'ingest'],
      ['api', 'ingest'],
    ],
    'D#log/2026': [
      ['api', 'sweep', 'ingest', ...STORES.map((lane) => `dispose ${lane}`)],
      ['api', 'sweep', 'ingest', ...STORES.map((lane) => `dispose ${lane}`)],
    ],
    'D#pseudonym/usage': [['dispose usage'], ['dispose usage']],
    'D#seal/usage/2026-03-01': [['ingest', 'dispose usage'], ['ingest']],
    'D#seal/quarantine/2026-03-01': [['api', 'ingest'], ['ingest']],
    'D#seal/cursor/2026-03-01': [['api'], ['api']],
    'D#seal/four_eyes/2026-03-01': [['api'], ['api']],
    'D#seal/request/2026-03-01': [
      ['api', 'sweep'],
      ['api', 'sweep'],
    ],
    'D#seal/usage': [[], []],
    'D#registry/other': [[], []],
  };

  test.each(Object.entries(KEYS))(
    '%s: is read and made by those that use it',
    (partition, [reads, makes]) => {
      expect(USERS.filter((user) => allows(user, 'GetItem', partition)).map(nameOf)).toEqual(reads);
      expect(USERS.filter((user) => allows(user, 'PutItem', partition)).map(nameOf)).toEqual(makes);
    },
  );

  test('no function deletes, changes or lists one: what is deleted there is destroyed for ever', () => {
    for (const user of USERS)
      for (const action of ACTIONS.filter((each) => !['GetItem', 'PutItem', 'Scan'].includes(each)))
        for (const partition of Object.keys(KEYS))
          expect([action, allows(user, action, partition)]).toEqual([action, false]);
  });
});

describe('the code of', () => {
  test.each(['ingest', 'api', 'sweep', 'dispose', 'seal'] as const)(
    '%s calls the methods of the registry that its permissions are made for, and no other',
    async (verb) => {
      const { outputFiles } = await build({
        absWorkingDir: ROOT,
        entryPoints: [`functions/${verb}/handler.ts`],
        bundle: true,
        write: false,
        format: 'esm',
        platform: 'node',
        packages: 'external',
        logLevel: 'error',
      });
      const code = outputFiles.map(({ text }) => text).join('\n');
      const called = [...code.matchAll(/\bregistry\.(\w+)\(/g)].map(([, method = '']) => method);
      expect([...new Set(called)].toSorted()).toEqual(methodsOf(verb).toSorted());
    },
  );

  test('works on every kind of item: none is granted for nothing, and none is forgotten', () => {
    const used = new Set(USERS.flatMap(({ verb }) => methodsOf(verb)));
    const families = [...used].flatMap(callsOf).map(({ family }) => family);
    expect([...new Set(families)].toSorted()).toEqual(Object.keys(FAMILIES).toSorted());
  });
});
