import { InvalidArgumentError, Option } from '@commander-js/extra-typings';
import type { LanesAnswer, OverdueGroup, PauseLanes } from '../shared/contract/operations.ts';
import { present } from '../shared/domain/present.ts';
import { STORE_ACTIONS } from '../shared/domain/record/actions.ts';
import { pagesOf } from '../shared/client/client.ts';
import type { CliContext } from './cli-context.ts';
import { allDue, dayOf, showDue } from './due-holdings.ts';
import { csvText, type Form, formOf, jsonLines } from './documents.ts';
import { type Program, wantsJson } from './program.ts';
import { unlessProposed } from './four-eyes/show-proposal.ts';
import { UsageError } from './usage-error.ts';

type Stop = NonNullable<LanesAnswer['lanes'][number]['stops']>[number];

/** `lanes`, `pause`, `resume`, `approve`, `abort`, `vendor confirm`, `overdue`: commands for the operator on call. */
export function addLaneCommands(program: Program, context: CliContext): void {
  program
    .command('lanes')
    .description('list all lanes: whether each is running or paused, and what is in flight')
    .action(async () => showLanes(program, context, await context.client().listLanes()));
  program
    .command('pause')
    .argument('[lane]', 'the name of a store; if omitted, all lanes')
    .option('--policy <name>', 'only what this policy disposes of')
    .option('--rule <text>', 'only what this rule of the policy disposes of, as it is written')
    .description('pause disposals in one lane, or in all lanes')
    .action(async (lane, options) =>
      showLanes(program, context, await context.client().pause(lane, onlyOf(options))),
    );
  program
    .command('resume')
    .argument('[lane]', 'the name of a store; if omitted, all lanes')
    .option('--policy <name>', 'end the pause of this policy')
    .option('--rule <text>', 'end the pause of this rule of the policy, as it is written')
    .description('resume disposals in one lane, or in all lanes')
    .action(async (lane, options) =>
      unlessProposed(program, context, await context.client().resume(lane, onlyOf(options)), showLanes),
    );
  program
    .command('approve')
    .argument('<lane>', 'the name of the store')
    .requiredOption('--policy <name>', 'the policy of the rule that is stopped')
    .requiredOption('--rule <text>', 'the rule, as it is written')
    .option(
      '--records <count>',
      'how many records it may dispose of beyond its limit (default: those that wait; after CANARY none)',
      countOf,
    )
    .description('let a rule go on that a breaker has stopped; the deletion log says who did')
    .action(async (lane, { policy, rule, records }) =>
      unlessProposed(
        program,
        context,
        await context.client().approveRule(lane, { policy, rule, ...present({ records }) }),
        showLanes,
      ),
    );
  program
    .command('abort')
    .argument('<lane>', 'the name of the store')
    .requiredOption('--policy <name>', 'the policy of the rule that is stopped')
    .requiredOption('--rule <text>', 'the rule, as it is written')
    .description('leave a rule that a breaker has stopped paused, until it is resumed')
    .action(async (lane, { policy, rule }) =>
      showLanes(program, context, await context.client().abortRule(lane, { policy, rule })),
    );
  program
    .command('vendor')
    .description('what vendors were asked for')
    .command('confirm')
    .requiredOption('--store <name>', 'the store of the vendor')
    .requiredOption(
      '--record <ref>',
      'the record: `holding` of its `requested` entry in the log, or the `handle` of its event',
    )
    .addOption(
      new Option(
        '--stage <stage>',
        'what it has done, where several requests about the record are open',
      ).choices(STORE_ACTIONS),
    )
    .option('--part <part>', 'the part of the record that the stage was about, as in its entry or event')
    .description('say that a vendor has done what it was asked for; the deletion log says who did')
    .action(async ({ store, record, ...which }) => {
      const answer = await context.client().confirmVendor(store, { record, ...which });
      if (wantsJson(program)) context.json(answer);
      else context.say('Confirmed. The lane writes it into the deletion log within an hour.');
    });
  program
    .command('overdue')
    .description(
      'list holdings past their deadline, and datasets whose rows wait; exit code 1 if there are any',
    )
    .option(
      '--day <day>',
      'instead: single holdings that were due on this day (UTC) or before, by their names in the log',
      dayOf,
    )
    .option('--csv', 'write a table of comma-separated values to standard output')
    .option('--jsonl', 'write a line of JSON for each group to standard output')
    .action(async ({ day, ...options }) => {
      const form = formOf(program, options);
      const client = context.client();
      if (day !== undefined) return showDue(form, context, await allDue(client, day));
      const groups: OverdueGroup[] = [];
      for await (const page of pagesOf((cursor) => client.listOverdue(cursor))) groups.push(...page.groups);
      showOverdue(form, context, joined(groups));
    });
}

function countOf(text: string): number {
  const count = Number(text);
  if (!/^\d{1,8}$/.test(text) || count === 0)
    throw new InvalidArgumentError('write a whole number from 1 to 99999999');
  return count;
}

function onlyOf({ policy, rule }: PauseLanes): PauseLanes {
  if (rule !== undefined && policy === undefined)
    throw new UsageError('Name the policy of the rule with --policy, too.');
  return present({ policy, rule });
}

function showLanes(program: Program, context: CliContext, answer: LanesAnswer): void {
  if (wantsJson(program)) return context.json(answer);
  const { lanes, behind = [], restore } = answer;
  if (restore !== undefined) {
    const { missing, holdings, replayedUntil } = restore;
    context.say(
      `RESTORED: the registry comes from a backup, and every lane waits. Missing: ${missing.join(', ') || 'nothing, so all lanes can be resumed'}. ` +
        `Holdings compared with the log: ${holdings}. Replayed until: ${replayedUntil ?? 'nothing yet'}. See docs/runbooks/restore.md.`,
    );
  }
  for (const { producer, until } of behind)
    context.say(
      `Messages of ${producer} wait. Its records stay where they are in every lane, at least until ${until}.`,
    );
  context.table(
    ['lane', 'state', 'in flight'],
    lanes.map(({ lane, state, pauses, inFlight }) => [
      lane,
      stateOf(context, { state, pauses }),
      inFlight.map(inFlightText).join(', ') || '-',
    ]),
  );
  for (const { lane, dryRun } of lanes) if (dryRun !== undefined) sayDryRun(context, lane, dryRun);
  for (const { lane, stops = [] } of lanes) for (const stop of stops) sayStop(context, lane, stop);
}

function inFlightText({
  holdings,
  until,
  dataset,
}: LanesAnswer['lanes'][number]['inFlight'][number]): string {
  return `${dataset ? 'rows of a dataset' : holdings} until ${until}`;
}

function sayStop(context: CliContext, lane: string, stop: Stop): void {
  const { policy, rule, since, waiting } = stop;
  context.say(
    `STOPPED in ${lane} since ${since}: “${rule}” of ${policy}. ${whyOf(stop)} ${waiting} wait. ` +
      `See docs/runbooks/rule-stopped.md, then: tenure approve ${lane} --policy ${policy} --rule '${rule}', or tenure abort.`,
  );
}

function sayDryRun(
  context: CliContext,
  lane: string,
  { day, rules }: NonNullable<LanesAnswer['lanes'][number]['dryRun']>,
): void {
  context.say(`DRY RUN in ${lane}: nothing is disposed of. On ${day ?? 'no day yet'} it would have been:`);
  for (const { policy, rule, action, records } of rules)
    context.say(`  ${action} ${records} records by “${rule}” of ${policy}`);
}

function whyOf({ because, taken, most }: Stop): string {
  switch (because) {
    case 'VOLUME':
      return `It was let through ${taken} records on that day, and may be ${most}.`;
    case 'SHARE':
      return `It was let through ${taken} records on that day, and its share of the store is ${most}.`;
    case 'CANARY':
      return `Its first records in this lane failed: ${taken} of ${most} were read back.`;
  }
}

/** A lane runs although rules of it are paused: both are said. */
function stateOf(
  context: CliContext,
  { state, pauses }: Pick<LanesAnswer['lanes'][number], 'state' | 'pauses'>,
): string {
  const whole = pauses.filter(({ policy }) => policy === undefined);
  const parts = pauses.flatMap(({ policy, rule, since }) =>
    policy === undefined ? [] : [`${rule === undefined ? policy : `“${rule}” of ${policy}`} since ${since}`],
  );
  const says = [
    ...(whole.length === 0 ? [] : [`paused since ${whole.map(({ since }) => since).join(', ')}`]),
    ...(parts.length === 0 ? [] : [`paused: ${parts.join(', ')}`]),
  ];
  if (says.length === 0) return state;
  return context.warn(state === 'paused' ? says.join('; ') : `${state}; ${says.join('; ')}`);
}

const OVERDUE_COLUMNS = ['store', 'producer', 'because', 'code', 'dataset', 'count', 'oldest deadline'];

function showOverdue(form: Form, context: CliContext, groups: readonly OverdueGroup[]): void {
  if (groups.length > 0) context.found();
  switch (form) {
    case 'json':
      return context.json({ groups });
    case 'jsonl':
      return context.document(jsonLines(groups));
    case 'csv':
      return context.document(csvText([OVERDUE_COLUMNS, ...groups.map(rowOf)]));
    case 'table':
      return overdueTable(context, groups);
  }
}

function rowOf(group: OverdueGroup): readonly (string | number)[] {
  const { store, producer, because, code = '', dataset = '', count, oldestDeadline } = group;
  return [store, producer, because, code, dataset, count, oldestDeadline];
}

function overdueTable(context: CliContext, groups: readonly OverdueGroup[]): void {
  if (groups.length === 0) return context.say('Nothing is overdue.');
  context.table(
    ['store', 'producer', 'because', 'holdings', 'oldest deadline'],
    groups.map((group) => [
      group.store,
      group.producer,
      group.code === undefined ? group.because : `${group.because} (${group.code})`,
      countOfGroup(group),
      group.oldestDeadline,
    ]),
  );
}

function countOfGroup({ dataset, count }: OverdueGroup): string {
  if (dataset === undefined) return String(count);
  return count === 0 ? `rows of ${dataset}` : `${count} rows of ${dataset}`;
}

/** Several pages may have parts of the same group. */
function joined(groups: readonly OverdueGroup[]): readonly OverdueGroup[] {
  const byKey = new Map<string, OverdueGroup>();
  for (const group of groups) {
    const key = JSON.stringify([group.store, group.producer, group.because, group.code, group.dataset]);
    const known = byKey.get(key);
    const oldest = known !== undefined && known.oldestDeadline < group.oldestDeadline ? known : group;
    byKey.set(key, { ...oldest, count: (known?.count ?? 0) + group.count });
  }
  return [...byKey.values()];
}
