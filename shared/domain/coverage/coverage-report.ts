import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { Instant } from '../record/ids.ts';
import { present } from '../present.ts';
import type { CoverageSettings } from './coverage-settings.ts';
import { DatasetReport } from './dataset-report.ts';
import {
  COUNTED,
  NEVER_PRESENT_STATES,
  type PersonalField,
  PLACE_KINDS,
  type PlaceKind,
  type Survey,
  SURVEY_PARTS,
  type SurveyPart,
  type UncoveredPlace,
} from './survey.ts';

/** Places that a report lists, fields of each, and places that it remembers: at their longest it fits into one item. */
export const MOST_LISTED_PLACES = 200;
const MOST_FIELDS = 5;
const LONGEST_FIELD = 64;
const MOST_REMEMBERED = 5000;

const Records = z.object({ count: z.int(), counted: z.enum(COUNTED) });
const Field = z.object({ looksLike: z.string(), name: z.exactOptional(z.string()) });
const ReportedPlace = z.object({
  kind: z.enum(PLACE_KINDS),
  name: z.string(),
  places: z.int(),
  records: z.exactOptional(Records),
  oldest: z.exactOptional(z.int()),
  personal: z.array(Field),
  /** When it appeared: at the survey before it was covered, or not there. Absent of what the first survey found. */
  since: z.exactOptional(z.int()),
});
export type ReportedPlace = z.output<typeof ReportedPlace>;

/** What the newest survey of a store found. Nothing in it is personal. */
export const CoverageReport = z.object({
  at: z.int(),
  records: z.exactOptional(Records),
  personal: z.array(Field),
  /** The newest ones first, then those with personal fields, then the largest. */
  uncovered: z.array(ReportedPlace),
  /** Names that the report has no room for. */
  unlisted: z.int(),
  /** Names that the configuration ignores. */
  ignored: z.int(),
  /** How many are new, the unlisted ones included. */
  appeared: z.int(),
  neverPresent: z.array(
    z.object({ name: z.string(), state: z.enum(NEVER_PRESENT_STATES), looked: z.enum(['all', 'sample']) }),
  ),
  /** A former release wrote none. */
  datasets: z.array(DatasetReport).default([]),
  notSeen: z.array(z.object({ part: z.enum(SURVEY_PARTS), code: z.string() })),
  /** Digests of the names that were uncovered: what is not among them tomorrow is new. */
  remembered: z.array(z.string()),
});
export type CoverageReport = z.output<typeof CoverageReport>;

/** `tried`: the UTC day of the newest attempt, which may have died. */
export interface Coverage {
  readonly tried: string;
  readonly report?: CoverageReport;
}

interface Found {
  readonly survey: Survey;
  readonly at: Instant;
  readonly settings: CoverageSettings | undefined;
  /** Of the survey before. */
  readonly former: CoverageReport | undefined;
  readonly datasets: readonly DatasetReport[];
}

export function coverageReport({ survey, at, settings, former, datasets }: Found): CoverageReport {
  const ignored = settings === false ? {} : (settings?.ignore ?? {});
  const left = survey.uncovered.filter(({ name }) => !isIgnored(name, Object.keys(ignored)));
  const known = new Set(former?.remembered);
  const all = left.map((place): ReportedPlace => {
    const isNew = former !== undefined && wasSeen(former, place.kind) && !known.has(digestOf(place));
    const since = isNew ? at : sinceOf(former, place);
    return { ...place, personal: shortened(place.personal), ...present({ since }) };
  });
  const isWhole = survey.notSeen.every(({ part }) => !Object.values(PART_OF).includes(part));
  const remembered = new Set([...all.map(digestOf), ...(isWhole ? [] : known)]);
  return {
    at,
    ...present({ records: survey.records }),
    personal: shortened(survey.personal),
    uncovered: all.toSorted(byWeight).slice(0, MOST_LISTED_PLACES),
    unlisted: Math.max(0, all.length - MOST_LISTED_PLACES),
    ignored: survey.uncovered.length - left.length,
    appeared: all.filter(({ since }) => since === at).length,
    neverPresent: [...survey.neverPresent],
    datasets: [...datasets],
    notSeen: [...survey.notSeen],
    remembered: [...remembered].slice(0, MOST_REMEMBERED),
  };
}

function shortened(fields: readonly PersonalField[]): ReportedPlace['personal'] {
  return fields
    .slice(0, MOST_FIELDS)
    .map(({ looksLike, name }) => ({ looksLike, ...present({ name: name?.slice(0, LONGEST_FIELD) }) }));
}

const PART_OF: Readonly<Record<PlaceKind, SurveyPart>> = {
  table: 'tables',
  prefix: 'prefixes',
  bucket: 'buckets',
};

function sinceOf(former: CoverageReport | undefined, { kind, name }: UncoveredPlace): Instant | undefined {
  return former?.uncovered.find((one) => one.kind === kind && one.name === name)?.since;
}

/** Whether the survey before saw all places of the kind, and remembers all. Otherwise what is found now may be old. */
function wasSeen({ notSeen, remembered }: CoverageReport, kind: PlaceKind): boolean {
  return remembered.length < MOST_REMEMBERED && !notSeen.some(({ part }) => part === PART_OF[kind]);
}

/** The name itself, or one that begins with what stands before a `*` at the end. */
function isIgnored(name: string, ignored: readonly string[]): boolean {
  return ignored.some((one) => one === name || (one.endsWith('*') && name.startsWith(one.slice(0, -1))));
}

function digestOf({ kind, name }: Pick<UncoveredPlace, 'kind' | 'name'>): string {
  return createHash('sha256').update(`${kind} ${name}`).digest('base64url').slice(0, 11);
}

function byWeight(a: ReportedPlace, b: ReportedPlace): number {
  return (
    (b.since ?? 0) - (a.since ?? 0) ||
    Number(b.personal.length > 0) - Number(a.personal.length > 0) ||
    (b.records?.count ?? 0) - (a.records?.count ?? 0) ||
    (a.name < b.name ? -1 : 1)
  );
}

/** Fields that must never have values, and have some. */
export function presentFields({ neverPresent }: Pick<CoverageReport, 'neverPresent'>): readonly string[] {
  return neverPresent.flatMap(({ name, state }) => (state === 'found' ? [name] : []));
}
