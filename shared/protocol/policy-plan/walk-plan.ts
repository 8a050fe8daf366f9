import { NOTHING_COUNTED, withCompared } from '../../domain/policy-plan/tally.ts';
import type { Core } from '../core.ts';
import { walkSegment } from '../walk.ts';
import { expiryOf, planOfWalk } from './begin-plan.ts';
import { compareHoldings } from './compare.ts';

/**
 * One segment of a plan of other policies: plans each holding by both sets and counts what changes. It writes nothing but
 * its walk, which has the counts: they move with the place that it has reached, so that each holding counts once, wherever
 * a walker dies. A walker of another release or configuration counts the same, because the plan has both sets.
 */
export async function planSegment(
  core: Core,
  message: { readonly walk: string; readonly segment: number },
  goOn: () => boolean,
): Promise<'done' | 'more' | 'busy' | 'gone'> {
  const plan = await core.registry.policyPlan(planOfWalk(message.walk) ?? '');
  if (plan === undefined) return 'gone';
  const walked = await walkSegment(core, { id: message.walk, segment: message.segment }, goOn, {
    expires: expiryOf(plan),
    scan: (...page) => core.registry.scanHoldings(...page),
    async visit({ items, damaged }, { found = NOTHING_COUNTED }) {
      const compared = await compareHoldings(core, plan.sets, items, core.clock.now());
      return { found: withCompared(found, compared, damaged.length) };
    },
  });
  if (walked === 'more') await core.queues.toSweep([{ kind: 'walk', ...message }]);
  return walked;
}
