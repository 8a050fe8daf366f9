import { expect, test } from 'vitest';
import {
  type CoverageReport,
  CoverageReport as Schema,
  coverageReport,
  MOST_LISTED_PLACES,
  presentFields,
} from '../../../shared/domain/coverage/coverage-report.ts';
import type { NotSeen, Survey, UncoveredPlace } from '../../../shared/domain/coverage/survey.ts';

const AT = Date.UTC(2026, 2, 1);

const place = (name: string, more: Partial<UncoveredPlace> = {}): UncoveredPlace => ({
  kind: 'table',
  name,
  places: 1,
  personal: [],
  ...more,
});
const surveyOf = (names: readonly (string | UncoveredPlace)[], notSeen: readonly NotSeen[] = []): Survey => ({
  personal: [],
  uncovered: names.map((one) => (typeof one === 'string' ? place(one) : one)),
  neverPresent: [],
  datasets: [],
  notSeen,
});
function days(...surveys: readonly Survey[]): CoverageReport[] {
  const reports: CoverageReport[] = [];
  for (const survey of surveys)
    reports.push(
      coverageReport({
        survey,
        at: AT + reports.length,
        settings: undefined,
        former: reports.at(-1),
        datasets: [],
      }),
    );
  return reports;
}
const newOf = ({ at, uncovered }: CoverageReport | undefined = days(surveyOf([]))[0]!) =>
  uncovered.flatMap(({ name, since }) => (since === at ? [name] : []));

test('nothing is new at the first survey, and what appears later is new once', () => {
  const [first, second, third, fourth] = days(
    surveyOf(['a', 'b']),
    surveyOf(['a', 'b', 'c']),
    surveyOf(['a', 'c']),
    surveyOf(['a', 'b', 'c']),
  );
  expect([newOf(first), newOf(second), newOf(third), newOf(fourth)]).toEqual([[], ['c'], [], ['b']]);
  expect([first?.appeared, second?.appeared, third?.appeared]).toEqual([0, 1, 0]);
  // It is told since when for as long as it stays uncovered.
  expect(third?.uncovered.map(({ name, since }) => [name, since])).toEqual([
    ['c', AT + 1],
    ['a', undefined],
  ]);
});

test('a day on which the store was down, or only a part was seen, makes nothing new the next day', () => {
  const down: NotSeen = { part: 'tables', code: 'STORE_UNREACHABLE' };
  const [, middle, after, later] = days(
    surveyOf(['a', 'b']),
    surveyOf([], [down]),
    surveyOf(['a', 'b', 'c']),
    surveyOf(['a', 'b', 'c', 'd']),
  );
  expect([middle?.appeared, newOf(after), newOf(later)]).toEqual([0, [], ['d']]);
  const many: NotSeen = { part: 'tables', code: 'TOO_MANY' };
  expect(newOf(days(surveyOf(['a'], [many]), surveyOf(['b'], [many]))[1])).toEqual([]);
  // What was not asked for before is not new when it is first asked for.
  const unasked: NotSeen = { part: 'buckets', code: 'NOT_ASKED' };
  const bucket = place('logs', { kind: 'bucket' });
  expect(newOf(days(surveyOf(['a'], [unasked]), surveyOf(['a', 'b', bucket]))[1])).toEqual(['b']);
});

test('what the configuration ignores is counted only, and new when that is taken back', () => {
  const ignore = { 'public.countries': 'no personal data', 'public.tmp_*': 'emptied every night' };
  const survey = surveyOf(['public.countries', 'public.tmp_1', 'public.tmp', 'public.people']);
  const former = coverageReport({ survey, at: AT, settings: { ignore }, former: undefined, datasets: [] });
  expect([former.uncovered.map(({ name }) => name), former.ignored]).toEqual([
    ['public.people', 'public.tmp'],
    2,
  ]);
  expect(newOf(coverageReport({ survey, at: AT + 1, settings: {}, former, datasets: [] }))).toEqual([
    'public.countries',
    'public.tmp_1',
  ]);
});

test('lists what is new first, then what looks personal, then what is largest', () => {
  const personal = [{ looksLike: 'e-mail address', name: 'email' }];
  const large = place('large', { records: { count: 1e9, counted: 'estimate' } });
  const [, found] = days(
    surveyOf([large, 'small', place('people', { personal })]),
    surveyOf([large, 'small', place('people', { personal }), 'new']),
  );
  expect(found?.uncovered.map(({ name }) => name)).toEqual(['new', 'people', 'large', 'small']);
});

test('however much there is, a report fits into an item, and says what it has no room for', () => {
  const long = (n: number) => `${'ü'.repeat(120)}${String(n).padStart(5, '0')}`;
  const personal = Array.from({ length: 10 }, (_, n) => ({
    looksLike: 'network address or device',
    name: long(n),
  }));
  const survey: Survey = {
    records: { count: Number.MAX_SAFE_INTEGER, counted: 'at-least' },
    personal,
    uncovered: Array.from({ length: 12_000 }, (_, n) =>
      place(long(n), { personal, records: { count: 1e15, counted: 'at-least' }, oldest: AT }),
    ),
    neverPresent: Array.from({ length: 20 }, (_, n) => ({
      name: long(n),
      state: 'unknown',
      looked: 'sample',
    })),
    datasets: [],
    notSeen: [],
  };
  const first = coverageReport({ survey, at: AT, settings: undefined, former: undefined, datasets: [] });
  expect(first.uncovered).toHaveLength(MOST_LISTED_PLACES);
  expect(first.unlisted).toBe(11_800);
  // One that does not remember all names calls none of them new.
  const next = coverageReport({ survey, at: AT, settings: undefined, former: first, datasets: [] });
  expect([next.appeared, Buffer.byteLength(JSON.stringify(next)) < 350_000]).toEqual([0, true]);
  expect(Schema.parse(JSON.parse(JSON.stringify(next)))).toEqual(next);
});

test('fields with values that must have none are named', () => {
  const neverPresent = (['absent', 'none', 'found', 'unknown'] as const).map((state) => ({
    name: state,
    state,
    looked: 'all' as const,
  }));
  expect(presentFields({ neverPresent })).toEqual(['found']);
});
