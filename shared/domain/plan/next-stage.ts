import type { PlannedStage } from '../record/window.ts';

/**
 * The earliest; of several at the same time the strongest, which includes the others. Any conflict keeps the data, and lets
 * it be restricted.
 */
export function nextStage(stages: readonly PlannedStage[]): PlannedStage | undefined {
  const isConflict = stages.some(({ status }) => status === 'conflict');
  const due = stages.filter(
    ({ status, action }) => status === 'due' && (!isConflict || action === 'restrict' || action === 'lift'),
  );
  return notHeld(due) ?? earliestOf(due);
}

/** A rule that holds a part of the record holds nothing else; one that holds the whole record holds no part by itself. */
function notHeld(due: readonly PlannedStage[]): PlannedStage | undefined {
  const next = earliestOf(due);
  if (next?.heldByRule !== true) return next;
  return notHeld(
    due.filter((stage) => (next.part === undefined ? stage.part !== undefined : stage !== next)),
  );
}

function earliestOf(due: readonly PlannedStage[]): PlannedStage | undefined {
  let next: PlannedStage | undefined;
  for (const stage of due) if ((next?.actAt ?? Infinity) >= (stage.actAt ?? Infinity)) next = stage;
  return next;
}
