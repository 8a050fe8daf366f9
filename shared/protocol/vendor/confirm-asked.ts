import { yearOf } from '../../domain/calendar/utc-time.ts';
import { logRef } from '../../domain/configuration/references.ts';
import { pages } from '../../domain/each.ts';
import type { LogRef } from '../../domain/record/ids.ts';
import { handleOf } from '../../domain/record/notice.ts';
import type { ActedOn, Chunk } from '../../domain/record/work.ts';
import type { SettleCore } from '../core.ts';
import { isOver } from '../lane/begin.ts';
import { holdingOf } from '../lane/read-former.ts';

type Finding = Pick<SettleCore, 'registry' | 'clock' | 'keys' | 'lane' | 'configuration'>;

/** `busy`: a worker has the chunk; ask again in some minutes. `none`: no request about this record is open. */
export type Confirmed = 'confirmed' | 'busy' | 'none';

/**
 * A person says that the vendor has done what it was asked for: all open requests about one record, which is named as in
 * the deletion log, or by its handle. Its chunk is written on the version that was read, and the lane tells it: `confirmed-by-vendor`, and
 * that a person has said so. Saying it again changes nothing.
 */
export async function confirmAsked(core: Finding, record: LogRef): Promise<Confirmed> {
  let came: Confirmed = 'none';
  for await (const { items } of pages((after) => core.registry.chunks(core.lane, after))) {
    for (const chunk of items) {
      const named = await requestsOf(core, chunk, record);
      if (named.length === 0) continue;
      const one = await confirmIn(core, chunk, new Set(named));
      if (one === 'busy') return 'busy';
      came = 'confirmed';
    }
  }
  return came;
}

/** Whether a request about this record is open. Writes nothing. */
export async function isAsked(core: Finding, record: LogRef): Promise<boolean> {
  for await (const { items } of pages((after) => core.registry.chunks(core.lane, after))) {
    for (const chunk of items) if ((await requestsOf(core, chunk, record)).length > 0) return true;
  }
  return false;
}

async function requestsOf(core: Finding, { uncertain }: Chunk, record: LogRef): Promise<readonly ActedOn[]> {
  const asked = uncertain.filter((one) => one.asked !== undefined);
  if (asked.length === 0) return [];
  const { holdings } = await core.registry.readHoldings([...new Set(asked.map(({ ref }) => ref))]);
  const named: ActedOn[] = [];
  for (const one of asked) {
    if (handleOf(one.ref) === record) {
      named.push(one);
      continue;
    }
    const current = holdings.get(one.ref);
    const holding = current && (await holdingOf(core, one, current));
    if (holding === undefined) continue;
    const key = await core.keys.logKey(yearOf(holding.registeredAt));
    if (logRef(key, one.ref) === record) named.push(one);
  }
  return named;
}

async function confirmIn(
  { registry, clock, lane, configuration }: Omit<Finding, 'keys'>,
  chunk: Chunk,
  named: ReadonlySet<ActedOn>,
): Promise<Confirmed> {
  const works = await registry.workRecords(lane);
  const isAtWork = works.some(
    (work) => work.chunk.id === chunk.id && !isOver({ clock, configuration }, work),
  );
  if (isAtWork) return 'busy';
  const now = clock.now();
  const uncertain = chunk.uncertain.map((one) =>
    named.has(one) && one.asked !== undefined
      ? { ...one, asked: { ...one.asked, confirmed: one.asked.confirmed ?? now } }
      : one,
  );
  const next: Chunk = { ...chunk, version: chunk.version + 1, uncertain, notBefore: now };
  return (await registry.writeChunk(next)) === 'written' ? 'confirmed' : 'busy';
}
