import type { Masks } from '../domain/record/masks.ts';
import { masksOf } from '../domain/configuration/masks-of.ts';
import { type Acted, type ReadBack, type StoreFailure, UNCERTAIN } from '../ports/store.ts';
import { seconds } from './core.ts';
import type { Attempt, Finished, LaneCore, Result } from './lane-core.ts';
import { unique } from './plan-of.ts';

/**
 * Carries out the claimed stages in batches and reads back what each promised: `deleted` is only said of what was
 * read and found gone. What a store failed to answer is read, too: it may have been done. No store call starts in the
 * last third of the lease; what is left then is let go of.
 */
export async function act(core: LaneCore, attempts: readonly Attempt[]): Promise<readonly Finished[]> {
  const finished: Finished[] = [];
  for (const group of groupsOf(core, attempts)) {
    if (!mayStart(core, group.attempts)) {
      finished.push(...group.attempts.map((attempt) => ({ attempt, result: { kind: 'stopped' as const } })));
      continue;
    }
    const actedAt = core.clock.now();
    const acted = await carryOut(core, group);
    finished.push(...(await confirm(core, group, acted, actedAt)));
  }
  return finished;
}

interface Group {
  readonly stage: 'delete' | 'anonymise' | 'restrict';
  readonly masks: Masks;
  readonly attempts: readonly Attempt[];
}

/** One store call for all that have the same stage and masks. */
function groupsOf(core: LaneCore, attempts: readonly Attempt[]): readonly Group[] {
  const groups = new Map<string, { stage: Group['stage']; masks: Masks; attempts: Attempt[] }>();
  for (const attempt of attempts) {
    const stage = attempt.holding.claim.stage;
    const masks = stage === 'anonymise' ? masksFor(core, attempt) : {};
    const name = JSON.stringify([stage, masks]);
    const group = groups.get(name) ?? { stage, masks, attempts: [] };
    group.attempts.push(attempt);
    groups.set(name, group);
  }
  return [...groups.values()];
}

function masksFor(core: Pick<LaneCore, 'configuration' | 'clock'>, attempt: Attempt): Masks {
  const categories = unique(attempt.holding.registrations.flatMap((registration) => registration.categories));
  return masksOf(core.configuration.policies, categories, core.clock.now());
}

/** A worker that outlived most of its lease starts nothing more: a take-over may be near. */
export function mayStart(
  core: Pick<LaneCore, 'clock' | 'configuration'>,
  attempts: readonly Attempt[],
): boolean {
  const lease = seconds(core.configuration.timing.lease);
  const now = core.clock.now();
  return attempts.every(({ holding }) => now < holding.claim.leaseUntil - lease / 3);
}

function carryOut(core: LaneCore, group: Group): Promise<Acted[]> {
  const targets = group.attempts.map(({ locator, presence }) => ({
    locator,
    ...(presence?.state === 'present' && presence.version !== undefined ? { version: presence.version } : {}),
  }));
  switch (group.stage) {
    case 'delete':
      return core.store.delete(targets);
    case 'anonymise':
      return core.store.anonymise(targets, group.masks);
    case 'restrict':
      return core.store.restrict(targets, true);
  }
}

async function confirm(
  core: LaneCore,
  group: Group,
  acted: readonly Acted[],
  actedAt: number,
): Promise<readonly Finished[]> {
  const answers = group.attempts.map((_, index): Acted => acted[index] ?? LOST);
  const toRead = group.attempts.filter(
    (_, index) => isPromise(answers[index]) || isUncertain(answers[index]),
  );
  const reads = await readBack(core, toRead);
  const readBackAt = core.clock.now();
  return group.attempts.map((attempt, index) => {
    const answer = answers[index] ?? LOST;
    const read = reads.get(attempt);
    if (isPromise(answer)) return { attempt, result: confirmed(answer, read, actedAt, readBackAt) };
    if (isUncertain(answer)) return { attempt, result: foundOut(answer.code, read, actedAt, readBackAt) };
    return { attempt, result: { ...notDone(answer), actedAt } };
  });
}

const LOST: Acted = { outcome: 'failed', code: 'STORE_ERROR' };

type Promising = Extract<Acted, { outcome: 'deleted' | 'anonymised' | 'restricted' | 'already-so' }>;

function isPromise(acted: Acted | undefined): acted is Promising {
  return (
    acted !== undefined &&
    acted.outcome !== 'changed' &&
    acted.outcome !== 'refused' &&
    acted.outcome !== 'failed'
  );
}

type Uncertain = Extract<Acted, { outcome: 'failed' }>;

function isUncertain(acted: Acted | undefined): acted is Uncertain {
  return acted?.outcome === 'failed' && UNCERTAIN.includes(acted.code);
}

/** The result of a call whose answer was lost. It may not have been this attempt, so the outcome is never `deleted`. */
function foundOut(
  code: StoreFailure,
  read: ReadBack | undefined,
  actedAt: number,
  readBackAt: number,
): Result {
  if (read?.state === 'kept') {
    return { kind: 'success', outcome: 'already-so', actedAt, readBackAt, answer: code };
  }
  return { kind: 'failed', code, actedAt, ...(read?.state === 'broken' ? {} : { unread: true }) };
}

function notDone(
  acted: Exclude<Acted, Promising>,
): Extract<Result, { kind: 'changed' | 'refused' | 'failed' }> {
  switch (acted.outcome) {
    case 'refused':
      return {
        kind: 'refused',
        code: acted.code,
        ...(acted.until === undefined ? {} : { until: acted.until }),
      };
    case 'failed':
      return { kind: 'failed', code: acted.code };
    case 'changed':
      return { kind: 'changed' };
  }
}

function confirmed(
  acted: Promising,
  read: ReadBack | undefined,
  actedAt: number,
  readBackAt: number,
): Result {
  if (read?.state === 'unknown') return { kind: 'failed', code: read.code, actedAt, unread: true };
  if (read?.state !== 'kept') return { kind: 'failed', code: 'READ_BACK_BROKEN', actedAt };
  const { outcome, answer } = acted;
  return { kind: 'success', outcome, actedAt, readBackAt, ...(answer === undefined ? {} : { answer }) };
}

/** Asks the store whether what the claimed stage promises holds. */
export async function readBack(
  core: LaneCore,
  attempts: readonly Attempt[],
): Promise<ReadonlyMap<Attempt, ReadBack>> {
  if (attempts.length === 0) return new Map();
  const answers = await core.store.readBack(
    attempts.map((attempt) => {
      const { locator, holding } = attempt;
      switch (holding.claim.stage) {
        case 'delete':
          return { locator, expect: 'gone' as const };
        case 'anonymise':
          return { locator, expect: 'masked' as const, masks: masksFor(core, attempt) };
        case 'restrict':
          return { locator, expect: 'restricted' as const };
      }
    }),
  );
  return new Map(
    attempts.map((attempt, index) => [attempt, answers[index] ?? { state: 'unknown', code: 'STORE_ERROR' }]),
  );
}
