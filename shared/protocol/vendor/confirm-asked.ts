import { logRef } from '../../domain/configuration/references.ts';
import { pages } from '../../domain/each.ts';
import { present } from '../../domain/present.ts';
import { firstRequestId } from '../../domain/record/asked.ts';
import type { LogRef } from '../../domain/record/ids.ts';
import { handleOf } from '../../domain/record/notice.ts';
import type { ActedOn, Chunk } from '../../domain/record/work.ts';
import type { SettleCore } from '../core.ts';
import { logKeyOf } from '../facts/refs-of.ts';
import { isOver } from '../lane/begin.ts';
import { holdingOf } from '../lane/read-former.ts';
import { isRequest } from './open-requests.ts';

type Finding = Pick<SettleCore, 'registry' | 'clock' | 'keys' | 'lane' | 'configuration'>;

/** `busy`: a worker has the chunk; ask again in some minutes. `none`: no such request is open. */
export type Confirmed = 'confirmed' | 'busy' | 'none';

/** A request that is open. */
export interface OpenRequest extends Pick<ActedOn, 'stage' | 'part'> {
  /** The same, however often it is asked for again. */
  readonly request: string;
  /** The record, as the deletion log names it; absent where the log's key of its year was destroyed. */
  readonly record?: LogRef;
}

/**
 * A person says that the vendor has done what it was asked for about one record, which is named as in the deletion log, or
 * by its handle. `requests`: what was open when that was said. What was asked for since is not meant, however late this
 * comes, or comes again. Without them, as an older release sends it: all that is open about the record. The chunk is written
 * on the version that was read, and the lane tells it: `confirmed-by-vendor`, and that a person has said so.
 */
export async function confirmAsked(
  core: Finding,
  record: LogRef,
  requests?: readonly string[],
): Promise<Confirmed> {
  const meant = new Set(requests ?? (await openRequestsAbout(core, record)).map(({ request }) => request));
  let came: Confirmed = 'none';
  for await (const { items } of pages((after) => core.registry.chunks(core.lane, after))) {
    for (const chunk of items) {
      if (!chunk.uncertain.filter(isRequest).some((one) => meant.has(firstRequestId(one)))) continue;
      const one = await confirmIn(core, chunk, meant);
      if (one === 'busy') return 'busy';
      came = 'confirmed';
    }
  }
  return came;
}

/**
 * The requests about this record that are open, named as for `confirmAsked`. Writes nothing. Handles are compared first: for
 * them, no holdings of other records are read.
 */
export async function openRequestsAbout(core: Finding, record: LogRef): Promise<readonly OpenRequest[]> {
  for (const by of ['handle', 'log'] as const) {
    const open: OpenRequest[] = [];
    for await (const { items } of pages((after) => core.registry.chunks(core.lane, after)))
      for (const chunk of items) open.push(...(await openAbout(core, chunk, record, by)));
    if (open.length > 0) return open;
  }
  return [];
}

async function openAbout(
  core: Finding,
  chunk: Chunk,
  record: LogRef,
  by: 'handle' | 'log',
): Promise<readonly OpenRequest[]> {
  const asked = chunk.uncertain
    .filter(isRequest)
    .filter(({ ref }) => by === 'log' || handleOf(ref) === record);
  if (asked.length === 0) return [];
  const { holdings } = await core.registry.readHoldings([...new Set(asked.map(({ ref }) => ref))]);
  const open: OpenRequest[] = [];
  for (const one of asked) {
    const { ref, stage, part } = one;
    const current = holdings.get(ref);
    const holding = current && (await holdingOf(core, one, current));
    const key = holding && (await logKeyOf(core.keys, holding));
    const name = key && logRef(key, ref);
    if (by === 'handle' || name === record)
      open.push({ request: firstRequestId(one), stage, ...present({ part, record: name }) });
  }
  return open;
}

async function confirmIn(
  { registry, clock, lane, configuration }: Omit<Finding, 'keys'>,
  chunk: Chunk,
  meant: ReadonlySet<string>,
): Promise<Confirmed> {
  const works = await registry.workRecords(lane);
  const isAtWork = works.some(
    (work) => work.chunk.id === chunk.id && !isOver({ clock, configuration }, work),
  );
  if (isAtWork) return 'busy';
  const now = clock.now();
  const uncertain = chunk.uncertain.map((one) =>
    isRequest(one) && meant.has(firstRequestId(one))
      ? { ...one, asked: { ...one.asked, confirmed: one.asked.confirmed ?? now } }
      : one,
  );
  const next: Chunk = { ...chunk, version: chunk.version + 1, uncertain, notBefore: now };
  return (await registry.writeChunk(next)) === 'written' ? 'confirmed' : 'busy';
}
