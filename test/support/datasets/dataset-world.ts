import type { Configuration } from '../../../shared/domain/configuration/configuration.ts';
import { DEFAULT_TIMING } from '../../../shared/domain/configuration/configuration.ts';
import { foldProfile } from '../../../shared/domain/configuration/fold-profile.ts';
import type { Policy } from '../../../shared/domain/configuration/policy.ts';
import { type DefinedDataset, rowHolding, rowStates } from '../../../shared/domain/datasets/row-holding.ts';
import type { EntityState } from '../../../shared/domain/facts/facts.ts';
import type { Plan } from '../../../shared/domain/plan/plan.ts';
import type { Attributes } from '../../../shared/domain/record/about.ts';
import type { EntityRef, HoldingRef, Instant, Occurred } from '../../../shared/domain/record/ids.ts';
import { planOf } from '../../../shared/protocol/plan-of.ts';
import { occurrence } from '../rules/rule-world.ts';

/** What a row says, and what is known of the account that it names. */
export interface Told {
  readonly clocks: Readonly<Record<string, string>>;
  readonly attributes?: Attributes;
  readonly account?: Readonly<Record<string, readonly string[]>>;
}

export const ACCOUNT = 'account-1' as EntityRef;

export function configured(policies: readonly Policy[]): { readonly configuration: Configuration } {
  const set = { policies };
  const configuration: Configuration = {
    entityTypes: {},
    stores: {},
    producers: {},
    operators: [],
    auditors: [],
    policies: set,
    timing: DEFAULT_TIMING,
    requests: { regimes: {}, jurisdictions: {} } as Configuration['requests'],
    foldProfile: foldProfile(set),
  };
  return { configuration };
}

/** The row's own plan: what decides before it goes. */
export function planOfRow(
  core: { readonly configuration: Configuration },
  dataset: DefinedDataset,
  { clocks, attributes, account }: Told,
  now: Instant,
): Plan {
  const entities = account === undefined ? [] : [{ type: 'account', ref: ACCOUNT }];
  const occurred = clocks as Readonly<Record<string, Occurred>>;
  const row = { ref: 'row' as HoldingRef, clocks: occurred, entities, ...(attributes && { attributes }) };
  const profile = core.configuration.foldProfile;
  const state: EntityState = {
    version: 1,
    profile: profile.digest,
    occurrences: Object.fromEntries(
      Object.entries(account ?? {}).map(([event, dates]) => [event, dates.map(occurrence)]),
    ),
    rebuilt: 0,
    dangling: [],
    holds: [],
  };
  const states = rowStates(occurred, new Map([[ACCOUNT, state]]), profile);
  return planOf(core, rowHolding(dataset, row, now), states, now);
}
