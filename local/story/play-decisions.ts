import { isDeepStrictEqual } from 'node:util';
import { demoConfiguration } from '../../examples/demo-configuration.ts';
import type {
  Activated,
  HoldLifted,
  HoldOnEntity,
  Paused,
  Planned,
  Stopped,
} from '../../examples/stories/existing-story.ts';
import { pagesOf } from '../../shared/client/client.ts';
import { demoPolicies } from './load-demo.ts';
import { type ExistingStage, number } from './existing-stage.ts';

interface DecisionPlayer {
  readonly pause: (step: Paused) => Promise<void>;
  readonly hold: (step: HoldOnEntity) => Promise<void>;
  readonly lift: (step: HoldLifted) => Promise<void>;
  readonly plan: (step: Planned) => Promise<void>;
  readonly activate: (step: Activated) => Promise<void>;
  readonly decide: (step: Stopped) => Promise<void>;
}

/** What people decide: pauses, legal holds, new policies, and rules that a breaker has stopped. */
export function decisionPlayer({ as, system, print, finding }: ExistingStage): DecisionPlayer {
  return {
    async pause({ kind, policy }) {
      const client = as('operator');
      await (kind === 'paused' ? client.pause(undefined, { policy }) : client.resume(undefined, { policy }));
      await system.settle();
      print.follows('=', `The policy ${policy} is ${kind} in all lanes.`);
    },
    async hold({ id, entity, matter, reason }) {
      const placed = await as('operator').placeHold({ id, scope: { entity }, matter, reason });
      await system.settle();
      const state = placed.dryRun ? 'not placed' : placed.hold.state;
      finding(state === 'in-force', `The hold ${id} is ${state}.`);
    },
    async lift({ id, reason }) {
      const { hold } = await as('operator').releaseHold({ id, reason });
      await system.settle();
      finding(hold.state === 'released', `The hold ${id} is ${hold.state}.`);
    },
    async plan({ dueAtOnce }) {
      const files = [...(await demoPolicies())];
      const { settings = {} } = demoConfiguration;
      const { id } = await as('operator').planPolicies({ files, settings });
      await system.settle();
      let found = 0;
      let changed = 0;
      for await (const page of pagesOf((cursor) => as('operator').queryPolicyPlan({ id, ...cursor })))
        for (const { store, counts } of page.groups) {
          if (store === dueAtOnce.store) found += counts.due;
          const all = Object.values(counts).reduce((sum, n) => sum + n, 0);
          changed += all - counts.unchanged;
        }
      const others = changed === found ? 'nothing else changes' : `${number(changed - found)} others change`;
      finding(
        found === dueAtOnce.collections,
        `${number(found)} collections of ${dueAtOnce.store} would be due at once, and ${others}`,
      );
    },
    async activate({ uncounted }) {
      const { waiting } = await as('operator').showPolicies();
      const names = (waiting?.datasets ?? []).map(({ category }) => category).toSorted();
      finding(
        waiting?.state === 'person' && isDeepStrictEqual(names, uncounted),
        `It waits for a person, because nothing has counted the rows of ${names.join(', ') || 'no dataset'}`,
      );
      if (waiting === undefined) return;
      await as('operator').approvePolicies(waiting.policies);
      await system.settle();
      print.follows('=', 'A person approves it without looking at the forecast.');
    },
    async decide({ kind, lane, policy, rule, records }) {
      const { lanes } = await as('operator').listLanes();
      const stop = lanes
        .find((one) => one.lane === lane)
        ?.stops?.find((one) => one.policy === policy && one.rule === rule);
      finding(
        stop?.taken === records,
        `The breaker of ${lane} has stopped “${rule}” after ${stop?.taken ?? 'no'} records; ${number(stop?.waiting ?? 0)} wait`,
      );
      if (stop === undefined) return;
      if (kind === 'aborted') {
        await as('operator').abortRule(lane, { policy, rule });
        print.follows('=', 'A person aborts it: it is paused until it is corrected.');
      } else {
        await as('operator').approveRule(lane, { policy, rule });
        print.follows('=', 'A person approves it: the rest goes, too.');
      }
      await system.settle();
    },
  };
}
