import { pagesOf } from '../shared/client/client.ts';
import type {
  CoverageAnswer,
  CoverageOfStore,
  DatasetAnswer,
  UncoveredAnswer,
} from '../shared/contract/coverage.ts';
import { present } from '../shared/domain/present.ts';
import type { CliContext } from './cli-context.ts';
import { type Program, wantsJson } from './program.ts';

type Shown = Omit<CoverageAnswer, 'asOf' | 'next'>;

/** `coverage`: what lies in the stores that nothing covers, as their daily surveys found it. */
export function addCoverageCommand(program: Program, context: CliContext): void {
  program
    .command('coverage')
    .option('--store <name>', 'only this store')
    .option('--strict', 'exit code 1 if something is not covered, overdue, or could not be seen')
    .description(
      'show what lies in the stores that no store of the configuration covers, as the daily surveys found it',
    )
    .action(async ({ store, strict }) => {
      const shown = await coverageOf(context, present({ store }));
      if (strict === true && shown.stores.some(isOpen)) context.found();
      if (wantsJson(program)) return context.json(shown);
      show(context, shown);
    });
}

async function coverageOf(context: CliContext, query: { readonly store?: string }): Promise<Shown> {
  const client = context.client();
  const stores: CoverageOfStore[] = [];
  let first: CoverageAnswer | undefined;
  for await (const page of pagesOf((cursor) => client.queryCoverage({ ...query, ...cursor }))) {
    first ??= page;
    stores.push(...page.stores);
  }
  const { census, unused } = first ?? {};
  return { ...present({ census, unused }), stores };
}

/** What was not asked for is not missing. */
function isOpen(one: CoverageOfStore): boolean {
  const { survey, uncovered, unlisted, overdue = 0, datasets, neverPresent, notSeen } = one;
  if (overdue > 0) return true;
  if (survey === 'off') return false;
  return (
    survey === 'none' ||
    uncovered.length + unlisted > 0 ||
    datasets.some((dataset) => isSome(dataset.overdue) || isSome(dataset.implausible)) ||
    neverPresent.some(({ state }) => state === 'found' || state === 'unknown') ||
    notSeen.some(({ code }) => code !== 'NOT_ASKED')
  );
}

function isSome(count: DatasetAnswer['overdue']): boolean {
  return count !== undefined && count.count > 0;
}

function show(context: CliContext, { census, stores, unused = [] }: Shown): void {
  const rows = stores.flatMap(({ store, uncovered }) => uncovered.map((place) => rowOf(store, place)));
  if (rows.length > 0)
    context.table(
      ['store', 'not covered', 'name', 'how many', 'records', 'oldest', 'looks personal', 'new since'],
      rows,
    );
  else if (stores.some(({ survey }) => survey === 'made'))
    context.say('The surveys found nothing that is not covered.');
  for (const store of stores) for (const line of linesOf(store)) context.say(`${store.store}: ${line}`);
  if (unused.length > 0) {
    context.say(`Categories of which the census of ${census ?? 'today'} found no record:`);
    for (const { policy, category } of unused) context.say(`  ${category} (policy ${policy})`);
  }
}

function rowOf(store: string, place: UncoveredAnswer): string[] {
  const { kind, name, places, records, oldest, personal, since } = place;
  return [
    store,
    kind,
    name === '' ? '(directly in the bucket)' : name,
    String(places),
    records === undefined ? 'unknown' : countText(records),
    oldest ?? '-',
    personal.map(({ name: field, looksLike }) => field ?? `(${looksLike})`).join(', ') || '-',
    since ?? '-',
  ];
}

function countText({ count, counted }: NonNullable<UncoveredAnswer['records']>): string {
  switch (counted) {
    case 'exact':
      return String(count);
    case 'estimate':
      return `about ${count}`;
    case 'at-least':
      return `${count} or more`;
  }
}

function linesOf(store: CoverageOfStore): string[] {
  const { survey, surveyedAt, records, registered, unregistered, overdue = 0, unlisted, ignored } = store;
  const late = overdue > 0 ? [`${overdue} registered records are past their deadline and still there.`] : [];
  if (survey === 'off') return [...late, '`coverage: false` in retention.config.ts, so it is not surveyed.'];
  if (survey === 'none')
    return [...late, 'not surveyed yet: that is done once a day, and not while its lane is paused.'];
  const own =
    records === undefined
      ? []
      : [
          `${countText(records)} records of its own, ${registered ?? 'an unknown number'} registered${unregistered === undefined || unregistered === 0 ? '' : `, so that about ${unregistered} are ${store.datasets.length > 0 ? 'neither that nor rows of a dataset' : 'not'}`}.`,
        ];
  return [
    `surveyed at ${surveyedAt ?? 'an unknown time'}.`,
    ...own,
    ...late,
    ...store.datasets.flatMap(datasetLines),
    ...(unlisted > 0 ? [`${unlisted} more names that are not covered are not listed.`] : []),
    ...(ignored > 0 ? [`${ignored} names are ignored, as retention.config.ts says.`] : []),
    ...store.neverPresent.map(fieldLine),
    ...store.notSeen.map(({ part, code }) => unseenLine(part, code)),
  ];
}

function datasetLines(dataset: DatasetAnswer): string[] {
  const { category, rows, oldest, noClock, implausible, future, overdue } = dataset;
  const of = `of the dataset "${category}"`;
  const told = (count: DatasetAnswer['rows'], what: string) =>
    count !== undefined && count.count > 0 ? [`${countText(count)} rows ${of} ${what}`] : [];
  return [
    rows === undefined
      ? `how many rows the dataset "${category}" has is not known.`
      : `${countText(rows)} rows in the dataset "${category}"${oldest === undefined ? '' : `, the oldest of ${oldest}`}.`,
    ...told(noClock, 'have no clock, and are kept until it has a value.'),
    ...told(implausible, 'have a clock that cannot be right, and are kept until it is corrected.'),
    ...told(future, 'have a clock in the future, or later than is plausible, and are kept.'),
    ...told(overdue, 'are older than any rule allows, and still there.'),
  ];
}

function fieldLine({ name, state, looked }: CoverageOfStore['neverPresent'][number]): string {
  const where = looked === 'all' ? '' : ' in the records that were looked at';
  switch (state) {
    case 'found':
      return `the field ${name} has values, and must never have any.`;
    case 'none':
      return `the field ${name} has no values${where}.`;
    case 'absent':
      return `there is no field ${name}.`;
    case 'unknown':
      return `whether the field ${name} has values could not be seen.`;
  }
}

const PARTS: Readonly<Record<CoverageOfStore['notSeen'][number]['part'], string>> = {
  records: 'its own records',
  tables: 'other tables',
  columns: 'columns of other tables',
  attributes: 'names of attributes',
  prefixes: 'other prefixes',
  buckets: 'other buckets',
  'never-present': 'fields that must never have values',
  datasets: 'rows of datasets',
};

function unseenLine(part: keyof typeof PARTS, code: string): string {
  const what = PARTS[part];
  if (code === 'NOT_ASKED') return `${what} were not looked at: retention.config.ts does not ask for it.`;
  if (code === 'TOO_MANY') return `${what} were looked at up to a limit: there are more.`;
  return `${what} could not be seen (${code}).`;
}
