import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import type { Evaluated } from '../../shared/domain/evaluate/evaluated.ts';
import type { Moment } from '../../shared/domain/rule/ast.ts';
import { parseRule } from '../../shared/domain/rule/parse.ts';
import { EVALUATIONS, evaluateOn, events, NAMES, occurred, zone } from '../support/rules/evaluations.ts';
import type { Events } from '../support/rules/evaluations.ts';

/** Ten million on demand take their time. */
const LONG = { timeout: 3_600_000 };

let evaluations = 0;
const on = (...asked: Parameters<typeof evaluateOn>): Evaluated => {
  evaluations += 1;
  return evaluateOn(...asked);
};
const name = fc.constantFrom(...NAMES);

/** Every construct that uses events, in rules that a person could write. */
const RULES = [
  'the later of 3 years after a.a and 1 year after first b.b if any',
  'the earlier of 3 years after a.a, b.b and c.c',
  '2 years after a.a, held from b.b until c.c',
  '2 years after a.a, paused from b.b until c.c',
  '2 years after a.a, held from b.b until c.c, then restarted',
  'the 2nd b.b after a.a',
  'the last b.b before a.a',
  'if b.b has occurred within 2 years after a.a, 1 year after b.b, otherwise 3 years after a.a',
  'if the age of a.a at b.b is under 18, the 21st birthday of a.a, otherwise 7 years after b.b',
  '10 working days after the end of the fiscal year of a.a',
  '1 year after a.a, at the next run on Monday at 10:00',
  '30 days before the next 01-31 after a.a',
  '3 years after a.a unless "law" requires 1 year after b.b',
].map((text): Moment => {
  const parsed = parseRule(text);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.rule.stages[0]?.notBefore ?? { kind: 'never' };
});

const dateOf = (found: Evaluated): unknown => (found.kind === 'determined' ? found.at : found.kind);

test('the order in which facts arrive is irrelevant, and asking again gives the same result', LONG, () => {
  const shuffled = events.chain((sent) =>
    fc.record({
      sent: fc.constant(sent),
      other: fc.record(
        Object.fromEntries(
          Object.entries(sent).map(([event, dates]) => [
            event,
            fc.shuffledSubarray([...dates], { minLength: dates.length, maxLength: dates.length }),
          ]),
        ),
      ),
    }),
  );
  fc.assert(
    fc.property(zone, shuffled, (at, { sent, other }) => {
      for (const rule of RULES) {
        const found = dateOf(on(rule, at, sent));
        expect(dateOf(on(rule, at, other as Events))).toBe(found);
      }
    }),
    { numRuns: Math.ceil(EVALUATIONS * 0.02) },
  );
});

test('an event that is sent and retracted changes the result of no rule', LONG, () => {
  fc.assert(
    fc.property(zone, events, name, occurred, (at, sent, event, date) => {
      const more = { ...sent, [event]: [...(sent[event] ?? []), date] };
      for (const rule of RULES) {
        const before = dateOf(on(rule, at, sent));
        on(rule, at, more);
        const after = { ...more, [event]: (more[event] ?? []).slice(0, -1) };
        expect(dateOf(on(rule, at, after))).toBe(before);
      }
    }),
    { numRuns: Math.ceil(EVALUATIONS * 0.002) },
  );
});

afterAll(() => {
  process.stdout.write(`rules and the order of facts: ${evaluations.toLocaleString('en')} evaluations\n`);
});
