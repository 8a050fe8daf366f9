import { datasetNamed } from '../../domain/datasets/datasets-of.ts';
import type { HoldingRef } from '../../domain/record/ids.ts';
import type { LaneCore } from '../core.ts';
import { noteCanary } from '../guard/note-canary.ts';
import { type Begun, namedByOthers, type Worked } from '../lane/begin.ts';
import { finish, reportFailed } from '../lane/finish.ts';
import { writeResult } from '../lane/write-result.ts';
import { noteOutcomes } from '../notices/note-outcomes.ts';
import { sealedProgress } from '../pages/seal-rows.ts';
import type { DatasetCame } from './dataset-came.ts';
import { datasetHolding } from './dataset-holding.ts';
import { readFormerRows } from './read-former-rows.ts';
import { workOnRows } from './work-on-rows.ts';

const HOUR = 3_600_000;

/**
 * The steps after the begin for the rows of a dataset, in the same order as for holdings. No holding has its state, so
 * nothing is settled: what is durable is the result, and what its chunk remembers.
 */
export async function workOnDataset(core: LaneCore, begun: Begun, category: string): Promise<Worked> {
  const { chunk, work } = begun;
  const holding = datasetHolding(chunk, category, work.begunAt);
  const { ref } = holding;
  const came = await cameOf(core, begun, holding, category);
  if (came === 'lost') return 'lost';
  const { told, uncertain, left } = came;
  const written = await writeResult(core, begun, told);
  if (written === 'void') return 'void';
  if (came.onTrial === true) await noteCanary(core, begun, told, uncertain.length > 0);
  await noteOutcomes(core, chunk, { token: work.token, ...written });
  for (const { stage, outcome } of told) core.report('dispose.page', { store: core.lane, stage, outcome });
  reportFailed(core, [...left.values()]);
  const passes = came.pass === undefined ? [] : [[ref, came.pass] as const];
  const progress = await sealedProgress(core, passes);
  return finish(core, begun, { left, uncertain, progress, codes: came.codes ?? [] });
}

async function cameOf(
  core: LaneCore,
  begun: Begun,
  holding: ReturnType<typeof datasetHolding>,
  category: string,
): Promise<DatasetCame | 'lost'> {
  const { chunk, work } = begun;
  const { ref } = holding;
  const nothing: DatasetCame = { told: [], uncertain: chunk.uncertain, left: new Map() };
  // Two attempts on one dataset never meet, in whichever chunks it is.
  if ((await namedByOthers(core, work)).has(ref))
    return { ...nothing, left: new Map([[ref, { kind: 'busy' }]]) };
  const former = chunk.uncertain.length > 0 ? await readFormerRows(core, begun, holding) : undefined;
  if (former !== undefined && former.open === undefined) return former;
  const dataset = datasetNamed(core.configuration, core.lane, category);
  // Its producer's messages are waited for, so a chunk of another producer is one of another dataset.
  if (dataset?.producer === chunk.producer) {
    const came = await workOnRows(core, begun, { dataset, holding, open: former?.open ?? [] });
    return former === undefined || came === 'lost' ? came : withFormer(core, came, former, ref);
  }
  if (former !== undefined) return former;
  core.report('dataset.unknown', { store: core.lane });
  return nothing;
}

/** Rows that stay unknown keep the chunk, and stop no other row: a pass begins in it once an hour, as for any dataset. */
function withFormer(
  core: LaneCore,
  came: DatasetCame,
  { left: stays, uncertain }: DatasetCame,
  ref: HoldingRef,
): DatasetCame {
  const left = new Map(came.left);
  const latest = core.clock.now() + HOUR;
  for (const why of stays.values())
    left.set(
      left.has(ref) ? (`${ref} former` as HoldingRef) : ref,
      why.kind === 'failed' ? { latest, ...why } : why,
    );
  return { ...came, left, uncertain: came.uncertain.length > 0 ? came.uncertain : uncertain };
}
