import { codeOf } from '../../domain/error-code.ts';
import type { Holding } from '../../domain/record/holding.ts';
import type { HoldingRef } from '../../domain/record/ids.ts';
import { present } from '../../domain/present.ts';
import type { ActedOn } from '../../domain/record/work.ts';
import type { Locator } from '../../ports/store.ts';
import type { LaneCore } from '../core.ts';
import { type Begun, mayStart } from '../lane/begin.ts';
import { LOCATOR_BROKEN } from '../lane/locators.ts';
import type { Left, Told } from '../lane/told.ts';
import { ACTING, hasTimeFor } from '../pages/gather.ts';
import { refsOfRows } from '../pages/slice.ts';
import { readBackAll } from '../pages/still-to-do.ts';
import type { DatasetCame } from './dataset-came.ts';
import { openGroups, type SealedGroup, sealGroups } from './seal-groups.ts';

/** With more of them, the store itself cannot be read, and nothing more is acted on. */
const MOST_UNKNOWN = 100;

export interface FormerRows extends DatasetCame {
  /** All that is left, where it is so little that the others need not wait: no attempt acts on them. */
  readonly open?: readonly SealedGroup[];
}

/**
 * Step 5 for a dataset: reads back exactly the rows that an attempt acted on and could not tell of. What is gone is told by
 * the rule that the attempt had sealed with it; what is there is read again by the next attempt. An attempt that tells some
 * acts on nothing. One that can tell none of the few that are left goes on with the others, and seals these with its own:
 * there is never more than one such list.
 */
export async function readFormerRows(core: LaneCore, begun: Begun, holding: Holding): Promise<FormerRows> {
  const { ref } = holding;
  const told: Told[] = [];
  const open: SealedGroup[] = [];
  let isRead = true;
  const uncertain: ActedOn[] = [];
  const left = new Map<HoldingRef, Left>([[ref, { kind: 'more' }]]);
  for (const former of begun.chunk.uncertain) {
    const keep = (why: Left): void => {
      isRead = false;
      uncertain.push(former);
      left.set(ref, why);
    };
    if (!mayStart(core, begun.work) || !hasTimeFor(core, begun.work, ACTING)) {
      keep({ kind: 'no-time' });
      continue;
    }
    try {
      const groups = await openGroups(core, holding, former.records ?? '');
      if (groups === undefined) {
        keep({ kind: 'failed', code: LOCATOR_BROKEN });
        continue;
      }
      const read = await readGroups(core, { former, holding, groups });
      const records = read.open.length > 0 ? await sealGroups(core, holding, read.open) : undefined;
      open.push(...read.open);
      told.push(...read.told.map((one) => ({ ...one, ...present({ records }) })));
      if (records !== undefined) uncertain.push({ ...former, records });
      if (read.code !== undefined) left.set(ref, { kind: 'failed', code: read.code });
    } catch (error) {
      keep({ kind: 'failed', code: codeOf(error) });
    }
  }
  const goesOn = isRead && told.length === 0 && open.length > 0 && rowsIn(open) <= MOST_UNKNOWN;
  return { told, uncertain, left, ...(goesOn && { open }) };
}

function rowsIn(groups: readonly SealedGroup[]): number {
  return groups.reduce((sum, { rows }) => sum + rows.length, 0);
}

interface ReadGroups {
  readonly told: readonly Told[];
  /** The store could not say of these rows whether they are there. */
  readonly open: readonly SealedGroup[];
  readonly code?: string;
}

async function readGroups(
  core: LaneCore,
  {
    former,
    holding,
    groups,
  }: { readonly former: ActedOn; readonly holding: Holding; readonly groups: readonly SealedGroup[] },
): Promise<ReadGroups> {
  const told: Told[] = [];
  const open: SealedGroup[] = [];
  let code: string | undefined;
  for (const group of groups) {
    const { planned, range, rows, lookedAt = former.lookedAt } = group;
    const targets = rows.map((locator) => ({ locator }));
    const answers = await readBackAll(core, { stage: 'delete', masks: {} }, targets);
    const gone: Locator[] = [];
    const unknown: Locator[] = [];
    for (const target of targets) {
      const answer = answers.get(target) ?? { state: 'unknown', code: 'STORE_ERROR' };
      if (answer.state === 'unknown') {
        unknown.push(target.locator);
        code ??= answer.code;
      }
      if (answer.state === 'kept') gone.push(target.locator);
    }
    if (unknown.length > 0) open.push({ ...group, lookedAt, rows: unknown });
    if (gone.length === 0) continue;
    const at = core.clock.now();
    const refOf = await refsOfRows(core);
    const done = gone.flatMap((locator) => refOf(locator) ?? []);
    const page = { done, kept: 0, failed: 0, wrong: [], changed: 0, ending: 'more' as const };
    told.push({
      ...withoutRecords(former),
      lookedAt,
      holding,
      planned,
      interrupted: true,
      outcome: 'already-so',
      at,
      readBackAt: at,
      page: { ...page, dataset: { held: 0, undated: 0, ...present({ range }) } },
    });
  }
  return { told, open, ...present({ code }) };
}

function withoutRecords({ records: _records, ...former }: ActedOn): ActedOn {
  return former;
}
