import { Option } from '@commander-js/extra-typings';
import { pagesOf } from '../../shared/client/client.ts';
import type { LogSummaryGroup } from '../../shared/contract/log-summary.ts';
import { dayId } from '../../shared/domain/calendar/utc-time.ts';
import { addSum } from '../../shared/domain/log/entry-sums.ts';
import { present } from '../../shared/domain/present.ts';
import type { CliContext } from '../cli-context.ts';
import { csvText, formOf, jsonLines } from '../documents.ts';
import type { Program } from '../program.ts';

type Commands = ReturnType<Program['command']>;

const COLUMNS = ['period', 'store', 'rule', 'outcome', 'entries', 'records'] as const;

/** `log summary`: what was disposed of under which rule; by default in the last month. */
export function addSummaryCommand(program: Program, context: CliContext, log: Commands): void {
  log
    .command('summary')
    .description('count entries and records by store, rule and outcome; by default of the last month')
    .option(
      '--from <date>',
      'from this day on (YYYY-MM-DD, UTC); if omitted, the first day of the last month',
    )
    .option('--to <date>', 'until the day before this one; if omitted, the first day of this month')
    .addOption(
      new Option('--by <unit>', 'numbers for each day, month or quarter')
        .choices(['day', 'month', 'quarter'] as const)
        .default('month' as const),
    )
    .option('--store <name>', 'only this store')
    .option('--rule <text>', 'only this rule, exactly as in the entries')
    .option('--csv', 'write a table of comma-separated values to standard output')
    .option('--jsonl', 'write a line of JSON for each number to standard output')
    .action(async ({ from: first, to: last, by, store, rule, ...options }) => {
      const form = formOf(program, options);
      const from = first ?? firstOfMonth(context.now(), -1);
      const to = last ?? firstOfMonth(context.now(), 0);
      const query = { from, to, by, ...present({ store, rule }) };
      const client = context.client();
      const parts: LogSummaryGroup[] = [];
      for await (const page of pagesOf((cursor) => client.queryLogSummary({ ...query, ...cursor })))
        parts.push(...page.groups);
      const groups = joined(parts);
      switch (form) {
        case 'json':
          return context.json({ from, to, by, groups });
        case 'jsonl':
          return context.document(jsonLines(groups));
        case 'csv':
          return context.document(csvText([COLUMNS, ...groups.map(rowOf)]));
        case 'table':
          if (groups.length === 0) return context.say(`No entries from ${from} until the day before ${to}.`);
          return context.table(
            COLUMNS,
            groups.map((group) => rowOf(group).map(String)),
          );
      }
    });
}

function firstOfMonth(now: number, months: number): string {
  const date = new Date(now);
  return dayId(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, 1));
}

/** Several pages may have parts of the same group. In order of time, store, rule and outcome. */
function joined(parts: readonly LogSummaryGroup[]): readonly LogSummaryGroup[] {
  const byKey = new Map<string, LogSummaryGroup>();
  for (const part of parts) addSum(byKey, part);
  return [...byKey].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);
}

function rowOf({
  period = '',
  store,
  rule,
  outcome,
  entries,
  records,
}: LogSummaryGroup): (string | number)[] {
  return [period, store, rule, outcome, entries, records];
}
