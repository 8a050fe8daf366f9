import { lookUpAttribute, readPeriod } from './attribute-value.ts';
import { addPeriod, endOf, startOf, subtractPeriod } from '../calendar/calendar.ts';
import type { Point } from '../calendar/calendar.ts';
import { present } from '../present.ts';
import type { Placed } from './counting.ts';
import { lookUpEvent, occurrencesOf, undoneSteps } from './evaluate-event.ts';
import { whyUnreached } from './evaluated.ts';
import type { Determined, Evaluated, Facts } from './evaluated.ts';
import type { AttributeValue } from '../record/about.ts';
import type { Instant } from '../record/ids.ts';
import { sidesOf } from './relation.ts';
import type { Compared, Side } from './relation.ts';
import { birthday, reaches } from '../calendar/rounding.ts';
import type { Comparison, Condition, Moment, Test, TextTest, When } from '../rule/ast.ts';
import type { Step } from './step.ts';
import type { WinningFact } from '../record/window.ts';

/** `holds` is a list of reasons if it is not known: what is missing. */
export interface Judged {
  readonly holds: boolean | readonly string[];
  readonly steps: readonly Step[];
  readonly facts: readonly WinningFact[];
  /** Rests on an event that has not occurred, and may still occur until then. */
  readonly finalFrom?: Instant;
}

type Evaluate = (moment: Moment, facts: Facts) => Evaluated;
type Atom<Kind extends Condition['kind']> = Extract<Condition, { kind: Kind }>;

/** True, false or unknown: a part that decides counts even if the rest is unknown, and unknown is never read as false. */
export function evaluateCondition(condition: Condition, facts: Facts, evaluate: Evaluate): Judged {
  switch (condition.kind) {
    case 'all':
    case 'any':
      return joined(
        condition.of.map((inner) => evaluateCondition(inner, facts, evaluate)),
        condition.kind === 'any',
      );
    case 'not': {
      const judged = evaluateCondition(condition.of, facts, evaluate);
      return typeof judged.holds === 'boolean' ? { ...judged, holds: !judged.holds } : judged;
    }
    case 'attribute':
      return judgeAttribute(condition, facts);
    case 'occurred':
      return judgeOccurred(condition, facts, evaluate);
    case 'age':
      return judgeAge(condition, facts, evaluate);
  }
}

/** `decisive`: the value that decides the whole if a single part has it. */
function joined(parts: readonly Judged[], decisive: boolean): Judged {
  const all = parts.filter(({ holds }) => holds === decisive);
  const deciding = all.find(({ finalFrom }) => finalFrom === undefined) ?? all.toSorted(bySpan)[0];
  const steps = parts.flatMap((part) => part.steps);
  if (deciding !== undefined) return { ...deciding, steps };
  const unknown = parts.flatMap(({ holds }) => (typeof holds === 'boolean' ? [] : holds));
  const facts = parts.flatMap((part) => part.facts);
  if (unknown.length > 0) return { holds: [...new Set(unknown)], steps, facts };
  const finalFrom = parts.toSorted(bySpan).at(-1)?.finalFrom;
  return { holds: !decisive, steps, facts, ...present({ finalFrom }) };
}

function bySpan(a: Judged, b: Judged): number {
  return (a.finalFrom ?? -Infinity) < (b.finalFrom ?? -Infinity) ? -1 : 1;
}

function unknown(reason: string, steps: readonly Step[] = []): Judged {
  return { holds: [reason], steps, facts: [] };
}

function judgeAttribute({ name, event, test }: Atom<'attribute'>, facts: Facts): Judged {
  const of = event === undefined ? 'the holding' : event;
  const found = lookUpAttribute({ attribute: name, ...present({ event }) }, facts);
  if (found.kind === 'no-event') return unknown(found.reason);
  if (found.kind === 'missing' && facts.assumeAbsent === undefined) return unknown(found.reason);
  const holds = passes(found.kind === 'known' ? found.value : false, test);
  return holds === undefined
    ? unknown(`the attribute ${name} of ${of} is not ${'texts' in test ? 'a text' : 'a number'}`)
    : { holds, steps: [], facts: [] };
}

function passes(value: AttributeValue, test: Test): boolean | undefined {
  if (test.kind === 'is') return test.values.includes(value);
  if (value === false) return false;
  return 'texts' in test ? passesText(value, test) : passesNumber(value, test);
}

function passesText(value: AttributeValue, { kind, texts }: Extract<Test, { kind: TextTest }>) {
  if (typeof value !== 'string') return undefined;
  switch (kind) {
    case 'starts with':
      return texts.some((text) => value.startsWith(text));
    case 'ends with':
      return texts.some((text) => value.endsWith(text));
    case 'contains':
      return texts.some((text) => value.includes(text));
  }
}

function passesNumber(value: AttributeValue, test: Extract<Test, { kind: Comparison }>) {
  if (typeof value !== 'number') return undefined;
  switch (test.kind) {
    case 'less than':
      return value < test.value;
    case 'at most':
      return value <= test.value;
    case 'more than':
      return value > test.value;
    case 'at least':
      return value >= test.value;
  }
}

/** For a holding without an entity of the event's type, the event has not occurred. */
function judgeOccurred({ name, when }: Atom<'occurred'>, facts: Facts, evaluate: Evaluate): Judged {
  const lookup = lookUpEvent(name, 'last', facts);
  if (lookup.kind === 'undeclared') return unknown(lookup.reason);
  const counting = lookup.kind === 'known' ? lookup.counting : [];
  const undone = lookup.kind === 'known' ? undoneSteps(name, lookup.undone) : [];
  const personal = lookup.kind === 'known' && lookup.personal;
  const judged = (placed: Placed | undefined, steps: readonly Step[]): Judged => ({
    holds: placed !== undefined,
    steps: [...steps, ...evidence(name, counting, placed)],
    facts: placed === undefined ? [] : [{ type: name, occurred: placed.occurrence.occurred, personal }],
  });
  if (when === undefined) return judged(counting.at(-1), undone);
  const of = evaluate(when.of, facts);
  const steps = [...undone, ...of.steps];
  if (of.kind !== 'determined') return unknown(of.reasons.join('; '), steps);
  const span = inSpan(when, of, { name, counting, facts });
  if (typeof span === 'string') return unknown(span, steps);
  const found = judged(counting.findLast(span.fits), [...steps, ...span.steps]);
  return found.holds === true ? found : { ...found, ...present({ finalFrom: span.end }) };
}

/** The occurrence that fits; without one, all that count, so that anybody can see that none does. */
function evidence(type: string, counting: readonly Placed[], fitting: Placed | undefined): Step[] {
  if (fitting === undefined) return occurrencesOf(type, counting);
  const of = fitting === counting.at(-1) ? counting.length : 1;
  return [{ kind: 'fact', type, occurred: fitting.occurrence.occurred, pick: 'last', of }];
}

interface Occurred {
  readonly name: string;
  readonly counting: readonly Placed[];
  readonly facts: Facts;
}

/** The span of a condition: which occurrences are in it, and how it was computed. */
interface Span {
  readonly fits: (placed: Placed) => boolean;
  readonly steps: readonly Step[];
  /** From then on nothing that happens is in it. Absent where there is always time left. */
  readonly end?: Instant;
}

/** A date is in it only with its whole day. */
function inSpan(when: When, of: Determined, occurred: Occurred): Span | string {
  const { name, counting, facts } = occurred;
  const { zone, policy } = facts;
  const first = ({ point }: Placed): number => startOf(point, zone);
  const last = ({ point, at }: Placed): number => (point.kind === 'date' ? at - 1 : at);
  const sides = (compared: Compared): ReadonlyMap<Placed, Side> => sidesOf(name, counting, compared, facts);
  /** On the side that is asked for; where the calendar alone decides, as it says. */
  const on =
    (side: Side, ofSides: ReadonlyMap<Placed, Side>, plain: (placed: Placed) => boolean) =>
    (placed: Placed) => {
      const known = ofSides.get(placed) ?? 'plain';
      return known === 'plain' ? plain(placed) : known === side;
    };
  const begins = startOf(of.point, zone);
  const open = (fits: Span['fits']): Span => ({ fits, steps: [] });
  const until = (end: Instant, fits: Span['fits']): Span => ({ fits, steps: [], end });
  const before = () => on('before', sides(of), (placed) => last(placed) < begins);
  switch (when.kind) {
    case 'before':
      return until(begins, before());
    // The same date is included.
    case 'by':
      return until(
        of.at,
        of.point.kind === 'instant'
          ? on('before', sides(of), (placed) => last(placed) <= of.at)
          : (placed) => last(placed) < of.at,
      );
    case 'from':
      return open(
        of.point.kind === 'instant'
          ? on('after', sides(of), (placed) => first(placed) >= of.at)
          : (placed) => first(placed) >= begins,
      );
    case 'after':
      return open(
        on('after', sides(of), (placed) =>
          of.point.kind === 'instant' ? first(placed) > of.at : first(placed) >= of.at,
        ),
      );
    case 'within': {
      const read = readPeriod(when.period, facts);
      if (read.kind === 'not-read') return read.reason;
      const move = when.side === 'after' ? addPeriod : subtractPeriod;
      const limitOf = (point: Point) => move(point, read.period, zone, policy);
      const limit = limitOf(of.point);
      if (limit.kind !== 'reached') return whyUnreached(limit);
      const at = endOf(limit.point, zone);
      // Days end at midnight. Hours from an event with only a date are over earlier if it happened earlier on its day.
      const earliest =
        of.day !== undefined && limit.point.kind === 'instant'
          ? limitOf({ kind: 'instant', at: startOf(of.day, zone) })
          : undefined;
      const day = earliest?.kind === 'reached' ? earliest.point : undefined;
      const { skipped } = limit;
      const step: Step = {
        kind: 'span',
        side: when.side,
        period: read.period,
        from: of.point,
        limit: limit.point,
        ...(skipped.length > 0 && { skipped }),
      };
      const steps = [...read.steps, step];
      const endSides = sides({ point: limit.point, at, ...present({ day }) });
      if (when.side === 'after') {
        const isAfter = on('after', sides(of), (placed) => placed.at > of.at);
        const isInTime = on('before', endSides, (placed) => last(placed) < at);
        return { fits: (placed) => isAfter(placed) && isInTime(placed), steps, end: at };
      }
      const isInTime = on('after', endSides, (placed) => placed.at > at);
      const isBefore = before();
      return { fits: (placed) => isBefore(placed) && isInTime(placed), steps, end: begins };
    }
  }
}

function judgeAge({ birth, at, test }: Atom<'age'>, facts: Facts, evaluate: Evaluate): Judged {
  const born = evaluate({ kind: 'event', name: birth, pick: 'last' }, facts);
  const event = evaluate(at, facts);
  const steps = [...born.steps, ...event.steps];
  const missing = [born, event].flatMap((one) => (one.kind === 'determined' ? [] : one.reasons));
  if (born.kind !== 'determined' || event.kind !== 'determined') return { holds: missing, steps, facts: [] };
  const day = birthday(born.point, test.years, facts.policy.leapBirthday ?? '03-01', facts.zone);
  const reached = day.kind === 'date' && reaches(event.point, day.date, facts.zone);
  const deciding = [...born.facts, ...event.facts];
  if (day.kind === 'date')
    steps.push({ kind: 'age', years: test.years, birthday: day.date, at: event.point, reached });
  switch (test.kind) {
    case 'at least':
      return { holds: reached, steps, facts: deciding };
    case 'under':
      return { holds: !reached, steps, facts: deciding };
  }
}
