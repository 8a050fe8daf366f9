import { dayId, isoUtc } from '../calendar/utc-time.ts';
import { present } from '../present.ts';
import type { Instant } from '../record/ids.ts';
import { escaped, htmlPage } from './html-page.ts';
import type { PersonRequest, RequestKind } from './request.ts';

/** What one record comes to, as far as the person is told. */
export interface Told {
  readonly state: 'gone' | 'due' | 'restricted' | 'kept-by-law' | 'held' | 'later' | 'undetermined' | 'kept';
  readonly categories: readonly string[];
  /** It is about all records of a collection. */
  readonly collection?: string;
  /** Of a collection that is `gone`: this number of its records stays, and they are listed on their own. */
  readonly kept?: number;
  readonly action?: string;
  readonly at?: Instant;
  readonly restricted?: true;
  /** Of a collection: when its records were marked as restricted. */
  readonly markedAt?: Instant;
  readonly rule?: string;
  readonly source?: { readonly document: string; readonly sentence?: string };
}

export interface Paragraph {
  readonly says: string;
  readonly categories: readonly string[];
  /** Single records. Those of a collection are not counted: see `all`. */
  readonly records: number;
  /** All records of these categories. */
  readonly all?: true;
  readonly rule?: string;
  readonly sentence?: string;
  readonly document?: string;
  readonly notes: readonly string[];
}

export interface PersonLetter {
  readonly title: string;
  readonly introduction: string;
  readonly paragraphs: readonly Paragraph[];
  readonly rights: readonly string[];
}

const TITLES: Readonly<Record<RequestKind, string>> = {
  erase: 'Your request to delete your data',
  restrict: 'Your request to restrict the use of your data',
  object: 'Your objection to the use of your data',
  access: 'Your request for access to your data',
  export: 'Your request for a copy of your data',
};

/**
 * The answer to the person in plain words: what was deleted, what will be and when, what is kept, under which rule and
 * until when, and what the person can do. Records with the same fate are one paragraph. Pure, and free of ids: nothing
 * in it says where data lies.
 */
export function personLetter(
  request: Pick<PersonRequest, 'kind' | 'state' | 'receivedAt' | 'deadline'>,
  told: readonly Told[],
  now: Instant,
): PersonLetter {
  const groups = Map.groupBy(told, fateOf);
  const paragraphs = [...groups.values()]
    .flatMap((group) => paragraphOf(request, group))
    .toSorted((a, b) => a.order - b.order || (a.says < b.says ? -1 : 1))
    .map(({ order: _order, ...paragraph }) => paragraph);
  return {
    title: TITLES[request.kind],
    introduction: introductionOf(request, told, now),
    paragraphs,
    rights: rightsOf(request),
  };
}

function introductionOf(
  { state, receivedAt, deadline }: Pick<PersonRequest, 'state' | 'receivedAt' | 'deadline'>,
  told: readonly Told[],
  now: Instant,
): string {
  const got = `We received your request on ${dayId(receivedAt)}.`;
  const found =
    told.length === 0
      ? 'We hold no records about you that your request is about.'
      : `Your request is about ${countedAll(told)}. This is how things stood on ${dayId(now)}.`;
  switch (state) {
    case 'awaiting-identity':
      return `${got} Before we can act on it, we have to check that it comes from you. Nothing has been changed yet.`;
    case 'refused':
      return `${got} We cannot carry it out. We tell you the reason in our letter.`;
    case 'cancelled':
      return `${got} It was withdrawn, so we do not carry it out.`;
    case 'received':
    case 'running':
      return `${got} ${found} You get our full answer by ${dayId(deadline)} at the latest.`;
    case 'extended':
      return `${got} ${found} It takes longer than usual. You get our full answer by ${dayId(deadline)} at the latest.`;
    case 'closed':
      return `${got} ${found} Your request is completed.`;
  }
}

function rightsOf({ kind, state }: Pick<PersonRequest, 'kind' | 'state'>): readonly string[] {
  return [
    ...(state === 'awaiting-identity'
      ? ['You can send us what we need to check that the request is yours.']
      : []),
    'You can ask us to explain this answer, or to look at it again. Reply to our letter.',
    ...(kind === 'erase'
      ? ['If a record is kept, you can ask us to restrict its use, and ask again when the date has passed.']
      : []),
    ...(kind === 'restrict' ? ['You can ask us to end the restriction at any time.'] : []),
    ...(kind === 'export' && state === 'closed'
      ? [
          'Your copy is one file of the type tar, which you can open on Windows 11, macOS and Linux. In it, manifest.json lists what the copy has, and what was left out of it and why.',
        ]
      : []),
    'You can complain to the data protection authority of the place where you live, or go to court.',
  ];
}

function fateOf({
  state,
  action,
  at,
  restricted,
  markedAt,
  rule,
  source,
  collection,
  kept = 0,
}: Told): string {
  const day = at === undefined ? '' : dayId(at);
  const isAll = collection !== undefined;
  const marked = markedAt === undefined ? '' : dayId(markedAt);
  return JSON.stringify([state, action, day, restricted, marked, rule, source, isAll, kept > 0]);
}

function paragraphOf(
  request: Pick<PersonRequest, 'kind'>,
  group: readonly Told[],
): (Paragraph & { readonly order: number })[] {
  const [first] = group;
  if (first === undefined) return [];
  const { state, rule, source, restricted, markedAt, collection, kept = 0 } = first;
  const isAll = collection !== undefined;
  const isRuled = state === 'kept-by-law' || state === 'kept' || state === 'undetermined';
  const said = {
    order: ORDER.indexOf(state),
    says: sentenceOf(request, first),
    categories: categoriesOf(group),
    records: isAll ? 0 : group.length,
    ...(isAll && { all: true as const }),
    notes: [
      ...(restricted === true && state !== 'restricted'
        ? ['Until then its use is restricted: it is stored, and used for nothing else.']
        : []),
      ...(markedAt === undefined
        ? []
        : [
            `This is so for all of them that there were on ${dayId(markedAt)}. It may not be so for what was made later.`,
          ]),
      ...(kept > 0 ? ['Some of them stay for reasons of their own. They are listed on their own.'] : []),
    ],
  };
  if (!isRuled) return [said];
  return [{ ...said, ...present({ rule, sentence: source?.sentence, document: source?.document }) }];
}

const ORDER: readonly Told['state'][] = [
  'gone',
  'due',
  'restricted',
  'kept-by-law',
  'held',
  'kept',
  'later',
  'undetermined',
];

function sentenceOf({ kind }: Pick<PersonRequest, 'kind'>, { state, action, at }: Told): string {
  const day = at === undefined ? undefined : dayId(at);
  switch (state) {
    case 'gone':
      return `${goneAs(action)}${day === undefined ? '' : ` on ${day}`}.`;
    case 'due':
      return `${dueAs(action)}${day === undefined ? ' soon' : ` by ${day}`}.`;
    case 'restricted':
      return 'The use of these records is restricted: they are stored, and used for nothing else.';
    case 'kept-by-law':
      return day === undefined
        ? 'The law requires us to keep these records permanently.'
        : `The law requires us to keep these records until ${day}. After that they are ${doneAs(action)}.`;
    case 'held':
      return 'These records are needed as evidence in a legal matter, so nothing may be deleted now. They are deleted when that has ended.';
    case 'later':
      return 'These records were made after your request, so it does not cover them. You can ask us to delete them, too.';
    case 'undetermined':
      return 'We cannot say yet what happens to these records, and have to look into it. Until then they are kept.';
    case 'kept':
      if (kind === 'restrict' || kind === 'object')
        return 'These records are kept and used as before, as far as your request does not forbid it.';
      return day === undefined
        ? 'These records are kept as long as they are needed for their purpose.'
        : `These records are kept until ${day}. After that they are ${doneAs(action)}.`;
  }
}

function goneAs(action: string | undefined): string {
  switch (action) {
    case 'anonymise':
      return 'In these records, what says who you are was removed';
    case undefined:
      return 'These records were removed by the application that had them';
    default:
      return 'These records were deleted';
  }
}

function dueAs(action: string | undefined): string {
  if (action === 'anonymise') return 'In these records, what says who you are will be removed';
  if (action === 'restrict') return 'The use of these records will be restricted';
  return 'These records will be deleted';
}

function doneAs(action: string | undefined): string {
  return action === 'anonymise' ? 'changed so that they do not say any more who you are' : 'deleted';
}

function categoriesOf(told: readonly Told[]): readonly string[] {
  return [...new Set(told.flatMap(({ categories }) => categories))].toSorted();
}

/** A collection has all records that its store has of the person: they are not counted. */
function countedAll(told: readonly Told[]): string {
  const all = told.filter(({ collection }) => collection !== undefined);
  const single = told.length - all.length;
  if (all.length === 0) return counted(single);
  const everything = `everything that we have of you of these kinds: ${categoriesOf(all).join(', ')}`;
  return single === 0 ? everything : `${counted(single)}, and about ${everything}`;
}

function counted(records: number): string {
  return records === 1 ? 'one record' : `${records} records`;
}

/** The same as a page of its own. */
export function personPage({ title, introduction, paragraphs, rights }: PersonLetter, now: Instant): string {
  const parts = paragraphs.map(sectionOf).join('\n');
  const body = `<p>${escaped(introduction)}</p>
${paragraphs.length === 0 ? '' : `<h2>Your records</h2>\n${parts}\n`}<h2>What you can do</h2>
<ul>
${rights.map((right) => `<li>${escaped(right)}</li>`).join('\n')}
</ul>
<p class="small">All dates are in UTC, written as year-month-day. As of ${escaped(isoUtc(now))}.</p>`;
  return htmlPage({ title, body });
}

function sectionOf({ says, categories, records, all, rule, sentence, document, notes }: Paragraph): string {
  const what = `${categories.join(', ')}: ${all === true ? 'all records' : counted(records)}`;
  return [
    '<section>',
    `<p class="what">${escaped(what)}</p>`,
    `<p>${escaped(says)}</p>`,
    ...notes.map((note) => `<p>${escaped(note)}</p>`),
    ...(sentence === undefined ? [] : [`<blockquote>${escaped(sentence)}</blockquote>`]),
    ...(rule === undefined ? [] : [`<p class="small">Our rule: ${escaped(rule)}</p>`]),
    ...(document === undefined ? [] : [`<p class="small">From: ${escaped(document)}</p>`]),
    '</section>',
  ].join('\n');
}
