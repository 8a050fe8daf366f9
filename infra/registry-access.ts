import { type KeyFamily, keyPath } from '../shared/domain/record/key-name.ts';
import { HOLD_TEXTS } from '../shared/domain/record/hold.ts';
import { PROPOSALS } from '../shared/domain/record/proposal.ts';
import { parts } from '../shared/domain/each.ts';
import { callsOf, FAMILIES, type Family, isScan, type ItemAction } from './registry-calls.ts';
import { methodsOf } from './registry-uses.ts';

/** A function that works on the registry. There is one `dispose` for each lane. */
export type RegistryUser =
  | { readonly verb: 'api' | 'seal' | 'sweep' }
  | { readonly verb: 'ingest'; readonly stores: readonly string[] }
  | { readonly verb: 'dispose'; readonly lane: string; readonly findsRecords: boolean };

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
        // It makes only its own attempts void.
        statement: [],
        setAside: [`A#${user.lane}`],
        exportPart: [`F#${user.lane}#*`],
        coverage: [`CO#${user.lane}`],
        columnEntry: [`FC#${user.lane} *`],
        columnMessage: [`FQ#${user.lane} *`],
        walk: [`C#column/${user.lane}/*`],
      };
    case 'ingest':
      return { walk: ['C#fan-out/*', 'C#replay/*'] };
    case 'sweep':
      return {
        walk: [
          'C#census/*',
          'C#dataset/*',
          'C#policy-plan/*',
          'C#quarantine/*',
          'C#re-plan/*',
          'C#rebuild/*',
          'C#restore-replay/*',
          'C#restored/*',
          'C#signed',
        ],
      };
    case 'api':
      return {
        walk: ['C#policy-plan/*', 'C#rebuild/*', 'C#restore-replay/*', 'C#restored/*', 'C#replay/*'],
      };
    case 'seal':
      return { walk: ['C#dropped', 'C#rebuild/*', 'C#signed'] };
  }
}

function dataKeysOf(user: RegistryUser): readonly DataKeyGrant[] {
  switch (user.verb) {
    case 'ingest':
      return [
        { family: 'registry', scopes: ['registry'], uses: ['make', 'use'] },
        { family: 'log', scopes: 'every', uses: ['make', 'use'] },
        { family: 'seal', scopes: ['quarantine', HOLD_TEXTS, ...user.stores], uses: ['make', 'use'] },
      ];
    case 'api':
      return [
        { family: 'registry', scopes: ['registry'], uses: ['make', 'use'] },
        { family: 'seal', scopes: ['quarantine'], uses: ['use'] },
        { family: 'seal', scopes: ['cursor', HOLD_TEXTS, PROPOSALS, 'request'], uses: ['make', 'use'] },
        { family: 'log', scopes: 'every', uses: ['make', 'use'] },
      ];
    case 'dispose':
      return [
        // Of collections and datasets it finds out which of their records are registered, and seals which it acts on.
        ...(user.findsRecords ? [{ family: 'registry', scopes: ['registry'], uses: ['use'] } as const] : []),
        { family: 'seal', scopes: [user.lane], uses: user.findsRecords ? ['make', 'use'] : ['use'] },
        { family: 'pseudonym', scopes: [user.lane], uses: ['make', 'use'] },
        { family: 'log', scopes: 'every', uses: ['make', 'use'] },
      ];
    case 'sweep':
      return [
        // It publishes facts of requests that did not arrive, and lets go of names when a request is over.
        { family: 'seal', scopes: ['request'], uses: ['make', 'use'] },
        // It states each day what was due, and compares the holdings with the log after a restore.
        { family: 'log', scopes: 'every', uses: ['make', 'use'] },
      ];
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
