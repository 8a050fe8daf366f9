import { InvalidArgumentError, Option } from '@commander-js/extra-typings';
import { pagesOf } from '../../shared/client/client.ts';
import type { LogActionAnswer, LogEntryAnswer, LogQuery } from '../../shared/contract/log-entries.ts';
import type { Entry, NoteEntry } from '../../shared/domain/record/entry.ts';
import { OUTCOMES } from '../../shared/domain/record/actions.ts';
import { dayId } from '../../shared/domain/calendar/utc-time.ts';
import { present } from '../../shared/domain/present.ts';
import type { CliContext } from '../cli-context.ts';
import { csvText, formOf, jsonLines } from '../documents.ts';
import type { Program } from '../program.ts';
import { addAuditCommand } from './audit-command.ts';
import { addKeyCommand } from './key-command.ts';
import { addOmissionsCommand } from './omissions-command.ts';
import { addPageCommand } from './page-command.ts';
import { addReceiptCommand } from './receipt-command.ts';
import { addSummaryCommand } from './summary-command.ts';
import { addVerifyCommand } from './verify-command.ts';
import { dueCounts } from './due-counts.ts';

const DAY = 86_400_000;

/** `log list`: entries of the deletion log. The other commands check what they are given. */
export function addLogCommands(program: Program, context: CliContext): void {
  const log = program.command('log').description('the deletion log');
  log
    .command('list')
    .description('list entries; by default of the last 30 days, or of all time for a subject')
    .option('--from <date>', 'entries from this date or date-time on')
    .option('--to <date>', 'entries before this date or date-time')
    .option('--store <name>', 'only this store')
    .option('--rule <text>', 'the text of a rule, exactly as in the entries')
    .addOption(
      new Option('--outcome <outcome>', 'only entries with this outcome').choices([
        ...OUTCOMES,
        'pseudonymised',
      ] as const),
    )
    .option('--subject <type:id>', 'entries about the holdings of this entity', parseSubject)
    .option('--producer <name>', 'the producer whose id this is, for entity types with ids of each producer')
    .option('--csv', 'write a table of comma-separated values to standard output')
    .option('--jsonl', 'write a line of JSON for each entry to standard output')
    .action(async (options) => {
      const form = formOf(program, options);
      const named = options.store !== undefined || options.rule !== undefined;
      const now = context.now();
      const first = options.subject === undefined ? dayId(now - 30 * DAY) : '1900-01-01';
      const query: LogQuery = {
        from: options.from ?? first,
        to: options.to ?? dayId(now + DAY),
        ...present({ store: options.store, rule: options.rule, outcome: options.outcome }),
        ...(options.subject === undefined
          ? {}
          : {
              subject: {
                ...options.subject,
                ...present({ producer: options.producer }),
              },
            }),
      };
      const client = context.client();
      const entries: LogEntryAnswer[] = [];
      const actions: LogActionAnswer[] = [];
      for await (const page of pagesOf((cursor) => client.queryLog({ ...query, ...cursor }))) {
        entries.push(...page.entries);
        actions.push(...page.actions);
      }
      switch (form) {
        case 'json':
          return context.json({ entries, actions });
        case 'jsonl':
          return context.document(jsonLines([...actions, ...entries]));
        case 'csv':
          if (actions.length > 0)
            context.say(
              `${actions.length} lines about what operators or facts did have no entry: use --jsonl.`,
            );
          return context.document(entriesCsv(entries));
        case 'table':
          return show(context, { entries, actions, hint: named ? EXACT : '' });
      }
    });
  addPageCommand(program, context, log);
  addReceiptCommand(context, log);
  addSummaryCommand(program, context, log);
  addVerifyCommand(program, context, log);
  addAuditCommand(program, context, log);
  addOmissionsCommand(program, context, log);
  addKeyCommand(program, context, log);
}

/** An id may contain colons: the type ends at the first one. */
function parseSubject(text: string): { readonly type: string; readonly id: string } {
  const colon = text.indexOf(':');
  if (colon < 1 || colon === text.length - 1) throw new InvalidArgumentError('write it as type:id');
  return { type: text.slice(0, colon), id: text.slice(colon + 1) };
}

function said(note: NoteEntry): string {
  switch (note.did) {
    case 'corrected':
    case 'retracted': {
      const who = note.by === 'operator' ? 'an operator' : note.producer;
      return `${who} has ${note.did} the event ${note.target} (${note.type ?? 'not arrived'}) of ${note.producer}`;
    }
    case 'rotate-key':
      return `the key ${note.key} signs the log from now on`;
    case 'drop':
      return `entries before ${note.before} are dropped from now on`;
    case 'due-list':
      return `part ${note.part} of what was due from ${note.first} to ${note.last}: ${dueCounts(note.due)}`;
    case 'statement':
      return `due from ${note.first} to ${note.last}: ${dueCounts(note.due)}`;
    case 'disposed-before-fact':
      return `${note.store}: ${note.holding} ${note.generation} was disposed of before a fact that would have kept it`;
    case 'came-back':
      return `${note.store}: ${note.holding} ${note.generation} was deleted, and was in its store again`;
    case 'propose':
    case 'withdraw': {
      const { ref = '', did = 'what cannot be read any more' } = note.proposal ?? {};
      const about = note.lane ?? note.target ?? note.policies?.digest ?? '';
      return `an operator (${note.by}): ${note.did} ${ref} (${did} ${about}${ofRule(note)})`;
    }
    case 'pause':
    case 'resume':
    case 'abort':
      return `an operator (${note.by}): ${note.did} ${note.lane ?? 'all lanes'}${ofRule(note)}`;
    case 'approve':
      return `an operator (${note.by}): approve ${note.records ?? 0} more records in ${note.lane ?? 'all lanes'}${ofRule(note)}`;
    case 'correct':
    case 'retract':
    case 'replay':
    case 'discard':
      return `an operator (${note.by}): ${note.did} ${note.target ?? ''}`;
    case 'hold':
    case 'release':
      return `an operator (${note.by}): ${note.did} ${note.target ?? ''} (matter ${note.matter ?? 'unknown'})`;
    case 'activate': {
      const { digest = '', newlyDue } = note.policies ?? {};
      return `an operator (${note.by}): activate policies ${digest} (${newlyDue ?? 'an unknown number of'} records newly due)`;
    }
    case 'restore-replay':
      return `an operator (${note.by}): look in ${note.lane ?? '-'} for what was disposed of since ${note.since ?? '-'}, and dispose of it again`;
    case 'confirm-vendor':
      return `an operator (${note.by}): says that the vendor ${note.lane ?? '-'} has done what it was asked for of ${note.target ?? '-'}`;
    case 'request': {
      const { kind = '', step = '' } = note.request ?? {};
      const what = step === 'link-given' ? 'had a link to its copy given out' : `was ${step}`;
      return `${note.by ?? 'Tenure'}: request ${note.target ?? ''} (${kind}) ${what}`;
    }
  }
}

function proposer(note: NoteEntry): string {
  const by = 'proposal' in note ? note.proposal?.by : undefined;
  return by === undefined ? '' : `, proposed by ${by}`;
}

function ofRule({ policy, rule }: { readonly policy?: string; readonly rule?: string }): string {
  if (policy === undefined) return '';
  return rule === undefined ? `, policy ${policy}` : `, rule “${rule}” of ${policy}`;
}

/** A filter is not checked: the log has stores and rules that no configuration has any more. */
const EXACT =
  ' Store and rule have to be written exactly as in the entries: `tenure log summary` lists them.';

interface Shown {
  readonly entries: readonly LogEntryAnswer[];
  readonly actions: readonly LogActionAnswer[];
  /** Why there may be none. */
  readonly hint: string;
}

function show(context: CliContext, { entries, actions, hint }: Shown): void {
  for (const { action, index } of actions) {
    context.print(
      `${index === undefined ? '-' : String(index)}  ${action.at}  ${said(action)}${proposer(action)}`,
    );
  }
  if (entries.length === 0) {
    if (actions.length === 0) context.say(`No matching entries.${hint}`);
    return;
  }
  context.table(
    ['index', 'due', 'begun', 'store', 'outcome', 'holding', 'policy', 'rule'],
    entries.map(({ index, entry }) => [
      index === undefined ? '-' : String(index),
      entry.due ?? '-',
      entry.leased,
      entry.store,
      outcomeOf(entry),
      `${entry.holding} ${entry.generation}`,
      `${entry.policy} ${entry.policyVersion}`,
      entry.rule,
    ]),
  );
}

function entriesCsv(entries: readonly LogEntryAnswer[]): string {
  const head = ['index', 'due', 'begun', 'read back', 'store', 'outcome', 'stage', 'records'];
  const rows = entries.map(({ index = '', entry }) => {
    const { due = '', leased, readBack = '', store, outcome, stage, page, holding, generation } = entry;
    const attempt = [index, due, leased, readBack, store, outcome, stage, page?.records ?? 1];
    const { policy, policyVersion, rule } = entry;
    return attempt.concat([holding, generation, policy, policyVersion, rule]);
  });
  return csvText([[...head, 'holding', 'generation', 'policy', 'version', 'rule'], ...rows]);
}

/** Of a page of a collection, or of rows of a dataset, with its counts. */
function outcomeOf({ outcome, page }: Entry): string {
  if (page === undefined) return outcome;
  const { records, kept = 0, failed = 0, changed = 0, more } = page;
  const counts = [
    `${records} records`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(changed > 0 ? [`${changed} written again`] : []),
    ...(kept > 0 ? [`${kept} stay`] : []),
    ...(more === true ? ['more follow'] : []),
  ];
  return `${outcome} (${counts.join(', ')})`;
}
