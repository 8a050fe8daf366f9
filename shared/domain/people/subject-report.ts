import { escaped, htmlPage } from './html-page.ts';

interface ReportedStage {
  readonly action: string;
  readonly part?: string;
  readonly window?: { readonly basis: string };
  readonly actAt?: string;
  readonly deadline?: string;
  readonly policy: string;
  readonly policyVersion: string;
  readonly rule: string;
  readonly reasons: readonly string[];
}

interface Done {
  readonly stage: string;
  readonly part?: string;
  readonly outcome: string;
  readonly at: string;
  readonly unrecoverableAt?: string;
}

/** A holding as the API shows it. Times are ISO 8601 in UTC. */
export interface ReportedHolding {
  readonly refs?: { readonly subject: string };
  readonly store: string;
  /** It is all records of this collection. */
  readonly collection?: string;
  readonly kept?: { readonly records: number; readonly since: string };
  readonly state: string;
  readonly categories: readonly string[];
  readonly purposes: readonly string[];
  readonly producers: readonly string[];
  readonly registeredAt: string;
  readonly plan?: {
    readonly status: string;
    readonly next?: ReportedStage;
    readonly stages: readonly ReportedStage[];
    readonly explanation: readonly string[];
    readonly overdue: boolean;
  };
  readonly planFailed?: string;
  readonly held?: string;
  readonly disposed: readonly Done[];
  readonly disposedBeforeFact: boolean;
}

export interface SubjectReport {
  /** Of the entity, such as `person`. */
  readonly type: string;
  readonly asOf: string;
  readonly holdings: readonly ReportedHolding[];
}

/** Records of which the page says the same, as one paragraph or row. */
interface Group {
  readonly html: string;
  readonly records: number;
}

const STYLE =
  'body{max-width:56rem;overflow-wrap:anywhere}h3{font-size:1rem;margin:1.25rem 0 .5rem}' +
  'table{border-collapse:collapse;width:100%;font-size:.9rem}thead{display:table-header-group}' +
  'th,td{border-bottom:1px solid #bbb;padding:.35rem .75rem .35rem 0;text-align:left;vertical-align:top;overflow-wrap:break-word}' +
  'tr{break-inside:avoid}ul.small{margin:.25rem 0;padding-left:1.25rem}';

/**
 * What is held about one entity, in which store, for what, under which rule and until when, and what was disposed of: a
 * page of its own. It names neither the entity nor the keys of records. Records of which it says the same are counted.
 */
export function subjectPage({ type, asOf, holdings }: SubjectReport): string {
  const held = holdings.filter(isHeld);
  const gone = holdings.filter((one) => !isHeld(one));
  const stores = [...Map.groupBy(held, ({ store }) => store)].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const names = [...new Set(holdings.flatMap(({ refs }) => refs?.subject ?? []))];
  const body = [
    `<p>As of ${time(asOf)}, ${summary(held, stores.length, gone.length)}.</p>`,
    `<p class="small">This page has no ids and no keys of records: note whom you asked about, and keep it with the page.${namesInLog(names)}</p>`,
    '<h2>What is held</h2>',
    ...(held.length === 0 ? ['<p>Nothing.</p>'] : stores.flatMap(([store, own]) => storePart(store, own))),
    '<h2>What is no longer held</h2>',
    ...(gone.length === 0 ? ['<p>Nothing.</p>'] : [goneTable(gone)]),
    '<p class="small">All times are in UTC. Copies in backups and old versions of a store may last until the time in the last column; where it is empty, nothing was deleted, and where it says “unknown”, it is not known for how long backups are kept. The deletion log says under which rule each record was disposed of.</p>',
  ].join('\n');
  return htmlPage({ title: `Records about one ${type}`, body, style: STYLE });
}

function summary(held: readonly ReportedHolding[], stores: number, gone: number): string {
  const where = stores === 1 ? 'one store' : `${stores} stores`;
  const now =
    held.length === 0
      ? 'no records are held'
      : `${countedHeld(held)} ${held.length === 1 ? 'is' : 'are'} held in ${where}`;
  return gone === 0 ? now : `${now}, and ${gone === 1 ? 'one is' : `${gone} are`} no longer held`;
}

function countedHeld(held: readonly ReportedHolding[]): string {
  const collections = held.filter(({ collection }) => collection !== undefined).length;
  const single = held.length - collections;
  const all = collections === 1 ? 'one collection of records' : `${collections} collections of records`;
  if (collections === 0) return counted(single);
  return single === 0 ? all : `${counted(single)} and ${all}`;
}

function isHeld({ state }: ReportedHolding): boolean {
  return state !== 'disposed' && state !== 'withdrawn';
}

function namesInLog(names: readonly string[]): string {
  if (names.length === 0) return '';
  const codes = names.map((name) => `<code>${escaped(name)}</code>`).join(', ');
  return ` In the deletion log, the subject is called ${codes}${names.length > 1 ? ' (one name for each year of registration)' : ''}.`;
}

function storePart(store: string, holdings: readonly ReportedHolding[]): readonly string[] {
  const groups = grouped(holdings, heldHtml);
  return [
    `<h3>In the store ${escaped(store)}</h3>`,
    ...groups.map(({ html, records }) => `<section>\n${html.replace(COUNT, counted(records))}\n</section>`),
  ];
}

/** Stands for the number of records until they are counted. A page cannot have this text: see `escaped`. */
const COUNT = '<count>';

function grouped(
  holdings: readonly ReportedHolding[],
  html: (one: ReportedHolding) => string,
): readonly Group[] {
  return [...Map.groupBy(holdings, html)]
    .map(([text, same]) => ({ html: text, records: same.length }))
    .toSorted((a, b) => (a.html < b.html ? -1 : 1));
}

function heldHtml(one: ReportedHolding): string {
  const { categories, purposes, producers, registeredAt, plan, disposed, collection, kept } = one;
  const whatFor = purposes.length === 0 ? '' : `Held for ${escaped(purposes.join(', '))}. `;
  return [
    `<p class="what">${escaped(categories.join(', '))}: ${collection === undefined ? COUNT : 'all records'}</p>`,
    `<p>${whatFor}Registered by ${escaped(producers.join(', '))} on ${day(registeredAt)}.</p>`,
    ...disposed.map((each) => `<p>${doneText(each)} on ${time(each.at)}.</p>`),
    ...(kept === undefined ? [] : [`<p>${leftText(kept)}</p>`]),
    `<p>${untilText(one)}</p>`,
    ...warnings(one).map((text) => `<p>${text}</p>`),
    ...(plan === undefined ? [] : ruleParts(plan)),
  ].join('\n');
}

function leftText({ records, since }: NonNullable<ReportedHolding['kept']>): string {
  return records === 1
    ? `Since ${time(since)}, only one record is left. It is registered on its own, and stays for its own reasons.`
    : `Since ${time(since)}, only ${records} records are left. They are registered on their own, and stay for their own reasons.`;
}

function untilText({ plan, planFailed }: ReportedHolding): string {
  if (plan === undefined)
    return planFailed === undefined
      ? 'Nothing is planned.'
      : `What is to be done with it could not be computed (${escaped(planFailed)}), so it is kept.`;
  const { next, status, stages, overdue } = plan;
  if (next !== undefined) {
    const when = next.actAt === undefined ? '' : ` on ${time(next.actAt)}`;
    const latest =
      next.deadline === undefined || next.deadline === next.actAt
        ? ''
        : `, at the latest by ${time(next.deadline)}`;
    return `${sentence(TO_DO, next.action)}${ofPart(next)}${when}${latest}.${overdue ? ' This is overdue.' : ''}`;
  }
  const reasons = [...new Set(stages.flatMap((stage) => stage.reasons))];
  const because = reasons.length === 0 ? '' : ` (${escaped(reasons.join('; '))})`;
  return `${DATELESS[status] ?? `No date: ${escaped(status)}`}${because}.`;
}

const DATELESS: Readonly<Record<string, string>> = {
  conflict: 'Kept, because its rules contradict each other',
  undetermined: 'Kept until what its rule waits for is known',
  'not-computable': 'Kept, because no date can be computed',
  never: 'Kept: its rule never lets it go',
  done: 'Nothing is left to be done',
};

const TO_DO: Readonly<Record<string, string>> = {
  delete: 'To be deleted',
  anonymise: 'To be anonymised',
  restrict: 'Its use is to be restricted',
  lift: 'Its restriction is to be lifted',
};

const OUTCOMES: Readonly<Record<string, string>> = {
  deleted: 'Deleted',
  anonymised: 'Anonymised',
  restricted: 'Restricted in its use',
  lifted: 'Restriction lifted',
  'already-so': 'Was already as it should be',
  'confirmed-by-vendor': 'A vendor says that it has done it',
};

function sentence(texts: Readonly<Record<string, string>>, word: string): string {
  return texts[word] ?? escaped(word);
}

function ofPart({ part }: { readonly part?: string }): string {
  return part === undefined ? '' : ` (${escaped(part)})`;
}

function doneText(done: Done): string {
  const { outcome, stage } = done;
  const isNamed = outcome === 'already-so' || outcome === 'confirmed-by-vendor';
  const what = isNamed ? ` (${escaped(stage)})` : '';
  return `${sentence(OUTCOMES, outcome)}${what}${ofPart(done)}`;
}

function warnings({ state, held, disposedBeforeFact }: ReportedHolding): readonly string[] {
  return [
    ...(state === 'pending' ? ['Its registration is not complete yet.'] : []),
    ...(held === 'hold' ? ['A legal hold keeps it: nothing is disposed of until the hold is released.'] : []),
    ...(held === 'pause'
      ? ['Its lane is paused, or the rule that it goes by: it is not disposed of until that is resumed.']
      : []),
    ...(disposedBeforeFact ? [TOO_LATE] : []),
  ];
}

const TOO_LATE =
  'A fact that would have kept it arrived after it had been disposed of, and cannot bring it back.';

function ruleParts({ next, stages, explanation }: NonNullable<ReportedHolding['plan']>): readonly string[] {
  // Without a date, the sentence above gives the reasons of what is left to do. A stage that is done has none.
  const stage = next ?? stages.find(({ reasons }) => reasons.length > 0) ?? stages[0];
  return [
    ...(stage === undefined || stage.rule === ''
      ? []
      : [
          `<blockquote>${escaped(stage.rule)}</blockquote>`,
          `<p class="small">From the policy ${escaped(stage.policy)}, version ${escaped(stage.policyVersion)}${stage.window?.basis === 'law' ? ', by law' : ''}.</p>`,
        ]),
    ...(explanation.length === 0
      ? []
      : [`<ul class="small">\n${explanation.map((text) => `<li>${escaped(text)}</li>`).join('\n')}\n</ul>`]),
  ];
}

function goneTable(holdings: readonly ReportedHolding[]): string {
  const rows = grouped(holdings, goneHtml);
  return [
    '<table>',
    '<thead><tr><th>Store</th><th>Kind of data</th><th>Held for</th><th>Records</th><th>What was done</th><th>Copies until</th></tr></thead>',
    '<tbody>',
    ...rows.map(({ html, records }) => html.replace(COUNT, String(records))),
    '</tbody>',
    '</table>',
  ].join('\n');
}

function goneHtml(one: ReportedHolding): string {
  const { store, categories, purposes, producers, state, disposed } = one;
  const done = disposed.map((each) => `${doneText(each)} on ${time(each.at)}`);
  const what = [
    ...done,
    ...(state === 'withdrawn' ? [`Withdrawn by ${escaped(producers.join(', '))}`] : []),
    ...(one.disposedBeforeFact ? [TOO_LATE] : []),
  ];
  const copies = disposed.flatMap(({ unrecoverableAt }) => unrecoverableAt ?? []).map(time);
  const cells = [
    escaped(store),
    escaped(categories.join(', ')),
    escaped(purposes.join(', ')),
    one.collection === undefined ? COUNT : 'all',
    what.join('<br>'),
    copies.join('<br>'),
  ];
  return `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`;
}

function counted(records: number): string {
  return records === 1 ? 'one record' : `${records} records`;
}

/** `2026-03-30 00:00` of `2026-03-30T00:00:00.000Z`. */
function time(at: string): string {
  const [, date, clock] = /^([^T]+)T(\d\d:\d\d)/.exec(at) ?? [];
  return escaped(date === undefined ? at : `${date} ${clock}`);
}

function day(at: string): string {
  return escaped(at.split('T')[0] ?? at);
}
