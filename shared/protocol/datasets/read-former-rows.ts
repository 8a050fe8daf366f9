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
import { refOfRow } from '../pages/slice.ts';
import { readBackAll } from '../pages/still-to-do.ts';
import type { DatasetCame } from './dataset-came.ts';
import { openGroups, type SealedGroup, sealGroups } from './seal-groups.ts';

/**
 * Step 5 for a dataset: reads back exactly the rows that an attempt acted on and could not tell of. What is gone is told by
 * the rule that the attempt had sealed with it; what is there is read again by the next attempt. This one acts on nothing,
 * so there is never more than one such list.
 */
export async function readFormerRows(core: LaneCore, begun: Begun, holding: Holding): Promise<DatasetCame> {
  const { ref } = holding;
  const told: Told[] = [];
  const uncertain: ActedOn[] = [];
  const left = new Map<HoldingRef, Left>([[ref, { kind: 'more' }]]);
  for (const former of begun.chunk.uncertain) {
    const keep = (why: Left): void => {
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
      told.push(...read.told.map((one) => ({ ...one, ...present({ records }) })));
      if (records !== undefined) uncertain.push({ ...former, records });
      if (read.code !== undefined) left.set(ref, { kind: 'failed', code: read.code });
    } catch (error) {
      keep({ kind: 'failed', code: codeOf(error) });
    }
  }
  return { told, uncertain, left };
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
    const { planned, range, rows } = group;
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
    if (unknown.length > 0) open.push({ ...group, rows: unknown });
    if (gone.length === 0) continue;
    const at = core.clock.now();
    const refs = await Promise.all(gone.map((locator) => refOfRow(core, locator)));
    const done = refs.filter((ref) => ref !== undefined);
    const page = { done, kept: 0, failed: 0, wrong: [], changed: 0, ending: 'more' as const };
    told.push({
      ...withoutRecords(former),
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
