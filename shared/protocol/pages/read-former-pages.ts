import { present } from '../../domain/present.ts';
import type { Holding } from '../../domain/record/holding.ts';
import type { HoldingRef } from '../../domain/record/ids.ts';
import type { Masks } from '../../domain/record/masks.ts';
import type { ActedOn } from '../../domain/record/work.ts';
import { codeOf } from '../../domain/error-code.ts';
import type { Locator, ReadBack } from '../../ports/store.ts';
import type { LaneCore } from '../core.ts';
import { readStates } from '../facts/read-states.ts';
import { type Begun, mayStart } from '../lane/begin.ts';
import { LOCATOR_BROKEN } from '../lane/locators.ts';
import { isUnknown, masksFor } from '../lane/masks-for.ts';
import { asDecided, type Former, holdingOf, MASKS_UNKNOWN } from '../lane/read-former.ts';
import { hasEnded, type Left, READ_BACK_BROKEN, type Told } from '../lane/told.ts';
import { entityRefsOf, type States } from '../plan-of.ts';
import { ACTING, hasTimeFor } from './gather.ts';
import { openRows, sealRows } from './seal-rows.ts';
import { refsOfRows } from './slice.ts';
import { readBackAll } from './still-to-do.ts';

interface Found {
  readonly told: Told[];
  readonly uncertain: ActedOn[];
  readonly left: Map<HoldingRef, Left>;
}

interface Open {
  readonly former: ActedOn & { readonly records: string };
  readonly holding: Holding;
  readonly current: Holding;
}

/**
 * Step 5 for collections: reads back exactly the records that an attempt acted on and could not tell of. Those that are as
 * the stage promises are told, also where the stage has ended since; the others are listed again. Such a collection is not
 * acted on by the same attempt, so there is never more than one such list of it.
 */
export async function readFormerPages(
  core: LaneCore,
  begun: Begun,
  holdings: ReadonlyMap<HoldingRef, Holding>,
): Promise<Omit<Former, 'interrupted'>> {
  const found: Found = { told: [], uncertain: [], left: new Map() };
  for (const one of begun.chunk.uncertain) {
    const { records } = one;
    const current = holdings.get(one.ref);
    if (records === undefined || current === undefined) continue;
    const former = { ...one, records };
    const holding = await holdingOf(core, former, current);
    if (holding === undefined) continue;
    if (!hasEnded(current)) found.left.set(former.ref, { kind: 'more' });
    await readOne(core, begun, { former, holding, current }, found);
  }
  return found;
}

async function readOne(core: LaneCore, begun: Begun, open: Open, found: Found): Promise<void> {
  const { former, holding } = open;
  const keep = (left: Left): void => {
    found.uncertain.push(former);
    found.left.set(former.ref, left);
  };
  if (!hasTime(core, begun)) return keep({ kind: 'no-time' });
  let rows: readonly Locator[] | undefined;
  try {
    rows = await openRows(core, holding, former.records);
  } catch (error) {
    return keep({ kind: 'failed', code: codeOf(error) });
  }
  if (rows === undefined) return keep({ kind: 'failed', code: LOCATOR_BROKEN });
  const states = await readStates(core, entityRefsOf([holding]));
  const masks = masksOf(core, open, states);
  const whole = { ...open, rows, states };
  if (masks === undefined) return void found.told.push(failed(core, whole, MASKS_UNKNOWN));
  const answers = new Map<Locator, ReadBack>();
  for (const locator of rows) answers.set(locator, { state: 'unknown', code: 'STORE_ERROR' });
  const read = await readBackAll(
    core,
    { stage: former.stage, masks },
    rows.map((locator) => ({ locator })),
  );
  for (const [{ locator }, answer] of read) answers.set(locator, answer);
  await tell(core, { ...whole, masks, answers }, found);
}

function hasTime(core: LaneCore, { work }: Begun): boolean {
  return mayStart(core, work) && hasTimeFor(core, work, ACTING);
}

interface Whole extends Open {
  readonly rows: readonly Locator[];
  readonly states: States;
}

/** What the stage masks; nothing where that cannot be told any more. */
function masksOf(core: LaneCore, { former, holding }: Open, states: States): Masks | undefined {
  if (former.stage !== 'anonymise') return {};
  if (hasEnded(holding)) return undefined;
  const masks = masksFor(core, { holding, states }, former, core.clock.now());
  return isUnknown(former, masks) ? undefined : masks;
}

interface Answered extends Whole {
  readonly masks: Masks;
  readonly answers: ReadonlyMap<Locator, ReadBack>;
}

async function tell(core: LaneCore, whole: Answered, found: Found): Promise<void> {
  const { former, holding, rows, answers, masks, states } = whole;
  const kept = rows.filter((row) => answers.get(row)?.state === 'kept');
  const unknown = rows.flatMap((row) => {
    const answer = answers.get(row);
    return answer?.state === 'unknown' ? [{ row, code: answer.code }] : [];
  });
  const [first] = unknown;
  const records =
    first === undefined
      ? undefined
      : await sealRows(
          core,
          holding,
          unknown.map(({ row }) => row),
        );
  if (first !== undefined) {
    found.uncertain.push({ ...former, ...present({ records }) });
    found.left.set(former.ref, { kind: 'failed', code: first.code });
  }
  if (kept.length === 0) {
    if (first === undefined && hasEnded(holding)) found.told.push(failed(core, whole, READ_BACK_BROKEN));
    return;
  }
  const at = core.clock.now();
  const refOf = await refsOfRows(core);
  const done = kept.flatMap((row) => refOf(row) ?? []);
  const page = { done, kept: 0, failed: 0, wrong: [], changed: 0 };
  found.told.push({
    ...toldOf(whole),
    outcome: 'already-so',
    at,
    readBackAt: at,
    masks,
    page: { ...page, ending: 'more' },
    ...present({ records, planned: asDecided(core, whole, states) }),
  });
}

function failed(core: LaneCore, whole: Whole, code: string): Told {
  const at = core.clock.now();
  const page = {
    done: [],
    kept: 0,
    failed: whole.rows.length,
    wrong: [code],
    changed: 0,
    ending: 'more' as const,
  };
  const read = code === READ_BACK_BROKEN ? { readBackAt: at } : {};
  return { ...toldOf(whole), outcome: 'failed', at, code, page, ...read };
}

function toldOf({ former: { records: _records, ...former }, holding, current }: Open) {
  const pastGeneration = holding === current ? undefined : (true as const);
  return { ...former, holding, interrupted: true as const, ...present({ pastGeneration }) };
}
