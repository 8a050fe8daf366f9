import { formatDistance, formatInstant } from '../../../shared/domain/calendar/calendar.ts';
import type { Condition, Moment } from '../../../shared/domain/rule/ast.ts';
import type { Duration } from '../../../shared/domain/calendar/units.ts';
import { parsePeriod, parseRule } from '../../../shared/domain/rule/parse.ts';
import { plusMonths, wallClock } from '../rules/reference-calendar.ts';
import { referenceInstant } from '../rules/reference-rules.ts';
import type { Given } from '../rules/reference-rules.ts';

/*
 * A reader of explanations who knows the facts and the calendar, and nothing of how a date was found. It reads one
 * sentence after the other, and recomputes what each states from the start and the words that the sentence itself has.
 */

const DAY = 86_400_000;
const QUARTER = DAY / 96;
/** The event that stands for the start that a sentence states. */
const START = 's.s';

export interface Read {
  /** What is false in the sentences: empty if all of it is so. */
  readonly mistakes: readonly string[];
  /** Dates that were recomputed. */
  readonly recomputed: number;
}

interface Reading {
  readonly given: Given;
  /** Starts that earlier sentences state, as they were written. */
  readonly stated: Set<string>;
}

/** What is wrong with a sentence, or how many dates in it are as they should be. */
type Verdict = string | number;

const PATTERNS: readonly (readonly [RegExp, (found: readonly string[], reading: Reading) => Verdict])[] = [
  [/^“(.*)” is (later|earlier) than “(.*)” by (.*)\.$/, won],
  [/^“(.*)” and “(.*)” are at the same time\.$/, tied],
  [/^“(.*)” is left out: its date is not known\.$/, leftOut],
  [/^(\S+) happened on (\S+?)(?:, the (first|last) of (\d+) that count)?\.$/, happened],
  [/^(\S+) of (\S+) is not used: it is not the (first|last) one\.$/, passedOver],
  [/^No (\S+) counts so far\.$/, missing],
  [/^It is (true|not true) that (.*)\.$/, condition],
  [/^It is not known whether (.*)\.$/, unknownCondition],
  // It has words of the rule, which may say “after”.
  [/^(.*), counted from (.*), is (.*)\.$/, counted],
  [
    /^(.*?) (after|before) (.*?) is (.*?)\.(?: That month has no day (\d+), so its last day counts: (\S+)\.)?( The clock .*)?$/,
    moved,
  ],
  [/^The last day of the (.*) of (\S+(?: \(.*?\))?) is (.*)\.$/, lastDay],
  [/^The (.*) of (\S+(?: \(.*?\))?) ends at (.*)\.$/, ends],
];

/** Reads the sentences of one calculation in their order. */
export function readExplanation(sentences: readonly string[], given: Given): Read {
  const reading: Reading = { given, stated: new Set() };
  const verdicts = sentences.map((sentence) => ({ sentence, verdict: read(sentence, reading) }));
  return {
    mistakes: verdicts.flatMap(({ sentence, verdict }) =>
      typeof verdict === 'string' ? [`${verdict}: ${sentence}`] : [],
    ),
    recomputed: verdicts.reduce((sum, { verdict }) => sum + (typeof verdict === 'number' ? verdict : 0), 0),
  };
}

function read(sentence: string, reading: Reading): Verdict {
  for (const [pattern, judge] of PATTERNS) {
    const found = pattern.exec(sentence);
    if (found !== null) return judge(found.slice(1), reading);
  }
  return 'the reader does not know this sentence';
}

function happened([name = '', occurred = '', pick, of = '1']: readonly string[], reading: Reading): Verdict {
  const told = inOrder(name, reading.given);
  if (!told.includes(occurred)) return 'no such event';
  if (told.length !== Number(of)) return `there are ${told.length}`;
  if (
    pick !== undefined &&
    instant(told.at(pick === 'first' ? 0 : -1), reading.given) !== instant(occurred, reading.given)
  )
    return `it is not the ${pick}`;
  reading.stated.add(shown(occurred, reading.given));
  return 1;
}

function passedOver([name = '', occurred = '', pick = '']: readonly string[], { given }: Reading): Verdict {
  const told = inOrder(name, given);
  if (told.length < 2 || !told.includes(occurred)) return 'no such event';
  const others = told.toSpliced(told.indexOf(occurred), 1).map((one) => instant(one, given));
  const at = instant(occurred, given);
  return others.some((other) => (pick === 'first' ? other <= at : other >= at)) ? 1 : `it is the ${pick}`;
}

function missing([name = '']: readonly string[], { given }: Reading): Verdict {
  return inOrder(name, given).length === 0 ? 0 : 'it has happened';
}

function condition([holds = '', text = '']: readonly string[], { given }: Reading): Verdict {
  return truth(text, given) === (holds === 'true') ? 0 : 'it is the other way round';
}

function unknownCondition([text = '']: readonly string[], { given }: Reading): Verdict {
  return truth(text, given) === undefined ? 0 : 'it is known';
}

/** Two different dates, of which the reference takes one. */
function truth(text: string, given: Given): boolean | undefined {
  const rule = momentOf(`if ${text}, 1 day after ${START}, otherwise 2 days after ${START}`);
  if (rule?.kind !== 'if') throw new Error(`cannot be read as a condition: ${text}`);
  const condition: Condition = rule.condition;
  const on = (date: string): Moment => ({ kind: 'date', date });
  const asked: Moment = { kind: 'if', condition, met: on('2000-01-01'), otherwise: on('2001-01-01') };
  const found = referenceInstant(asked, given);
  return found === undefined ? undefined : found === instant('2000-01-01', given);
}

function moved(found: readonly string[], reading: Reading): Verdict {
  const [text = '', side = '', from = '', to = '', wanted, clamped, clock = ''] = found;
  const parsed = parsePeriod(text);
  if (!parsed.ok) return `“${text}” is not a period`;
  const { period } = parsed;
  const start = startAt(from, reading.given);
  const by = (some: Duration): Moment =>
    side === 'after' ? { kind: 'after', period: some, start } : { kind: 'before', period: some, end: start };
  const verdict = recomputed(by(period), { from, to }, reading);
  if (typeof verdict === 'string') return verdict;
  const { hours: _, minutes: __, seconds: ___, ...ofDates } = period;
  const change = isTime(from) && isLong(ofDates) ? clockChange(from, by(ofDates), reading.given) : '';
  // A midnight may also be the beginning of a day, which no clock change moves.
  if (change !== clock && !(clock === '' && from.includes('T00:00:00')))
    return `the clock does this:${change}`;
  const short = shortMonth(period, side === 'after' ? 1 : -1, dateOf(from));
  if (short?.day !== wanted || short?.last !== clamped)
    return short === undefined ? 'the month has that day' : `the month ends on ${short.last}`;
  return verdict + (short === undefined ? 0 : 1);
}

function isLong(period: Duration): boolean {
  return Object.values(period).some((amount) => amount !== 0);
}

/** What the clock does at the time that the dates alone reach. */
function clockChange(from: string, reached: Moment, given: Given): string {
  const { zone } = given;
  const at = referenceInstant(reached, given) ?? NaN;
  const [wanted, found] = [Date.parse(from), at].map((one) =>
    new Date(wallClock(one, zone))
      .toISOString()
      .slice(11)
      .replace(/\.?0*Z$/, ''),
  );
  if (wanted !== found)
    return ` The clock skips ${wanted} on that day, so the time moves forward to ${found}.`;
  for (let later = QUARTER; later <= DAY / 4; later += QUARTER)
    if (wallClock(at + later, zone) === wallClock(at, zone))
      return ` The clock shows ${wanted} twice on that day, and the earlier one counts.`;
  return '';
}

/** A day that the month does not have, and its last day. */
function shortMonth(
  { years = 0, months = 0 }: Duration,
  sign: number,
  from: string,
): { readonly day: string; readonly last: string } | undefined {
  const last = dateText(plusMonths(Date.parse(from), sign * (years * 12 + months)));
  return last.slice(8) === from.slice(8) ? undefined : { day: String(Number(from.slice(8))), last };
}

function lastDay([unit = '', from = '', to = '']: readonly string[], reading: Reading): Verdict {
  const moment = momentOf(`upon the last day of the ${unit} of ${START}`);
  if (moment?.kind !== 'last-day-of') return 'no such unit';
  return recomputed({ ...moment, of: startAt(from, reading.given) }, { from, to }, reading);
}

function ends([unit = '', from = '', to = '']: readonly string[], reading: Reading): Verdict {
  const moment = momentOf(`upon the end of the ${unit} of ${START}`);
  if (moment?.kind !== 'end-of') return 'no such unit';
  return recomputed({ ...moment, of: startAt(from, reading.given) }, { from, to }, reading);
}

function counted([text = '', from = '', to = '']: readonly string[], reading: Reading): Verdict {
  const moment = momentOf(`upon ${text.charAt(0).toLowerCase()}${text.slice(1)}`);
  if (moment?.kind !== 'next-day' && moment?.kind !== 'weekday-of') return 'no such day';
  return recomputed({ ...moment, of: startAt(from, reading.given) }, { from, to }, reading);
}

function won([winner = '', how = '', over = '', by = '']: readonly string[], { given }: Reading): Verdict {
  const [at, other] = [winner, over].map((text) => bound(text, given));
  if (at === undefined || other === undefined) return 'one of them is not known';
  if (how === 'later' ? at <= other : at >= other) return 'it is not';
  return formatDistance(at, other) === by ? 1 : `the distance is ${formatDistance(at, other)}`;
}

function tied([one = '', other = '']: readonly string[], { given }: Reading): Verdict {
  const at = bound(one, given);
  return at !== undefined && at === bound(other, given) ? 1 : 'they are not';
}

function leftOut([text = '']: readonly string[], { given }: Reading): Verdict {
  return bound(text, given) === undefined ? 0 : 'its date is known';
}

function bound(text: string, given: Given): number | undefined {
  const moment = momentOf(`upon ${text}`);
  if (moment === undefined) throw new Error(`cannot be read as a moment: ${text}`);
  return referenceInstant(moment, given);
}

function momentOf(text: string): Moment | undefined {
  const parsed = parseRule(text);
  return parsed.ok ? parsed.rule.stages[0]?.notBefore : undefined;
}

/** The place that the words give from the stated start is the stated one. */
function recomputed(
  moment: Moment,
  { from, to }: { readonly from: string; readonly to: string },
  { given, stated }: Reading,
): Verdict {
  if (!stated.has(from)) return `no sentence before says ${from}`;
  const wanted = referenceInstant(moment, given);
  if (wanted === undefined || instant(occurrence(to), given) !== wanted)
    return `it is ${wanted === undefined ? 'not known' : formatInstant(wanted, given.zone)}`;
  stated.add(to);
  return 1;
}

/** A midnight that the clock skips is still the beginning of its day. */
function startAt(place: string, { zone }: Given): Moment {
  if (!place.endsWith(' (the clock skips midnight)')) return { kind: 'date', date: occurrence(place) };
  const before = dateText(wallClock(Date.parse(occurrence(place)), zone) - DAY);
  return { kind: 'end-of', unit: 'day', of: { kind: 'date', date: before } };
}

function isTime(place: string): boolean {
  return /T\S+$/.test(place);
}

/** `2020-01-31 (until the end of that day)` is the whole date. */
function occurrence(place: string): string {
  return place.replace(/ \(.*\)$/, '');
}

function dateOf(place: string): string {
  return place.slice(0, 10);
}

function shown(occurred: string, { zone }: Given): string {
  return occurred.length === 10
    ? `${occurred} (until the end of that day)`
    : formatInstant(Date.parse(occurred), zone);
}

function instant(occurred: string | undefined, given: Given): number {
  const moment: Moment = { kind: 'date', date: occurred ?? '' };
  return referenceInstant(moment, given) ?? NaN;
}

function inOrder(name: string, given: Given): string[] {
  return (given.events[name] ?? []).toSorted((a, b) => instant(a, given) - instant(b, given));
}

function dateText(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
