import { type KeyFamily, keyPath } from '../shared/domain/record/key-name.ts';
import { parts } from '../shared/domain/each.ts';
import type { Backlog } from '../shared/ports/backlog.ts';
import type { Entities } from '../shared/ports/entities.ts';
import type { Hints } from '../shared/ports/hints.ts';
import type { Holdings } from '../shared/ports/holdings.ts';
import type { Holds } from '../shared/ports/holds.ts';
import type { Registry } from '../shared/ports/registry.ts';
import type { Results } from '../shared/ports/results.ts';
import type { Upkeep } from '../shared/ports/upkeep.ts';
import { callsOf, FAMILIES, type Family, isScan, type ItemAction } from './registry-calls.ts';

/** A function that works on the registry. There is one `dispose` for each lane. */
export type RegistryUser =
  | { readonly verb: 'api' | 'seal' }
  /** After a restore it compares the holdings with the log, which needs the log's keys. */
  | { readonly verb: 'sweep'; readonly isAdopted: boolean }
  | { readonly verb: 'ingest'; readonly stores: readonly string[] }
  | { readonly verb: 'dispose'; readonly lane: string };

/** `make` wraps a new data key, `use` unwraps an existing one. */
export type KeyUse = 'make' | 'use';

/** Data keys of a family that a function may use. Permissions depend on family and scope, not on the day. */
export interface DataKeyGrant {
  readonly family: KeyFamily;
  readonly scopes: readonly string[] | 'every';
  readonly uses: readonly KeyUse[];
}

export interface ItemGrant {
  readonly actions: readonly ItemAction[];
  /** Patterns of partition keys. */
  readonly partitions: readonly string[];
}

/** Everything that a function may do in the table. */
export interface RegistryAccess {
  readonly items: readonly ItemGrant[];
  /** Reads the table as a whole. */
  readonly scans: boolean;
  readonly dataKeys: readonly DataKeyGrant[];
}

interface Uses {
  readonly entities?: readonly (keyof Entities)[];
  readonly holdings?: readonly (keyof Holdings)[];
  readonly hints?: readonly (keyof Hints)[];
  readonly backlog?: readonly (keyof Backlog)[];
  readonly results?: readonly (keyof Results)[];
  readonly holds?: readonly (keyof Holds)[];
  readonly upkeep?: readonly (keyof Upkeep)[];
}

/** The methods of the registry that each function calls. A test compares them with the code that is deployed. */
const USES: Readonly<Record<RegistryUser['verb'], Uses>> = {
  ingest: {
    entities: ['putFact', 'history', 'facts', 'states', 'putState', 'putSpellings'],
    holdings: [
      'pointers',
      'putPointers',
      'holdings',
      'readHoldings',
      'writeHoldings',
      'putTombstone',
      'tombstones',
    ],
    hints: ['putHints'],
    backlog: ['workRecords'],
    results: ['putToBeSealed', 'putFactEntries'],
    holds: ['unpark'],
    upkeep: [
      'walk',
      'putWalk',
      'setAside',
      'putHeartbeat',
      'noteBehind',
      'takeQuota',
      'putQuarantined',
      'quarantinedItem',
      'replaceQuarantined',
      'noteTry',
      'removeQuarantined',
    ],
  },
  api: {
    entities: ['history', 'facts', 'states', 'putState'],
    holdings: ['pointers', 'holdings', 'readHoldings', 'tombstones'],
    backlog: ['chunks', 'workRecords'],
    results: ['results', 'sealed', 'sealedOfDay', 'putToBeSealed', 'putActions'],
    holds: ['wideHolds', 'placeWideHold', 'releaseWideHold', 'confirmRestored'],
    upkeep: [
      'walk',
      'newestCensus',
      'census',
      'censusList',
      'intake',
      'takeQuota',
      'setAsides',
      'quarantined',
      'quarantinedItem',
      'removeQuarantined',
    ],
  },
  sweep: {
    entities: ['history', 'states', 'putState'],
    holdings: ['scanHoldings', 'scanAll', 'readHoldings', 'writeHoldings', 'putTombstone', 'tombstones'],
    hints: ['hintsAfter', 'hasHint', 'putHints', 'cursors', 'moveCursors'],
    backlog: ['putChunks', 'chunk', 'chunks', 'workRecords', 'deleteWork'],
    results: ['toBeSealed', 'logged', 'putToBeSealed', 'putFactEntries'],
    holds: ['wideHolds', 'wideHold', 'releaseWideHold', 'holdRecord', 'recordRelease', 'parked', 'unpark'],
    upkeep: [
      'heartbeat',
      'intake',
      'policyRun',
      'putPolicyRun',
      'walk',
      'putWalk',
      'putCensus',
      'census',
      'putNewestCensus',
      'newestCensus',
      'setAside',
      'setAsides',
      'takeBack',
      'quarantined',
    ],
  },
  dispose: {
    entities: ['history', 'states', 'putState'],
    holdings: ['readHoldings', 'writeHoldings', 'putTombstone', 'tombstones', 'pointers'],
    hints: ['putHints'],
    backlog: [
      'begin',
      'chunk',
      'writeChunk',
      'deleteChunk',
      'putWork',
      'actOn',
      'deleteWork',
      'workRecords',
      'takeAllowance',
    ],
    results: ['putToBeSealed', 'putResult', 'putFactEntries', 'voidResult', 'logged'],
    holds: ['wideHolds', 'wideHold', 'holdRecord', 'park', 'unpark'],
    upkeep: ['setAside'],
  },
  seal: {
    results: [
      'toBeSealed',
      'deleteToBeSealed',
      'results',
      'voidResult',
      'head',
      'putHead',
      'sealed',
      'putSealed',
      'putResult',
      'putLogged',
    ],
    upkeep: ['walk', 'putWalk'],
  },
};

export const VERBS = [
  'api',
  'dispose',
  'ingest',
  'seal',
  'sweep',
] as const satisfies readonly RegistryUser['verb'][];

export function methodsOf(verb: RegistryUser['verb']): readonly (keyof Registry)[] {
  const {
    entities = [],
    holdings = [],
    hints = [],
    backlog = [],
    results = [],
    holds = [],
    upkeep = [],
  } = USES[verb];
  return [...entities, ...holdings, ...hints, ...backlog, ...results, ...holds, ...upkeep];
}

export function registryAccess(user: RegistryUser): RegistryAccess {
  const methods = methodsOf(user.verb);
  const narrowed = partitionsOf(user);
  const byAction = new Map<ItemAction, Set<string>>();
  for (const { family, actions } of methods.flatMap(callsOf)) {
    for (const action of actions) {
      const partitions = byAction.get(action) ?? new Set();
      for (const partition of narrowed[family] ?? [FAMILIES[family]]) partitions.add(partition);
      byAction.set(action, partitions);
    }
  }
  return { items: grouped(byAction), scans: methods.some(isScan), dataKeys: dataKeysOf(user) };
}

/** One grant for all actions on the same partitions. All partitions of an action are in one: a batch may name several. */
function grouped(byAction: ReadonlyMap<ItemAction, ReadonlySet<string>>): readonly ItemGrant[] {
  const groups = Map.groupBy(byAction, ([, partitions]) => [...partitions].toSorted().join('\n'));
  return [...groups].map(([partitions, same]) => ({
    actions: same.map(([action]) => action).toSorted(),
    partitions: partitions.split('\n'),
  }));
}

/** Where a function reaches only a part of a family. A lane works on its own backlog, and sees no other's. */
function partitionsOf(user: RegistryUser): Partial<Record<Family, readonly string[]>> {
  switch (user.verb) {
    case 'dispose':
      return {
        chunk: [`K#${user.lane}`],
        work: [`W#${user.lane}`],
        allowance: [`U#${user.lane}`],
        setAside: [`A#${user.lane}`],
      };
    case 'ingest':
      return { walk: ['C#fan-out/*', 'C#replay/*'] };
    case 'sweep':
      return { walk: ['C#census/*', 'C#quarantine/*', 'C#re-plan/*', 'C#rebuild/*', 'C#restored/*'] };
    case 'api':
      return { walk: ['C#rebuild/*', 'C#restored/*', 'C#replay/*'] };
    case 'seal':
      return { walk: ['C#rebuild/*'] };
  }
}

function dataKeysOf(user: RegistryUser): readonly DataKeyGrant[] {
  switch (user.verb) {
    case 'ingest':
      return [
        { family: 'registry', scopes: ['registry'], uses: ['make', 'use'] },
        { family: 'log', scopes: 'every', uses: ['make', 'use'] },
        { family: 'seal', scopes: ['quarantine', ...user.stores], uses: ['make', 'use'] },
      ];
    case 'api':
      return [
        { family: 'registry', scopes: ['registry'], uses: ['make', 'use'] },
        { family: 'seal', scopes: ['quarantine'], uses: ['use'] },
        { family: 'seal', scopes: ['cursor'], uses: ['make', 'use'] },
        { family: 'log', scopes: 'every', uses: ['make', 'use'] },
      ];
    case 'dispose':
      return [
        { family: 'seal', scopes: [user.lane], uses: ['use'] },
        { family: 'pseudonym', scopes: [user.lane], uses: ['make', 'use'] },
        { family: 'log', scopes: 'every', uses: ['make', 'use'] },
      ];
    case 'sweep':
      return user.isAdopted ? [{ family: 'log', scopes: 'every', uses: ['make', 'use'] }] : [];
    case 'seal':
      return [];
  }
}

/**
 * Names in one statement. A role's own policies have 10,240 characters in all, so the CDK moves statements to managed
 * policies, which have 6,144 characters each: no statement may be longer.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
const NAMES_OF_A_STATEMENT = 50;

/**
 * The items that hold these wrapped keys. Every function may read those that it makes; none deletes one. A request names
 * one of them, so it makes no difference which statement has it.
 */
export function keyItems(grants: readonly DataKeyGrant[]): readonly ItemGrant[] {
  const of = (isMade: boolean): readonly (readonly string[])[] =>
    parts(
      grants.filter(({ uses }) => uses.includes('make') === isMade).flatMap(keyPartitions),
      NAMES_OF_A_STATEMENT,
    );
  return [
    ...of(true).map((partitions): ItemGrant => ({ actions: ['GetItem', 'PutItem'], partitions })),
    ...of(false).map((partitions): ItemGrant => ({ actions: ['GetItem'], partitions })),
  ];
}

/** A grant for each statement. A data key has one scope. */
export function byStatement(grant: DataKeyGrant): readonly DataKeyGrant[] {
  if (grant.scopes === 'every') return [grant];
  return parts(grant.scopes, NAMES_OF_A_STATEMENT).map((scopes) => ({ ...grant, scopes }));
}

function keyPartitions({ family, scopes }: DataKeyGrant): readonly string[] {
  const names = scopes === 'every' ? ['*'] : scopes;
  return names.map((scope) => `D#${keyPath({ family, scope, ...(family === 'seal' ? { day: '*' } : {}) })}`);
}
