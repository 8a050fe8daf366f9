import { isSuccess } from '../../domain/record/actions.ts';
import { present } from '../../domain/present.ts';
import type { Entry } from '../../domain/record/entry.ts';
import type { Instant } from '../../domain/record/ids.ts';
import type { AttemptResult } from '../../domain/record/work.ts';
import type { LogBucket } from '../../ports/log.ts';
import type { LoggedStage } from '../../ports/results.ts';
import { bundleKey, sealedIndexOf } from '../log/bundle.ts';
import { readBundle } from '../log/read-bundle.ts';
import type { Core } from '../core.ts';
import { seconds } from '../seconds.ts';
import { rebuildId } from './restored.ts';

export interface RebuildCore extends Pick<Core, 'clock' | 'configuration' | 'registry' | 'report'> {
  readonly bucket: LogBucket;
}

/**
 * The table was restored to an earlier time: the log has entries that it does not know. Bundle by bundle they are read
 * from the bucket, and their results, their places in the log and what they say was done come back into the table.
 * Then the head moves on, on its version. So any number of runs may do it at once, and die anywhere. `more`: not at the
 * end yet. The end counts only when no function of the former table can be running any more, because one might still
 * have written a bundle.
 */
export async function rebuildLog(
  core: RebuildCore,
  table: string,
  goOn: () => boolean,
): Promise<'done' | 'more'> {
  const { registry, clock } = core;
  const { functionTimeout, clockTolerance } = core.configuration.timing;
  for (;;) {
    // The head first: a head that was read before the rebuild was done has moved when sealing begins again.
    const head = await registry.head();
    const walk = await registry.walk(rebuildId(table));
    if (walk.done === true) return 'done';
    const now = clock.now();
    const next = { ...walk, version: walk.version + 1, at: now };
    if (walk.since === undefined) {
      await registry.putWalk({ ...next, since: now });
      continue;
    }
    if (!goOn()) return 'more';
    if (!head.published) {
      // The bucket says what became of this batch. What is not there is still to be sealed: its notes are.
      const size = head.batch[0]?.first ?? head.size;
      await registry.putHead({ version: head.version + 1, size, batch: [], published: true });
      continue;
    }
    const bytes = await core.bucket.get(bundleKey(head.size));
    if (bytes === undefined) {
      if (now <= walk.since + seconds(functionTimeout + 2 * clockTolerance)) return 'more';
      const written = await registry.putWalk({ ...next, count: head.size, done: true });
      if (written === 'written') core.report('seal.rebuilt', { count: head.size });
      continue;
    }
    const { lines, results } = readBundle(bundleKey(head.size), bytes);
    await putBack(core, results, head.size);
    const size = head.size + lines;
    await registry.putHead({ version: head.version + 1, size, batch: [], published: true });
  }
}

/** Each of these is put if absent, so that it may be repeated. */
async function putBack(
  { registry }: RebuildCore,
  results: readonly AttemptResult[],
  first: number,
): Promise<void> {
  let at = first;
  const sealed = results.map((result) => {
    const index = sealedIndexOf(result, at);
    at += index.count;
    return index;
  });
  for (const result of results)
    if ((await registry.putResult(result)) === 'void') throw new VoidInLog(result.token);
  await registry.putLogged(results.flatMap(loggedOf));
  await registry.putSealed(sealed);
}

/** The first success of each stage of a result's holdings. */
function loggedOf({ token, entries }: AttemptResult): LoggedStage[] {
  return entries.flatMap((entry, line) => {
    const outcome = entry.outcome === 'pseudonymised' ? 'anonymised' : entry.outcome;
    const { holding, generation, stage, part, page } = entry;
    // After a page of a collection others follow, and a deletion that leaves records is not its end.
    const isLeft = page?.more === true || (stage === 'delete' && (page?.kept ?? 0) > 0);
    if (!isSuccess(outcome) || isLeft) return [];
    const begunAt = decidedFrom(entry);
    const at = Date.parse(entry.readBack ?? entry.acted ?? entry.leased);
    return [{ holding, generation, stage, outcome, begunAt, at, token, line, ...present({ part }) }];
  });
}

/**
 * What was registered before then was known to what carried it out. A vendor may say after weeks that it has done it, and
 * that entry does not say when it was asked for: not before it was due. Without that, nothing was known.
 */
function decidedFrom({ outcome, acted, due, leased }: Entry): Instant {
  if (outcome !== 'confirmed-by-vendor' || acted !== undefined) return Date.parse(leased);
  return due === undefined ? 0 : Date.parse(due);
}

class VoidInLog extends Error {
  readonly code = 'LOG_DAMAGED';
  constructor(token: string) {
    super(
      `The deletion log has entries of the result ${token}, which is void in the registry. Nothing is sealed. See docs/runbooks/log-forked.md.`,
    );
    this.name = 'VoidInLog';
  }
}
