import { codeOf } from '../../domain/error-code.ts';
import { type DropCore, dropOld, refuseBeforeDropped } from './drop-old.ts';
import { integrate, type IntegrateCore } from './integrate.ts';
import { publishWitnessed } from './publish.ts';
import { rememberingJournal } from './fresh-journal.ts';
import { seal, type SealCore } from './seal.ts';
import { checkIndex } from './check-index.ts';
import { indexLog } from './index-log.ts';
import { noteSigned, signing } from './signed-until.ts';
import { introduceKeys } from './signing-keys.ts';
import { seconds } from '../seconds.ts';
import type { Walk } from '../../ports/upkeep.ts';

/** Of a run's time: with a backlog of many runs, the first stage would use all of it, and nothing would be signed. */
const SEALING = 2 / 3;

export type WriteLogCore = SealCore & IntegrateCore & DropCore;

/**
 * The stages of the deletion log: results get their places in the journal, and what the journal has is signed; where there
 * are witnesses, they are asked after that. A result that cannot be sealed does not keep the others from being signed;
 * nothing is signed where journal and registry do not agree. At the end, what is too old is taken out of the log, where
 * that is configured. Where more than one stage failed, the run fails with the first of their errors, and reports the
 * others.
 */
export async function writeLog(core: WriteLogCore, goOn: () => boolean = () => true): Promise<void> {
  await refuseBeforeDropped(core);
  const bucket = rememberingJournal(core.bucket);
  const { clock, configuration } = core;
  // Without its entry a new key only signs beside the old one: nothing has to wait for it.
  const unintroduced = await faultOf(introduceKeys(core));
  const end = clock.now() + seconds(configuration.timing.functionTimeout) * SEALING;
  const fault = await faultOf(seal({ ...core, bucket }, () => goOn() && clock.now() < end));
  if (fault !== undefined && codeOf(fault.error) === 'LOG_FORKED') throw fault.error;
  const unsigned = await faultOf(sign({ ...core, bucket }, goOn));
  // At last: filters read more without the index, and nothing waits for it.
  const unindexed = unsigned ?? (await faultOf(index({ ...core, bucket }, goOn)));
  // Nothing leaves the log while it cannot be signed.
  const undropped = unsigned ?? (await faultOf(dropOld(core, goOn)));
  const all = [fault, unsigned, undropped, unintroduced, unindexed].filter((one) => one !== undefined);
  const [first, ...others] = new Set(all);
  for (const { error } of others) core.report('seal.failed', { code: codeOf(error) });
  if (first !== undefined) throw first.error;
}

async function index(core: WriteLogCore, goOn: () => boolean): Promise<void> {
  await checkIndex(core, await indexLog(core, goOn), goOn);
}

async function sign(core: WriteLogCore, goOn: () => boolean): Promise<void> {
  const walk = await signing(core);
  const size = await integrate(core, goOn);
  await publish(core, { walk, size }, goOn);
}

/** Without witnesses, what is signed is published. `size`: of a tree that has all entries. */
async function publish(
  core: WriteLogCore,
  { walk, size }: { readonly walk: Walk; readonly size: number | undefined },
  goOn: () => boolean,
): Promise<void> {
  const { witnesses } = core;
  if (witnesses === undefined) return noteSigned(core, walk, { size });
  const published = await publishWitnessed({ ...core, witnesses }, goOn);
  const isAll = size !== undefined && published.size >= size;
  await noteSigned(core, walk, { ...published, size: isAll ? size : undefined });
}

async function faultOf(work: Promise<void>): Promise<{ readonly error: unknown } | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    return { error };
  }
}
