import { readFile } from 'node:fs/promises';
import { InvalidArgumentError } from '@commander-js/extra-typings';
import { parseRule } from '../shared/domain/rule/parse.ts';
import { printRule } from '../shared/domain/rule/print.ts';
import { resolveRule } from '../shared/domain/rule/resolve.ts';
import { loadPolicies } from '../shared/policy-files/load-policies.ts';
import { printProblem } from '../shared/policy-files/problem.ts';
import type { CliContext } from './cli-context.ts';
import { type Program, wantsJson } from './program.ts';
import { UsageError } from './usage-error.ts';

type Settings = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** `policy check` and `rule check`: for whoever writes policies. They need no API. */
export function addPolicyCommands(program: Program, context: CliContext): void {
  program
    .command('policy')
    .description('policy files')
    .command('check')
    .argument('<files...>')
    .option(
      '--set <policy/setting=period>',
      'what the policy leaves to the operator; once for each',
      addSetting,
      {},
    )
    .description('read policy files together as a deployment does; exit code 1 if anything is wrong')
    .action(async (files, { set }) => checkPolicies(program, context, files, set));
  program
    .command('rule')
    .description('the rule language')
    .command('check')
    .argument('<text>', 'such as "contract term plus 3 years"')
    .description('print a rule as it is understood; exit code 1 if it is not')
    .action((text) => checkRule(program, context, text));
}

function addSetting(text: string, settings: Settings): Settings {
  const parts = /^([^/=]+)\/([^=]+)=(.+)$/.exec(text);
  if (parts === null) throw new InvalidArgumentError('write it as policy/setting=period');
  const [, policy = '', setting = '', period = ''] = parts;
  return { ...settings, [policy]: { ...settings[policy], [setting]: period } };
}

async function checkPolicies(
  program: Program,
  context: CliContext,
  files: readonly string[],
  settings: Settings,
): Promise<void> {
  const texts = await Promise.all(files.map(async (path) => ({ path, text: await textOf(path) })));
  const loaded = loadPolicies(texts, { settings });
  if (!loaded.ok) context.found();
  if (wantsJson(program)) {
    const policies = loaded.ok
      ? loaded.policySet.policies.map(({ name, version }) => ({ name, version }))
      : [];
    return context.json({ ok: loaded.ok, policies, problems: loaded.ok ? [] : loaded.problems });
  }
  if (!loaded.ok) return loaded.problems.forEach((problem) => context.print(printProblem(problem)));
  for (const { name, version, categories, notComputable } of loaded.policySet.policies) {
    const open = notComputable.length === 0 ? '' : `; ${notComputable.length} not computable`;
    context.print(`${name} ${version}: ${Object.keys(categories).join(', ')}${open}`);
  }
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    throw new UsageError(`${path} cannot be read: check the path.`);
  }
}

function checkRule(program: Program, context: CliContext, text: string): void {
  const parsed = parseRule(text);
  if (!parsed.ok) {
    context.found();
    const { code, message, line, column } = parsed.error;
    if (wantsJson(program)) return context.json({ ok: false, code, message, line, column });
    context.print(text.split('\n')[line - 1] ?? '');
    return context.print(`${' '.repeat(column - 1)}^ ${message}`);
  }
  // What only a policy knows, its own nouns and settings, stays as it is written.
  const resolved = resolveRule(parsed, { nouns: {}, settings: {}, fiscalYearEnd: '12-31' });
  const canonical = printRule(resolved.ok ? resolved.rule : parsed.rule);
  const open = resolved.ok ? [] : resolved.errors.map(({ message }) => message);
  if (wantsJson(program)) return context.json({ ok: true, rule: canonical, open });
  context.print(canonical);
  for (const message of open) context.say(`Its policy has to say: ${message}`);
}
