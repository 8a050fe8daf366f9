import { isSuccess } from '../../domain/record/actions.ts';
import { nextRequest } from '../../domain/record/asked.ts';
import type { HoldingRef } from '../../domain/record/ids.ts';
import { isSameStage } from '../../domain/record/stage-name.ts';
import type { ActedOn, Chunk } from '../../domain/record/work.ts';
import type { LaneCore } from '../core.ts';
import { nameOf } from '../lane/begin.ts';
import type { Left, Todo, Told } from '../lane/told.ts';
import { type FormerlyAsked, waitFor } from './read-asked.ts';

interface Findings {
  told: Told[];
  readonly todo: readonly Todo[];
  readonly left: Map<HoldingRef, Left>;
}

/**
 * A vendor may have the request, whatever is decided since: it is asked what came of it until that is known. What was
 * decided of its holding meanwhile is not told: what the vendor says of its requests is.
 */
export function keepAsked(core: LaneCore, found: Findings, { again, told: said }: FormerlyAsked): void {
  const { vendor } = core.store;
  const now = core.clock.now();
  for (const one of again.values()) {
    const { ref, asked } = one;
    if (vendor === undefined || found.left.has(ref) || found.todo.some((todo) => todo.ref === ref)) continue;
    if (found.told.some((other) => isEndOf(other, one))) continue;
    found.told = found.told.filter((other) => other.ref !== ref || said.includes(other));
    found.left.set(ref, waitFor(asked, vendor, now));
  }
}

/** What is told ends the request: it was carried out, or its record is gone. */
export function isEndOf(told: Told, one: ActedOn): boolean {
  if (!isSuccess(told.outcome) || told.ref !== one.ref || told.generation !== one.generation) return false;
  return told.stage === 'delete' || nameOf(told) === nameOf(one);
}

/** Only a request for the same: what came of another stage, or of an older generation, says nothing of this one. */
export function withRequest(
  core: LaneCore,
  { failures }: Pick<Chunk, 'failures'>,
  todo: Todo,
  asked: FormerlyAsked['again'],
): Todo {
  if (core.store.vendor === undefined) return todo;
  const before = asked.get(nameOf(todo))?.asked;
  const round = todo.holding.done?.find((one) => isSameStage(one, todo))?.version ?? 0;
  return { ...todo, asked: nextRequest(before, { round, failures, now: core.clock.now() }) };
}
