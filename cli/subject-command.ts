import { pagesOf } from '../shared/client/client.ts';
import type { HoldingAnswer } from '../shared/contract/subjects.ts';
import { subjectPage } from '../shared/domain/people/subject-report.ts';
import { present } from '../shared/domain/present.ts';
import type { CliContext } from './cli-context.ts';
import { csvText, formOf, jsonLines } from './documents.ts';
import type { Program } from './program.ts';
import { UsageError } from './usage-error.ts';

/** `subject`: what is held about an entity, until when and why, and what was disposed of. */
export function addSubjectCommand(program: Program, context: CliContext): void {
  program
    .command('subject')
    .argument('<type>', 'the type of the entity, such as contract')
    .argument('<id>', 'its id, as events and registrations write it')
    .option('--producer <name>', 'the producer whose id this is, for entity types with ids of each producer')
    .option('--html', 'as a page to read or to print')
    .option('--csv', 'write a table with a line for each step, done or planned, to standard output')
    .option('--jsonl', 'write a line of JSON for each holding to standard output')
    .description(
      'show what is held about an entity, under which rule and until when, and what was disposed of',
    )
    .action(async (type, id, { producer, html, ...options }) => {
      const form = formOf(program, options);
      if (html === true && form !== 'table') throw new UsageError(`Give only one of --html and --${form}.`);
      const client = context.client();
      const entity = { type, id, ...present({ producer }) };
      const holdings: HoldingAnswer[] = [];
      let asOf = '';
      for await (const page of pagesOf((cursor) => client.querySubject({ entity, ...cursor }))) {
        holdings.push(...page.holdings);
        asOf ||= page.asOf;
      }
      if (form === 'json') return context.json({ holdings });
      if (form === 'jsonl') return context.document(jsonLines(holdings));
      if (form === 'csv') return context.document(csvText([COLUMNS, ...holdings.flatMap(rowsOf)]));
      if (html === true) return context.document(subjectPage({ type, asOf, holdings }));
      if (holdings.length === 0) context.say('No holdings were found for this entity.');
      for (const holding of holdings) show(context, holding);
    });
}

const COLUMNS = [
  'store',
  'categories',
  'collection',
  'generation',
  'state',
  'registered',
  'step',
  'part',
  'outcome',
  'at',
  'deadline',
  'kept by',
  'rule',
  'backups have it until',
  'entry',
  'line',
  'came back',
  'before a fact',
];

/** A line for each step that was carried out, and one for the next one; a holding without either has one line. */
function rowsOf(holding: HoldingAnswer): readonly (readonly (string | number)[])[] {
  const { store, categories, collection = '', generation, state, registeredAt, plan, disposed } = holding;
  const common = [store, categories.join(' '), collection, generation, state, registeredAt];
  const facts = [holding.cameBack ?? '', holding.disposedBeforeFact ? 'yes' : ''];
  const done = disposed.map(({ stage, part = '', outcome, at, unrecoverableAt = '', log }) => {
    const where = [unrecoverableAt, log?.token ?? '', log?.line ?? ''];
    return [...common, stage, part, outcome, at, '', '', '', ...where, ...facts];
  });
  const next = plan?.next;
  if (next === undefined && done.length > 0) return done;
  const { action = '', part = '', actAt = '', deadline = '', rule = '' } = next ?? {};
  const outcome = next === undefined ? (plan?.status ?? '') : 'planned';
  const open = [action, part, outcome, actAt, deadline, holding.held ?? '', rule];
  return [...done, [...common, ...open, '', '', '', ...facts]];
}

function show(context: CliContext, holding: HoldingAnswer): void {
  const { store, generation, state, categories, purposes, producers, plan, held, refs } = holding;
  const all = holding.collection === undefined ? '' : ', all records';
  context.print(
    context.bold(`${store}: ${categories.join(', ')}${all} (${state}, generation ${generation})`),
  );
  const registered = `registered ${holding.registeredAt} by ${producers.join(', ')}`;
  context.print(purposes.length === 0 ? `  ${registered}` : `  for ${purposes.join(', ')}; ${registered}`);
  if (holding.kept !== undefined)
    context.print(
      `  since ${holding.kept.since} only ${holding.kept.records} records are left, which stay for their own reasons`,
    );
  context.print(
    refs === undefined
      ? "  in the log: unlinked, because that year's key was destroyed"
      : `  in the log: holding ${refs.holding}, subject ${refs.subject}`,
  );
  if (held !== undefined)
    context.print(context.warn(`  kept by a ${held === 'hold' ? 'legal hold' : 'pause'}`));
  if (plan !== undefined) {
    const { next } = plan;
    const overdue = plan.overdue ? context.warn(' (overdue)') : '';
    if (next === undefined) context.print(`  ${plan.status}: no date`);
    else
      context.print(
        `  ${named(next.action, next.part)} at ${next.actAt ?? '-'}, by ${next.deadline ?? '-'}${overdue}: ${next.rule}`,
      );
    for (const sentence of plan.explanation) context.print(`    ${sentence}`);
  }
  for (const { stage, part, outcome, at, log, unrecoverableAt } of holding.disposed) {
    const entry = log === undefined ? '' : `, entry ${log.token} line ${log.line}`;
    const copies = unrecoverableAt === undefined ? '' : `, ${backupsOf(unrecoverableAt)}`;
    context.print(`  ${named(stage, part)}: ${outcome} at ${at}${entry}${copies}`);
  }
  if (holding.cameBack !== undefined)
    context.print(
      context.warn(
        `  had been deleted, and was in its store again when that was checked at ${holding.cameBack}`,
      ),
    );
  if (holding.disposedBeforeFact)
    context.print(
      context.warn('  a fact that would have kept it arrived after its disposal, and cannot bring it back'),
    );
}

function backupsOf(unrecoverableAt: string): string {
  return unrecoverableAt === 'unknown'
    ? 'it is not known until when backups may have copies'
    : `backups may have copies until ${unrecoverableAt}`;
}

function named(action: string, part: string | undefined): string {
  return part === undefined ? action : `${action} (${part})`;
}
