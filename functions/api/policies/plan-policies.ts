import type { PolicyPlanAnswer, PolicyPlanGroup } from '../../../shared/contract/policy-plans.ts';
import { problem } from '../../../shared/contract/problem.ts';
import { isoUtc } from '../../../shared/domain/calendar/utc-time.ts';
import { effectivePolicies, policyOf } from '../../../shared/domain/configuration/effective-policies.ts';
import { type Change, CHANGES } from '../../../shared/domain/policy-plan/change.ts';
import { type TallyCell, totalsOf } from '../../../shared/domain/policy-plan/tally.ts';
import { present } from '../../../shared/domain/present.ts';
import { activePolicies, beginPlan, walkOfPlan } from '../../../shared/protocol/policy-plan/begin-plan.ts';
import type { PlannedSets } from '../../../shared/domain/policy-plan/planned-sets.ts';
import { type PlanProgress, readPlan } from '../../../shared/protocol/policy-plan/read-plan.ts';
import { askForSegments } from '../../../shared/protocol/walk.ts';
import type { ApiPorts, Operation } from '../api-ports.ts';
import { decryptCursor, nextOf } from '../cursor.ts';
import { logRefs } from '../log-refs.ts';
import { compileFiles } from './compile-files.ts';

/** Each has up to 40 samples. */
const GROUPS_A_PAGE = 20;

/** Begins to count what other policies would change. Two requests are two plans, which change nothing. */
export const planPolicies: Operation<'planPolicies'> = async (ports, { input }) => {
  const compiled = compileFiles(ports.configuration, input);
  if (!compiled.ok) return { kind: 'problem', problem: compiled.problem };
  const from = (await activePolicies(ports)) ?? ports.configuration.policies;
  const plan = await beginPlan(ports, { to: compiled.policySet, from, asIf: true });
  if (plan === 'too-large') return { kind: 'problem', problem: problem('POLICIES_TOO_LARGE', 'files') };
  const progress = await readPlan(ports, plan.id);
  if (progress === undefined) return { kind: 'problem', problem: problem('NOT_FOUND', 'id') };
  return { kind: 'answer', answer: { ...answerOf(progress), groups: [] } };
};

/** How far a plan has come, and what it says. A walker that was lost is asked for again. */
export const queryPolicyPlan: Operation<'queryPolicyPlan'> = async (ports, { input }) => {
  const { id, cursor: sent } = input;
  const query = { list: 'policies/plans', filters: { id } };
  const cursor = await decryptCursor<{ readonly shown: number }>(ports, query, sent);
  if (!cursor.ok) return { kind: 'problem', problem: problem('CURSOR_INVALID', 'cursor') };
  const progress = await readPlan(ports, id);
  if (progress === undefined) return { kind: 'problem', problem: problem('NOT_FOUND', 'id') };
  await askForSegments(ports, walkOfPlan(id), progress.idle);
  const answer = answerOf(progress);
  if (!progress.isCounted) return { kind: 'answer', answer: { ...answer, groups: [] } };
  const { cells } = progress.tally;
  const shown = cursor.place?.shown ?? 0;
  const end = shown + GROUPS_A_PAGE;
  return {
    kind: 'answer',
    answer: {
      ...answer,
      groups: await groupsOf(ports, progress, cells.slice(shown, end)),
      ...(await nextOf(ports, query, end < cells.length ? { shown: end } : undefined)),
    },
  };
};

function answerOf({ plan, tally, isCounted }: PlanProgress): Omit<PolicyPlanAnswer, 'groups'> {
  const { id, at, asIf, from, to } = plan;
  return {
    id,
    state: isCounted ? 'counted' : 'counting',
    at: isoUtc(at),
    ...present({ asIf: asIf === undefined ? undefined : isoUtc(asIf), from }),
    to,
    examined: tally.examined,
    unread: tally.unread,
    totals: totalsOf(tally),
  };
}

async function groupsOf(
  ports: ApiPorts,
  { plan }: PlanProgress,
  cells: readonly TallyCell[],
): Promise<PolicyPlanGroup[]> {
  const refs = await logRefs(
    ports,
    cells.flatMap(({ samples }) => Object.values(samples).flat()),
  );
  return cells.map((cell) => {
    const { store, category, collections, samples } = cell;
    const [policy, newPolicy] = namesOf(plan.sets, category, plan.at);
    return {
      store,
      category,
      ...present({ policy, newPolicy }),
      counts: totalsOf({ cells: [cell] }),
      collections,
      samples: Object.fromEntries(
        CHANGES.flatMap((change: Change) => {
          const known = (samples[change] ?? []).flatMap((ref) => refs.get(ref) ?? []);
          return known.length === 0 ? [] : [[change, known]];
        }),
      ),
    };
  });
}

function namesOf({ from, to }: PlannedSets, category: string, at: number): (string | undefined)[] {
  return [from, to].map((set) => set && policyOf(category, effectivePolicies(set, at))?.name);
}
