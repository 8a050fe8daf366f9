import { due } from '../shared/domain/plan/due.ts';
import type { DueAnswer } from '../shared/domain/plan/due.ts';
import { present } from '../shared/domain/present.ts';
import type { NameUse, RuleError } from '../shared/domain/rule/ast.ts';
import { contradictionsOf } from '../shared/domain/rule/contradictions.ts';
import { parseRule } from '../shared/domain/rule/parse.ts';
import { printRule } from '../shared/domain/rule/print.ts';
import { BUILT_IN_ALIASES, resolveRule } from '../shared/domain/rule/resolve.ts';
import { didYouMean } from '../shared/domain/suggest.ts';
import type { CliContext } from './cli-context.ts';
import { type Program, wantsJson } from './program.ts';
import {
  assumeAbsent,
  days,
  holidays,
  instant,
  leapBirthday,
  questionOf,
  type QuestionOptions,
  weekdays,
  yearEnd,
  zone,
} from './rule-question.ts';

/** `rule check`, `rule due`, `rule explain`: for a rule without a policy. They do not need the API. */
export function addRuleCommands(program: Program, context: CliContext): void {
  const rule = program.command('rule').description('the rule language');
  rule
    .command('check')
    .argument('<text>', 'such as "contract term plus 3 years"')
    .option('--zone <name>', 'IANA time zone of the policy, such as Asia/Almaty', zone)
    .option('--tax-year-end <MM-DD>', 'last day of the tax year', yearEnd)
    .option('--academic-year-end <MM-DD>', 'last day of the academic year', yearEnd)
    .description('print how a rule is understood; exit code 1 if it has mistakes')
    .action((text, options) => checkRule(program, context, text, options));
  asking(rule.command('due').description('compute the dates of a rule for one record')).action(
    async (options) => answer(program, context, options, false),
  );
  asking(
    rule.command('explain').description('explain the dates of a rule for one record in sentences'),
  ).action(async (options) => answer(program, context, options, true));
}

function asking(command: ReturnType<Program['command']>) {
  return command
    .requiredOption('--rule <text>', 'such as "contract term plus 3 years"')
    .requiredOption('--zone <name>', 'IANA time zone of the dates, such as Asia/Almaty', zone)
    .option('--events <file>', 'JSON file: names of events, each with a date or a list of dates')
    .option('--facts <file>', 'JSON file: attributes of the record and their values')
    .option(
      '--fiscal-year-end <MM-DD>',
      'last day of the fiscal year; 02-29 means the last day of February',
      yearEnd,
    )
    .option('--tax-year-end <MM-DD>', 'last day of the tax year', yearEnd)
    .option('--academic-year-end <MM-DD>', 'last day of the academic year', yearEnd)
    .option(
      '--holidays <days>',
      'days that are not working days: YYYY-MM-DD, or MM-DD for every year, separated by commas',
      holidays,
    )
    .option('--weekend <weekdays>', 'weekdays that are not worked, such as fri,sat', weekdays)
    .option('--workdays <days>', 'single days that are worked although they are in a weekend', days)
    .option(
      '--leap-birthday <MM-DD>',
      'birthday of people born on 29 February in other years: 02-28 or 03-01',
      leapBirthday,
    )
    .option(
      '--assume-absent <value>',
      'false: attributes that are not given are false, not undetermined',
      assumeAbsent,
    )
    .option(
      '--now <instant>',
      'ignore events whose `received` is later; of a step that is repeated, show the next date from then on',
      instant,
    );
}

async function answer(
  program: Program,
  context: CliContext,
  { rule: text, ...options }: QuestionOptions & { readonly rule: string },
  inSentences: boolean,
): Promise<void> {
  const parsed = parseRule(text);
  if (!parsed.ok) return refuse(program, context, text, [parsed.error]);
  const { fiscalYearEnd, taxYearEnd, academicYearEnd } = options;
  const years = present({ fiscalYearEnd, taxYearEnd, academicYearEnd });
  const vocabulary = { nouns: {}, settings: {}, zone: options.zone, ...years };
  const resolved = resolveRule(parsed, vocabulary);
  if (!resolved.ok) return refuse(program, context, text, resolved.errors);
  const { sentences, ...found } = due({ text, rule: resolved.rule, ...(await questionOf(options)) });
  if (found.conflicts.length > 0) context.found();
  if (wantsJson(program)) return context.json(inSentences ? { ...found, sentences } : found);
  if (inSentences) for (const sentence of sentences) context.print(sentence);
  else printDates(context, found);
}

function printDates(
  context: CliContext,
  { stages, conflicts }: Pick<DueAnswer, 'stages' | 'conflicts'>,
): void {
  const date = (value: string | undefined): string => value ?? '–';
  context.table(
    ['stage', 'action', 'status', 'not before', 'not after', 'acts at'],
    stages.map(({ name, action, status, notBefore, notAfter, actAt }) => [
      name,
      action,
      status,
      date(notBefore),
      date(notAfter),
      date(actAt),
    ]),
  );
  for (const conflict of conflicts) context.print(context.warn(`Conflict: ${conflict}.`));
}

function checkRule(
  program: Program,
  context: CliContext,
  text: string,
  options: Partial<Pick<QuestionOptions, 'zone' | 'taxYearEnd' | 'academicYearEnd'>>,
): void {
  const parsed = parseRule(text);
  if (!parsed.ok) return refuse(program, context, text, [parsed.error]);
  // Nouns and settings that only a policy defines stay as written.
  const given = present({
    zone: options.zone,
    taxYearEnd: options.taxYearEnd,
    academicYearEnd: options.academicYearEnd,
  });
  const resolved = resolveRule(parsed, { nouns: {}, settings: {}, fiscalYearEnd: '12-31', ...given });
  // The canonical wording has to say which year it is.
  const unclear = resolved.ok ? [] : resolved.errors.filter(({ code }) => code === 'RULE_YEAR_END_MISSING');
  if (unclear.length > 0) return refuse(program, context, text, unclear);
  const canonical = printRule(resolved.ok ? resolved.rule : parsed.rule);
  const open = [
    ...(resolved.ok ? [] : resolved.errors.map(({ message }) => message)),
    ...nounsIn(parsed.uses).map(
      (noun) =>
        `"${noun}", as an event or as a noun for one${didYouMean(noun, Object.keys(BUILT_IN_ALIASES))}`,
    ),
  ];
  const contradictions = contradictionsOf(resolved.ok ? resolved.rule : parsed.rule);
  if (contradictions.length > 0) context.found();
  if (wantsJson(program))
    return context.json({ ok: contradictions.length === 0, rule: canonical, open, contradictions });
  context.print(canonical);
  for (const message of contradictions) context.print(context.warn(message));
  for (const message of open) context.say(`The policy has to define this: ${message}`);
}

/** Names without a dot that are not built in, each once: without a policy, they may be misspelled words. */
function nounsIn(uses: readonly NameUse[]): readonly string[] {
  const events = uses.filter(({ kind }) => kind === 'event').map(({ name }) => name);
  return [...new Set(events)].filter((name) => !name.includes('.') && !Object.hasOwn(BUILT_IN_ALIASES, name));
}

/** Prints the text with each mistake below its place. */
function refuse(program: Program, context: CliContext, text: string, errors: readonly RuleError[]): void {
  context.found();
  const [first] = errors;
  if (first === undefined) return;
  const { code, message, line, column } = first;
  if (wantsJson(program)) return context.json({ ok: false, code, message, line, column });
  for (const error of errors) {
    context.print(text.split('\n')[error.line - 1] ?? '');
    context.print(`${' '.repeat(error.column - 1)}^ ${error.message}`);
  }
}
