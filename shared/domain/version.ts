/** Written into every entry. */
export const SOFTWARE = 'tenure/0.2.0';

/**
 * Goes into the digests that plans are compared by. Changed, both members, only when the same policies and facts can
 * lead to another plan: all holdings are then planned again. Releases that plan alike have the same: while one is
 * deployed over another they do not plan what the other has planned, and a fact that moves a stage is not taken for an
 * edit of the policy (`isMoved`). `test/unit/house/planner.test.ts` tells when it has to be considered.
 */
export const PLANNER = { engine: 5, since: 'tenure/0.2.0' } as const;
