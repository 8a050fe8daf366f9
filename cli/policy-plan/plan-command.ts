import { pagesOf } from '../../shared/client/client.ts';
import { LARGEST_BODY } from '../../shared/contract/batch.ts';
import type { PolicyPlanAnswer, PolicyPlanGroup } from '../../shared/contract/policy-plans.ts';
import { type Change, CHANGES, SOON_DAYS } from '../../shared/domain/policy-plan/change.ts';
import { loadPolicies } from '../../shared/policy-files/load-policies.ts';
import { printProblem } from '../../shared/policy-files/problem.ts';
import type { CliContext } from '../cli-context.ts';
import { type Program, wantsJson } from '../program.ts';
import { textOf } from '../text-of.ts';
import { UsageError } from '../usage-error.ts';
import { addSetting, type PolicyCommand, type Settings } from './policy-command.ts';

/** Between two looks at a plan that is being counted. */
const LOOK_MILLISECONDS = 2000;

/** `policy plan`: what other policies would change in the registry of the deployment. */
export function addPlanCommand(program: Program, policy: PolicyCommand, context: CliContext): void {
  policy
    .command('plan')
    .argument('[files...]')
    .option(
      '--set <policy/setting=period>',
      'the period of a setting that the policy leaves to the operator; repeat for each setting',
      addSetting,
      {},
    )
    .option('--id <plan>', 'show a plan that was begun before, instead of files')
    .description(
      'count what these policy files, instead of those that are active, would change; exit code 0 if nothing, 2 if something, 1 if it could not be counted',
    )
    .action(async (files, { set, id }) => {
      if ((id === undefined) === (files.length === 0))
        throw new UsageError('Pass policy files, or a plan with --id.');
      const begun = id ?? (await beginPlan(program, context, files, set));
      if (begun === undefined) return;
      const plan = await counted(context, begun);
      const { groups } = plan;
      if (CHANGES.some((change) => change !== 'unchanged' && plan.totals[change] > 0)) context.changed();
      if (wantsJson(program)) return context.json(plan);
      show(context, plan, groups);
    });
}

/** Nothing if the files have mistakes: these are printed. */
async function beginPlan(
  program: Program,
  context: CliContext,
  paths: readonly string[],
  settings: Settings,
): Promise<string | undefined> {
  const files = await Promise.all(paths.map(async (path) => ({ path, text: await textOf(path) })));
  const loaded = loadPolicies(files, { settings, now: context.now() });
  if (!loaded.ok) {
    context.found();
    if (wantsJson(program)) context.json({ ok: false, problems: loaded.problems });
    else for (const problem of loaded.problems) context.print(printProblem(problem));
    return undefined;
  }
  if (Buffer.byteLength(JSON.stringify({ files, settings })) > LARGEST_BODY)
    throw new UsageError(
      'The policy files have more than 256 KB together: remove versions that are over, or comments.',
    );
  const { id } = await context.client().planPolicies({ files, settings });
  context.say(`Plan ${id}. It goes on if you stop this command: \`tenure policy plan --id ${id}\` shows it.`);
  return id;
}

/** The whole plan, once it is counted. What is left of a walker that died is taken up when the plan is looked at. */
async function counted(context: CliContext, id: string): Promise<PolicyPlanAnswer> {
  const client = context.client();
  let told = -1;
  for (;;) {
    const plan = await client.queryPolicyPlan({ id });
    if (plan.state === 'counted') break;
    if (plan.examined !== told) context.say(`${plan.examined} records compared so far.`);
    told = plan.examined;
    await context.sleep(LOOK_MILLISECONDS);
  }
  const groups: PolicyPlanGroup[] = [];
  let first: PolicyPlanAnswer | undefined;
  for await (const page of pagesOf((cursor) => client.queryPolicyPlan({ id, ...cursor }))) {
    first ??= page;
    groups.push(...page.groups);
  }
  if (first === undefined) throw new TypeError('a plan has at least one page');
  const { next: _next, ...plan } = first;
  return { ...plan, groups };
}

const HEADS: Readonly<Record<Change, string>> = {
  due: 'due now',
  soon: `due in ${SOON_DAYS} days`,
  earlier: 'earlier',
  later: 'later',
  action: 'other action',
  kept: 'kept',
  conflict: 'conflict',
  failed: 'failed',
  unchanged: 'unchanged',
};

/** What each column means, for those that are not 0. */
const MEANINGS: Readonly<Partial<Record<Change, string>>> = {
  due: 'due now: would be disposed of as soon as these policies are active, and would not be without them.',
  soon: `due in ${SOON_DAYS} days: the same within ${SOON_DAYS} days.`,
  earlier: 'earlier: gets a date, or an earlier one.',
  action: 'other action: something else is done, or other fields are masked, on the same date.',
  kept: 'kept: has no date any more.',
  conflict: 'conflict: its rules contradict each other, so it is kept until a person corrects them.',
  failed: 'failed: no plan can be made for it, so it is kept.',
};

function show(context: CliContext, plan: PolicyPlanAnswer, groups: readonly PolicyPlanGroup[]): void {
  const { totals, examined, unread, asIf, to } = plan;
  context.say(`${examined} records compared with the active policies, as of ${plan.at} or later.`);
  if (asIf !== undefined)
    context.say(`Versions that come into effect until ${asIf} are taken as if they were in effect.`);
  if (unread > 0)
    context.say(`${unread} records could not be read. Nothing is disposed of that cannot be read.`);
  const shown = CHANGES.filter((change) => totals[change] > 0);
  if (groups.length > 0)
    context.table(
      ['store', 'category', 'policy', ...shown.map((change) => HEADS[change])],
      groups.map(({ store, category, policy, newPolicy, counts }) => [
        store,
        category,
        policy === newPolicy ? (policy ?? '-') : `${policy ?? '-'} -> ${newPolicy ?? '-'}`,
        ...shown.map((change) => String(counts[change])),
      ]),
    );
  for (const change of shown) {
    const meaning = MEANINGS[change];
    if (meaning !== undefined) context.say(meaning);
  }
  if (groups.some(({ collections }) => collections > 0))
    context.say('A collection counts as one record: how many rows it has is not known.');
  const changed = shown.filter((change) => change !== 'unchanged');
  if (changed.length === 0) return context.say('Nothing changes.');
  for (const { store, category, samples } of groups)
    for (const change of changed)
      for (const ref of samples[change] ?? [])
        context.print(`${HEADS[change]}: ${ref} (${store}, ${category})`);
  context.say(`The digest of these policies is ${to}.`);
}
