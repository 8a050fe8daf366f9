import type { Policy } from '../../../shared/domain/configuration/policy.ts';
import type { EntityState } from '../../../shared/domain/facts/facts.ts';
import { emptyState } from '../../../shared/domain/facts/fold.ts';
import type { EntityRef, HoldingRef, Instant, Occurred } from '../../../shared/domain/record/ids.ts';
import { type Judged, judging } from '../../../shared/protocol/datasets/judge-rows.ts';
import { deployedPolicies } from '../../../shared/protocol/policy-plan/activation.ts';
import { world, type World } from '../driver/world.ts';
import { DATASET } from './arbitrary-rows.ts';
import { ACCOUNT, planOfRow, type Told } from './dataset-world.ts';

import { occurrence } from '../rules/rule-world.ts';
export const worldWith = (policies: readonly Policy[], at: Instant | string): World =>
  world({ policies, start: new Date(at).toISOString() });
const stateOf = (w: World, account: Told['account']): EntityState => ({
  ...emptyState(w.core.configuration.foldProfile),
  ...(account && {
    version: 1,
    occurrences: Object.fromEntries(
      Object.entries(account).map(([event, dates]) => [event, dates.map(occurrence)]),
    ),
  }),
});

/** All rows in one slice. Those that tell of an account name the same one, and the others one each. */
export function judge(w: World, rows: readonly Told[]): readonly Judged[] {
  const refs = rows.map(({ account }, index) => (account ? ACCOUNT : (`${ACCOUNT} ${index}` as EntityRef)));
  const states = new Map(rows.map(({ account }, index) => [refs[index] ?? ACCOUNT, stateOf(w, account)]));
  const begun = { holds: [], policies: deployedPolicies(w.core), columns: new Map() };
  const one = judging(w.core, begun, { dataset: DATASET, states, readAt: w.clock.now() });
  return rows.map(({ clocks, attributes }, index) =>
    one({
      ref: `row ${index}` as HoldingRef,
      clocks: clocks as Readonly<Record<string, Occurred>>,
      entities: [{ type: 'account', ref: refs[index] ?? ACCOUNT }],
      ...(attributes && { attributes }),
    }),
  );
}

/** By its own plan, on any clock. */
export function isDueAlone(w: World, row: Told): boolean {
  const { core, clock } = w;
  const { next } = planOfRow(core, DATASET, { account: {}, ...row }, clock.now());
  if (next?.actAt === undefined || next.heldByRule === true) return false;
  const from = Math.max(next.actAt, next.window?.floor ?? 0, next.window?.notBefore ?? 0);
  return from <= clock.now() - core.configuration.timing.clockTolerance * 1000;
}
