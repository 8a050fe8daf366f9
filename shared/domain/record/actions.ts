/** What a stage does in a store, weakest first. `review` and `notify` are steps for people and never reach a store. */
export const ACTIONS = ['restrict', 'anonymise', 'delete'] as const;
export type Action = (typeof ACTIONS)[number];

/** How much of the data an action destroys. A role that may delete may also anonymise. */
export function strength(action: Action): number {
  return ACTIONS.indexOf(action);
}

/** The result of one attempt. `changed`: the record is newer than the decision, decide again. */
export const OUTCOMES = [
  'deleted',
  'anonymised',
  'restricted',
  'already-so',
  'held',
  'too-early',
  'changed',
  'refused',
  'failed',
] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** The outcomes that settle a stage. */
export function isSuccess(outcome: Outcome): boolean {
  return (
    outcome === 'deleted' || outcome === 'anonymised' || outcome === 'restricted' || outcome === 'already-so'
  );
}

/** Whether a store carries it out; the others are steps for people. */
export function isStoreAction(action: string): action is Action {
  return ACTIONS.some((known) => known === action);
}
