import { strength } from '../record/actions.ts';
import type { Instant } from '../record/ids.ts';
import type { StageName } from '../record/stage-name.ts';

/** A stage that was carried out. */
export interface DoneStage extends StageName {
  /** What it did no longer counts: the stage has to be carried out again. */
  readonly isDueAgain?: true;
  readonly at?: Instant;
}

/**
 * Whether a stage has nothing left to do. What deletes or masks the whole record includes what is weaker; what is done
 * to a part of it stands for that part alone. `restrict` and `lift` undo each other: the later one counts.
 */
export function isDone(stage: StageName, done: readonly DoneStage[]): boolean {
  const standing = done.filter((one, index) => one.isDueAgain !== true && !isUndone(done, index));
  if (stage.part !== undefined || stage.action === 'lift')
    return standing.some((one) => one.action === stage.action && one.part === stage.part);
  return standing.some(
    ({ action, part }) => part === undefined && strength(action) >= strength(stage.action),
  );
}

/** Nothing is left to restrict: it stands as restricted, or is deleted. A record that was masked can still be used. */
export function isRestrictionDone(done: readonly DoneStage[]): boolean {
  return done.some(({ action, part, isDueAgain }, index) => {
    if (isDueAgain === true || part !== undefined) return false;
    return action === 'delete' || (action === 'restrict' && !isUndone(done, index));
  });
}

/** The record may be restricted in its store: it was, and that was not undone. */
export function isRestricted(done: readonly DoneStage[]): boolean {
  return done.some(({ action }, index) => action === 'restrict' && !isUndone(done, index));
}

function isUndone(done: readonly DoneStage[], index: number): boolean {
  const action = done[index]?.action;
  if (action !== 'restrict' && action !== 'lift') return false;
  const opposite = action === 'lift' ? 'restrict' : 'lift';
  return done.slice(index + 1).some((later) => later.action === opposite);
}
