import { Option } from '@commander-js/extra-typings';
import { pagesOf } from '../shared/client/client.ts';
import type { ForecastAnswer, ForecastGroup } from '../shared/contract/forecast.ts';
import { dayId } from '../shared/domain/calendar/utc-time.ts';
import { present } from '../shared/domain/present.ts';
import { withEmpty } from '../shared/domain/forecast/forecast-spans.ts';
import type { CliContext } from './cli-context.ts';
import { csvText, formOf } from './documents.ts';
import { chartOf } from './forecast-chart.ts';
import type { Program } from './program.ts';
import { UsageError } from './usage-error.ts';

const DAY = 86_400_000;
/** How far a forecast reaches without `--until`. */
const DAYS = { day: 30, week: 26 * 7 };

interface Shown {
  readonly census?: string;
  readonly ended?: string;
  readonly by: 'day' | 'week';
  readonly until: string;
  readonly groups: readonly ForecastGroup[];
  /** Datasets whose rows were not counted yet. */
  readonly uncounted?: ForecastAnswer['uncounted'];
}

/** `forecast`: how many records go when, as the daily census and the surveys counted them. */
export function addForecastCommand(program: Program, context: CliContext): void {
  program
    .command('forecast')
    .option('--until <date>', 'the last day (YYYY-MM-DD, UTC); if omitted, 26 weeks or 30 days from today')
    .addOption(
      new Option('--by <unit>', 'a line for each day or for each week')
        .choices(['day', 'week'])
        .default('week'),
    )
    .option('--store <name>', 'only records in this store')
    .option('--csv', 'write a table of comma-separated values to standard output')
    .description('show how many records will be disposed of when, as the daily census counted them')
    .action(async ({ until: asked, by: unit, store, csv }) => {
      const by = unit === 'day' ? 'day' : 'week';
      const form = formOf(program, { csv });
      const until = asked === undefined ? dayId(context.now() + DAYS[by] * DAY) : dayOf(asked);
      const shown = await forecastOf(context, { by, until, ...present({ store }) });
      if (form === 'json') return context.json(shown);
      if (form === 'csv') return context.document(csvOf(shown.groups));
      show(context, shown, store);
    });
}

function dayOf(text: string): string {
  const at = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(at) && dayId(at) === text) return text;
  throw new UsageError('--until is a day, such as 2027-01-31.');
}

async function forecastOf(
  context: CliContext,
  query: { readonly by: 'day' | 'week'; readonly until: string; readonly store?: string },
): Promise<Shown> {
  const client = context.client();
  const groups: ForecastGroup[] = [];
  let first: ForecastAnswer | undefined;
  for await (const page of pagesOf((cursor) => client.queryForecast({ ...query, ...cursor }))) {
    first ??= page;
    groups.push(...page.groups);
  }
  const { census, ended, uncounted } = first ?? {};
  return { ...present({ census, ended, uncounted }), by: query.by, until: query.until, groups };
}

function show(context: CliContext, shown: Shown, store?: string): void {
  const { census, ended, by, until, groups, uncounted = [] } = shown;
  if (census === undefined)
    return context.say('No census that counts what goes when has ended yet: it runs once a day.');
  context.say(`As of the census of ${census}, which ended at ${ended ?? 'an unknown time'}. Days are UTC.`);
  for (const one of uncounted)
    context.say(`Rows of the dataset "${one.category}" in the store "${one.store}" are not counted yet.`);
  const where = store === undefined ? '' : ` in the store "${store}"`;
  if (groups.length === 0) return context.say(`It found no records${where} that are not disposed of.`);
  const rows = rowsOf(groups, { day: census, by });
  for (const line of chartOf(rows, context.width())) context.print(line);
  if (until < census)
    context.say(
      `${until} is before the day of that census: what goes on that day or after it is counted as later.`,
    );
  else if (rows.length === 0) context.say(`No record goes from the day of that census until ${until}.`);
  if (rows.some(({ kept }) => kept > 0))
    context.say('#: disposed of if nothing changes. .: kept by a legal hold that is in force now.');
  const marks = groups.flatMap(({ dataset }) => dataset ?? []);
  if (marks.some(({ estimate }) => estimate === true))
    context.say('estimate: not all rows were counted one by one.');
  if (marks.some(({ depends }) => depends === true))
    context.say(
      'earliest: other columns or facts decide, too, so these rows go on the dates shown or later.',
    );
  const isPlain = marks.length === 0;
  const head = ['due before', 'held', `until ${until}`, 'later', 'no date'];
  context.print('');
  context.table(
    ['store', 'policy', 'category', ...(isPlain ? [] : ['counted']), 'action', ...head],
    groups.map(({ store, policy, category, dataset, action, underHold, ...counts }) => [
      store,
      policy ?? '-',
      category,
      ...(isPlain ? [] : [countedOf(dataset)]),
      action === undefined ? '-' : `${action}${underHold === true ? ' (legal hold)' : ''}`,
      String(counts.due),
      String(counts.held),
      String(sum(counts.dates)),
      String(counts.later),
      counts.undated.map(({ reason, count }) => `${count} ${reason}`).join(', ') || '0',
    ]),
  );
}

function countedOf(dataset: ForecastGroup['dataset']): string {
  if (dataset === undefined) return 'records';
  const { surveyedAt, estimate, depends } = dataset;
  const rows = `rows of ${surveyedAt.slice(0, 'YYYY-MM-DD'.length)}`;
  return [rows, ...(estimate === true ? ['estimate'] : []), ...(depends === true ? ['earliest'] : [])].join(
    ', ',
  );
}

function rowsOf(
  groups: readonly ForecastGroup[],
  view: { readonly day: string; readonly by: 'day' | 'week' },
) {
  const all = groups.flatMap(({ dates, underHold }) =>
    dates.map((span) => ({ ...span, isKept: underHold === true })),
  );
  const byStart = Map.groupBy(all, ({ from }) => from);
  const spans = [...byStart].map(([from, same]) => ({
    from,
    to: same[0]?.to ?? from,
    count: sum(same),
  }));
  const inOrder = spans.toSorted((a, b) => (a.from < b.from ? -1 : 1));
  return withEmpty(inOrder, view).map(({ from, to, count }) => {
    const kept = sum((byStart.get(from) ?? []).filter(({ isKept }) => isKept));
    return { label: from === to ? from : `${from} to ${to}`, goes: count - kept, kept };
  });
}

function sum(parts: readonly { readonly count: number }[]): number {
  return parts.reduce((all, { count }) => all + count, 0);
}

/** A row for each number: `when` is `date`, `due`, `held`, `later` or `no-date`. */
function csvOf(groups: readonly ForecastGroup[]): string {
  const head = [
    'when',
    'from',
    'to',
    'reason',
    'store',
    'policy',
    'category',
    'action',
    'legal hold',
    'count',
    'dataset',
    'estimate',
    'earliest',
  ];
  const rows = groups.flatMap((group) => {
    const { store, policy = '', category, action = '', underHold, dataset } = group;
    const marks = [dataset !== undefined, dataset?.estimate, dataset?.depends].map(yesNo);
    const row = (when: string, count: number, { from = '', to = '', reason = '' } = {}) =>
      [when, from, to, reason, store, policy, category, action, yesNo(underHold), count, ...marks].map(
        String,
      );
    return [
      ...group.dates.map(({ count, ...span }) => row('date', count, span)),
      row('due', group.due),
      row('held', group.held),
      row('later', group.later),
      ...group.undated.map(({ reason, count }) => row('no-date', count, { reason })),
    ];
  });
  return csvText([head, ...rows]);
}

function yesNo(is: boolean | undefined): string {
  return is === true ? 'yes' : 'no';
}
