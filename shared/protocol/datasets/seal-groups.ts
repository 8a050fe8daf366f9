import type { HoldingRef, Instant } from '../../domain/record/ids.ts';
import type { Holding } from '../../domain/record/holding.ts';
import type { PlannedStage } from '../../domain/record/window.ts';
import type { Locator } from '../../ports/store.ts';
import type { LaneCore } from '../core.ts';
import { packLocators, unpackLocators } from '../pages/pack-locators.ts';
import { opened, sealed } from '../pages/seal-rows.ts';
import { type GroupedRow, rangeOf } from './row-groups.ts';

/** Rows that are acted on, or of which it is uncertain what came of them, with what one entry has to say of them. */
export interface SealedGroup {
  readonly planned: PlannedStage;
  readonly range?: { readonly first: Instant; readonly last: Instant };
  /** Of rows of an earlier attempt: when it had looked at them. */
  readonly lookedAt?: Instant;
  readonly rows: readonly Locator[];
}

type Packed = Omit<SealedGroup, 'rows'> & { readonly rows: unknown };

type Sealing = Pick<LaneCore, 'keys' | 'clock'>;
type Whose = Pick<Holding, 'store'> & { readonly ref: HoldingRef };

export function groupsToSeal(rows: readonly GroupedRow[]): readonly SealedGroup[] {
  return [...Map.groupBy(rows, ({ group }) => group)].map(([group, same]) => {
    const range = rangeOf(group, same);
    return {
      planned: group.planned,
      ...(range !== undefined && { range }),
      rows: same.map(({ locator }) => locator),
    };
  });
}

export function sealGroups(core: Sealing, whose: Whose, groups: readonly SealedGroup[]): Promise<string> {
  const packed = groups.map(({ rows, ...group }) => ({ ...group, rows: packLocators(rows) }));
  return sealed(core, whose, 'groups', packed);
}

/** `undefined`: it cannot be opened, ever. Throws where the key service does not answer. */
export async function openGroups(
  core: Sealing,
  whose: Whose,
  text: string,
): Promise<readonly SealedGroup[] | undefined> {
  const found = await opened(core, whose, 'groups', text);
  if (!Array.isArray(found)) return undefined;
  const groups: SealedGroup[] = [];
  for (const group of found as readonly Packed[]) {
    const rows = unpackLocators(group.rows);
    if (rows === undefined) return undefined;
    groups.push({ ...group, rows });
  }
  return groups;
}
