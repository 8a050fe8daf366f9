import { printConflict, ruleConflicts } from '../shared/domain/plan/rule-conflicts.ts';
import type { RuleConflict } from '../shared/domain/plan/rule-conflicts.ts';
import type { PolicyRule } from '../shared/domain/configuration/policy.ts';
import { loadPolicies } from '../shared/policy-files/load-policies.ts';
import { printProblem } from '../shared/policy-files/problem.ts';
import { present } from '../shared/domain/present.ts';
import type { CliContext } from './cli-context.ts';
import { addApproveCommands } from './policy-plan/approve-command.ts';
import { addPlanCommand } from './policy-plan/plan-command.ts';
import { addSetting, policyCommand, type Settings } from './policy-plan/policy-command.ts';
import { type Program, wantsJson } from './program.ts';
import { textOf } from './text-of.ts';

/** `policy check` is for authors of policies, and does not need the API; `policy plan` asks it. */
export function addPolicyCommands(program: Program, context: CliContext): void {
  const policy = policyCommand(program);
  policy
    .command('check')
    .argument('<files...>')
    .option(
      '--set <policy/setting=period>',
      'the period of a setting that the policy leaves to the operator; repeat for each setting',
      addSetting,
      {},
    )
    .description('check policy files together, as a deployment does; exit code 1 if there are mistakes')
    .action(async (files, { set }) => checkPolicies(program, context, files, set));
  addPlanCommand(program, policy, context);
  addApproveCommands(program, policy, context);
}

async function checkPolicies(
  program: Program,
  context: CliContext,
  files: readonly string[],
  settings: Settings,
): Promise<void> {
  const texts = await Promise.all(files.map(async (path) => ({ path, text: await textOf(path) })));
  const loaded = loadPolicies(texts, { settings, now: context.now() });
  if (!loaded.ok) context.found();
  if (wantsJson(program)) {
    const policies = loaded.ok
      ? loaded.policySet.policies.map(({ name, version }) => ({ name, version }))
      : [];
    const conflicts = loaded.ok ? ruleConflicts(loaded.policySet).map(conflictAnswer) : [];
    return context.json({ ok: loaded.ok, policies, problems: loaded.ok ? [] : loaded.problems, conflicts });
  }
  if (!loaded.ok) return loaded.problems.forEach((problem) => context.print(printProblem(problem)));
  for (const { name, version, categories, purposePolicies, notComputable } of loaded.policySet.policies) {
    const ruled = Object.entries(purposePolicies ?? {}).flatMap(([purpose, { rule }]) =>
      rule ? [purpose] : [],
    );
    const ends = ruled.length === 0 ? '' : `; purposes that end by a rule: ${ruled.join(', ')}`;
    const open = notComputable.length === 0 ? '' : `; ${notComputable.length} not computable`;
    context.print(`${name} ${version}: ${Object.keys(categories).join(', ')}${ends}${open}`);
  }
  const conflicts = ruleConflicts(loaded.policySet);
  for (const conflict of conflicts) {
    const mark = conflict.kind === 'always' ? 'conflict' : 'possible conflict';
    context.print(`${mark}: ${printConflict(conflict)}`);
  }
  if (conflicts.length > 0)
    context.say(
      'A record for which both rules count is kept, and listed by `tenure attention conflict`. Conflicts are not mistakes in the files: ask a lawyer which law prevails, and write that.',
    );
}

/** For programs: both rules, each with its level, jurisdiction and source. */
function conflictAnswer({ minimum, maximum, ...conflict }: RuleConflict) {
  return { ...conflict, minimum: ruleAnswer(minimum), maximum: ruleAnswer(maximum) };
}

function ruleAnswer({ id, text, level, basis, jurisdiction, source }: PolicyRule) {
  return { id, text, level, basis, ...present({ jurisdiction, source }) };
}
