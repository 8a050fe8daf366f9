/** What a rule can do in a store, weakest first. `review` and `notify` are steps for people and never reach a store. */
export const ACTIONS = ['restrict', 'anonymise', 'delete'] as const;
export type Action = (typeof ACTIONS)[number];

/**
 * What a stage can do in a store. `lift` undoes `restrict`. No rule can name it: it follows when nothing restricts the
 * record any more.
 */
export const STORE_ACTIONS = ['lift', ...ACTIONS] as const;
export type StoreAction = (typeof STORE_ACTIONS)[number];

/** How much of the data an action destroys. A role that may delete may also anonymise. */
export function strength(action: StoreAction): number {
  return STORE_ACTIONS.indexOf(action);
}

/** Whether data is lost: nothing undoes it. */
export function destroys(action: StoreAction): boolean {
  return action === 'delete' || action === 'anonymise';
}

/**
 * The result of one attempt. `changed`: the record is newer than the decision, decide again. `requested`: a vendor will do it.
 * `confirmed-by-vendor`: it says that it has done it, and nothing was read.
 */
export const OUTCOMES = [
  'deleted',
  'anonymised',
  'restricted',
  'lifted',
  'already-so',
  'requested',
  'confirmed-by-vendor',
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
    outcome === 'deleted' ||
    outcome === 'anonymised' ||
    outcome === 'restricted' ||
    outcome === 'lifted' ||
    outcome === 'already-so' ||
    outcome === 'confirmed-by-vendor'
  );
}

/** Whether a store carries out this step of a rule; the others are for people. */
export function isStoreAction(action: string): action is Action {
  return ACTIONS.some((known) => known === action);
}
