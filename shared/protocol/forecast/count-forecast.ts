import { effectivePolicies, policyOf } from '../../domain/configuration/effective-policies.ts';
import { binOf, type ForecastSeries, mergedSeries } from '../../domain/forecast/forecast.ts';
import type { Holding } from '../../domain/record/holding.ts';
import type { Instant } from '../../domain/record/ids.ts';
import { present } from '../../domain/present.ts';
import type { Core } from '../core.ts';
import { categoriesOf } from '../plan-of.ts';

/** What goes when: each holding that is not disposed of, once. `day`: the UTC day of the census. */
export function countForecast(
  { configuration }: Pick<Core, 'configuration'>,
  holdings: readonly Holding[],
  { day, now }: { readonly day: string; readonly now: Instant },
): ForecastSeries[] {
  const effective = effectivePolicies(configuration.policies, now);
  return mergedSeries(
    holdings.flatMap((holding): ForecastSeries[] => {
      const { state, store, decision } = holding;
      if (state !== 'active' && state !== 'pending') return [];
      const [category = ''] = categoriesOf(holding).toSorted();
      const policy = policyOf(category, effective)?.name ?? '';
      const isDated = state === 'active' && decision?.actAt !== undefined;
      const action = isDated ? decision.stage : undefined;
      return [{ store, policy, category, ...present({ action }), bins: { [binOf(holding, day)]: 1 } }];
    }),
  );
}
