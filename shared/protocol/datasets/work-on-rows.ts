import { digestOf } from '../../domain/configuration/effective-policies.ts';
import type { DefinedDataset } from '../../domain/datasets/row-holding.ts';
import { codeOf } from '../../domain/error-code.ts';
import { present } from '../../domain/present.ts';
import { isSuccess } from '../../domain/record/actions.ts';
import type { Holding } from '../../domain/record/holding.ts';
import type { HoldingRef, Instant } from '../../domain/record/ids.ts';
import type { ActedOn } from '../../domain/record/work.ts';
import type { LaneCore } from '../core.ts';
import { withoutQuiet } from '../guard/without-quiet.ts';
import { withoutRoom } from '../guard/without-room.ts';
import type { Begun } from '../lane/begin.ts';
import { missingLogKeys } from '../lane/tellable.ts';
import type { Left, Told } from '../lane/told.ts';
import { actOnPage, type PageCame, summed } from '../pages/act-on-page.ts';
import { outcomeOf } from '../pages/conclude.ts';
import { fromAnywhere } from '../pages/cut-page.ts';
import { type ListAhead, listsAhead } from '../pages/list-ahead.ts';
import type { Pass } from '../pages/pass.ts';
import { openPass } from '../pages/seal-rows.ts';
import { recentCutoffOf } from './cutoff.ts';
import { cutRows, goesBy } from './cut-rows.ts';
import type { DatasetCame } from './dataset-came.ts';
import { type GatheredRows, gatherRows } from './gather-rows.ts';
import { roomsOf } from './rooms-of.ts';
import { type GroupedRow, rangeOf, type RowGroup } from './row-groups.ts';
import { groupsToSeal, type SealedGroup, sealGroups } from './seal-groups.ts';
import { beginning, namedLeft, whatIsLeft } from './what-is-left.ts';

interface Of {
  readonly dataset: DefinedDataset;
  readonly holding: Holding;
  /** Rows of an earlier attempt of which it is still not known whether they are gone. */
  readonly open: readonly SealedGroup[];
}

/**
 * Steps 6 to 10 for the rows of a dataset: reads on from where the pass is, plans every row, asks for the lane's limits,
 * names the rows in the work record, and only then deletes them on the versions that were read, and reads them back.
 */
export async function workOnRows(core: LaneCore, begun: Begun, of: Of): Promise<DatasetCame | 'lost'> {
  const { holding } = of;
  const { ref } = holding;
  const left = new Map<HoldingRef, Left>();
  const nothing: DatasetCame = { told: [], uncertain: [], left };
  const loud = await withoutQuiet(core, begun, [holding], left);
  if ((await withoutRoom(core, begun, loud, left)).length === 0) return nothing;
  const [unlinked] = (await missingLogKeys(core, [holding])).values();
  if (unlinked !== undefined)
    return { ...nothing, left: new Map([[ref, { kind: 'failed', code: unlinked }]]) };
  const read = await readOn(core, begun, of);
  if ('code' in read) return { ...nothing, left: new Map([[ref, read]]) };
  const { pass, gathered, readAt } = read;
  if (gathered.slices.length === 0 && !gathered.ended) {
    const { code } = gathered;
    if (code === undefined) return { ...nothing, left: new Map([[ref, { kind: 'no-time' }]]), pass };
    // Where the store does not accept this position any more, the next attempt begins again. What is throttled goes on there:
    // a pass over a whole table would otherwise never end.
    const then = code === 'STORE_SCHEMA' ? beginning(pass.of, readAt) : pass;
    return { ...nothing, left: new Map([[ref, { kind: 'failed', code }]]), pass: then };
  }
  const { byGroup, onTrial } = await roomsOf(core, begun, { holding, groups: gathered.groups });
  const hasFailed = begun.chunk.failures > 0 || pass.code !== undefined;
  const slices = hasFailed
    ? cutRows(gathered.slices, byGroup, (rows) => fromAnywhere(rows, core.tokens.next()))
    : cutRows(gathered.slices, byGroup);
  const rows = slices.flatMap((slice) => slice.rows);
  const acted = rows.length === 0 ? undefined : await actedOnOf(core, of, rows, readAt);
  if (acted !== undefined && (await core.registry.actOn(begun.work, [acted])) === 'lost') return 'lost';
  const { ended } = gathered;
  const [came, lists] = await Promise.all([
    actOnPage(core, begun, { stage: 'delete', masks: {}, pass, slices, ended }),
    listsAhead(
      core,
      holding,
      Map.groupBy(rows, ({ group }) => group),
    ),
  ]);
  const open = came.uncertain;
  const uncertain =
    open.length === 0 && of.open.length === 0 ? [] : [await actedOnOf(core, of, open, readAt)];
  const cuts = [...byGroup].flatMap(([group, { granted, others }]) =>
    granted < (gathered.groups.get(group) ?? 0) && !goesBy(others) ? [others] : [],
  );
  const then = whatIsLeft(core, begun, came, { cuts, isDaily: of.dataset.daily === true });
  return {
    told: toldOf(core, of, { came, before: pass, readAt, lists }).map((one, number) =>
      // One line says of all rows of the attempt which ones it does not tell.
      number === 0 ? { ...one, ...present({ records: uncertain[0]?.records }) } : one,
    ),
    uncertain,
    left: namedLeft(ref, then.left),
    pass: then.pass,
    codes: [...new Set(came.failed)],
    onTrial,
  };
}

interface Read {
  readonly pass: Pass;
  readonly gathered: GatheredRows;
  readonly readAt: Instant;
}

async function readOn(
  core: LaneCore,
  begun: Begun,
  of: Of,
): Promise<Read | { readonly kind: 'failed'; readonly code: string }> {
  const { dataset } = of;
  const readAt = core.clock.now();
  try {
    const pass = await passOf(core, begun, of);
    const cutoff = recentCutoffOf(core, dataset, readAt);
    const gathered =
      cutoff === undefined
        ? { slices: [], groups: new Map(), ended: true }
        : await gatherRows(core, begun, {
            dataset,
            cutoff,
            after: pass.at,
            open: of.open.flatMap(({ rows }) => rows),
          });
    return { pass, gathered, readAt };
  } catch (error) {
    return { kind: 'failed', code: codeOf(error) };
  }
}

/** Where the last attempt ended; at the beginning if that was with other settings of the dataset. */
async function passOf(core: LaneCore, { chunk, work }: Begun, { dataset, holding }: Of): Promise<Pass> {
  const { clock, by, where = {}, attributes = {}, entities = {}, index = '', scan = false } = dataset;
  const of = digestOf([clock, by, where, attributes, entities, index, scan]).slice(0, 22);
  const known = chunk.progress?.[holding.ref];
  const pass = known?.of === of ? await openPass(core, holding, known) : undefined;
  return pass ?? beginning(of, work.begunAt);
}

async function actedOnOf(
  core: LaneCore,
  { holding, open }: Of,
  rows: readonly GroupedRow[],
  lookedAt: Instant,
): Promise<ActedOn> {
  const { ref, generation, version } = holding;
  const records = await sealGroups(core, holding, [...open, ...groupsToSeal(rows)]);
  return { ref, generation, stage: 'delete', version, lookedAt, records };
}

/** One for each group of which something is known. */
function toldOf(
  core: LaneCore,
  { holding }: Of,
  {
    came,
    before,
    readAt: lookedAt,
    lists,
  }: {
    readonly came: PageCame<GroupedRow>;
    readonly before: Pass;
    readonly readAt: Instant;
    readonly lists: ReadonlyMap<RowGroup, ListAhead>;
  },
): readonly Told[] {
  const { ref, generation, version } = holding;
  const { pass } = came;
  let counts = {
    kept: pass.kept - before.kept,
    held: (pass.goneBy?.held ?? 0) - (before.goneBy?.held ?? 0),
    undated: (pass.goneBy?.undated ?? 0) - (before.goneBy?.undated ?? 0),
  };
  const told: Told[] = [];
  for (const [group, same] of Map.groupBy(came.came, ({ row }) => row.group)) {
    const all = summed(same);
    const outcome = outcomeOf('delete', all);
    if (outcome === undefined) continue;
    const { done, failed, wrong, changed, answer, actedAt, readBackAt } = all;
    const gone = new Set(done);
    const range = rangeOf(
      group,
      same.map(({ row }) => row).filter(({ ref: row }) => gone.has(row)),
    );
    const { kept, held, undated } = counts;
    told.push({
      ref,
      generation,
      stage: 'delete',
      version,
      lookedAt,
      holding,
      planned: group.planned,
      outcome,
      at: core.clock.now(),
      page: {
        done,
        kept,
        failed: failed.length,
        wrong: [...new Set(wrong)],
        changed,
        ending: 'more',
        dataset: { held, undated, ...present({ range }) },
        ...present({ ahead: lists.get(group) }),
      },
      ...present({
        actedAt,
        readBackAt,
        code: failed.at(-1) ?? (isSuccess(outcome) ? answer : undefined),
      }),
    });
    // Of the attempt, in one of its entries.
    counts = { kept: 0, held: 0, undated: 0 };
  }
  return told;
}
