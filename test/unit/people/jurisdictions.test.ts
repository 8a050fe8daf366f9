import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compacted } from '../../../shared/domain/facts/compact.ts';
import { foldProfile } from '../../../shared/domain/configuration/fold-profile.ts';
import type { Policy } from '../../../shared/domain/configuration/policy.ts';
import { plan } from '../../../shared/domain/plan/plan.ts';
import type { Plan } from '../../../shared/domain/plan/plan.ts';
import { present } from '../../../shared/domain/present.ts';
import { anEvent, aPolicy, aRule, inputOf, iso } from '../../support/rules/rule-world.ts';
import type { Dated, Subject, World } from '../../support/rules/rule-world.ts';

const RULES = [
  aRule('30 days after account.closed'),
  aRule('1 year after account.closed', { level: 'jurisdiction', jurisdiction: 'US' }),
  aRule('10 years after account.closed', {
    level: 'statutory',
    jurisdiction: 'DE',
    source: { document: 'Commercial Code' },
  }),
];
const CLOSED: Subject = { type: 'account', events: { 'account.closed': '2020-01-01T00:00:00Z' } };
const DUE = {
  DE: '2030-01-01T00:00:00Z',
  US: '2021-01-01T00:00:00Z',
  FR: '2020-01-31T00:00:00Z',
} as const;
type Place = keyof typeof DUE;

function policyOf(personal = false, changes: Partial<Policy> = {}): Policy {
  const located = anEvent({ entity: 'person', personal, attributes: { place: 'text' } });
  return aPolicy(
    { records: RULES },
    {
      events: { 'account.closed': anEvent({ entity: 'account' }), 'person.located': located },
      jurisdictionFrom: { event: 'person.located', attribute: 'place' },
      ...changes,
    },
  );
}

function moved(occurred: string, place?: string): Dated {
  return place === undefined ? { occurred } : { occurred, attributes: { place } };
}

function person(...moves: readonly Dated[]): Subject {
  return { type: 'person', events: moves.length === 0 ? {} : { 'person.located': moves } };
}

function planWith(
  people: readonly Subject[],
  more: Partial<World> & { readonly registered?: string } = {},
): Plan {
  const { registered, ...rest } = more;
  const variants = [registered === undefined ? {} : { attributes: { jurisdiction: registered } }];
  return plan(
    inputOf({
      policies: [policyOf()],
      subjects: [CLOSED, ...people],
      variants,
      now: '2020-06-01T00:00:00Z',
      ...rest,
    }),
  );
}

const dueOf = (result: Plan): string | undefined => iso(result.next?.actAt) ?? result.status;

describe('the jurisdiction', () => {
  test.each<[string, readonly Subject[], string | undefined, string]>([
    ['is what was registered, as long as no fact says it', [person()], 'US', DUE.US],
    ['of a fact takes precedence over the registration', [person(moved('2019-05-01', 'DE'))], 'US', DUE.DE],
    ['of a fact needs no registration', [person(moved('2019-05-01', 'US'))], undefined, DUE.US],
    [
      'is that of the latest fact by the time at which it occurred',
      [person(moved('2020-04-01', 'US'), moved('2019-05-01', 'DE'))],
      undefined,
      DUE.US,
    ],
    [
      'does not follow a move that has only been announced',
      [person(moved('2019-05-01', 'US'), moved('2020-06-02', 'DE'))],
      undefined,
      DUE.US,
    ],
    ['that no rule names has the rules of the next level', [person(moved('2019-05-01', 'FR'))], 'DE', DUE.FR],
    ['of a holding about no person is what was registered', [], 'DE', DUE.DE],
    ['is not known without a fact and a registration', [person()], undefined, 'undetermined'],
    ['is not known if the latest fact does not say it', [person(moved('2019-05-01'))], 'US', 'undetermined'],
    [
      'is not known if the latest fact leaves it blank',
      [person(moved('2019-05-01', ' '))],
      'US',
      'undetermined',
    ],
    ['is not known if the registration leaves it blank', [person()], '', 'undetermined'],
    [
      'of a second person keeps longer',
      [person(moved('2019-05-01', 'US')), person(moved('2019-05-01', 'DE'))],
      undefined,
      DUE.DE,
    ],
    [
      'of a second person about whom there is no fact is what was registered',
      [person(moved('2019-05-01', 'US')), person()],
      'DE',
      DUE.DE,
    ],
    [
      'of a second person that is not known keeps the record',
      [person(moved('2019-05-01', 'US')), person()],
      undefined,
      'undetermined',
    ],
  ])('%s', (_, people, registered, due) => {
    expect(dueOf(planWith(people, present({ registered })))).toBe(due);
  });

  test.each([
    ['2020-05-31T23:59:59Z', DUE.US],
    ['2020-06-01T00:00:00Z', DUE.DE],
    ['2020-06-01T12:00:00Z', DUE.DE],
    ['2020-06-02T00:00:00Z', DUE.DE],
  ])('of a move with only a date counts together with the former one on its day: %s', (now, due) => {
    // On 1 June it moves from US to DE and to FR, and DE may have been the last.
    const moves = [moved('2019-01-01', 'US'), moved('2020-06-01', 'DE'), moved('2020-06-01T23:00:00Z', 'FR')];
    expect(dueOf(planWith([person(...moves)], { now }))).toBe(due);
  });

  test('is planned again at the time of a move that is known already', () => {
    const moves = [moved('2019-05-01', 'DE'), moved('2020-07-01T08:00:00Z', 'US'), moved('2020-09-01', 'FR')];
    const before = planWith([person(...moves)]);
    expect([dueOf(before), iso(before.changesAt)]).toEqual([DUE.DE, '2020-07-01T08:00:00Z']);
    const then = planWith([person(...moves)], { now: '2020-07-01T08:00:00Z' });
    expect([dueOf(then), iso(then.changesAt)]).toEqual([DUE.US, '2020-09-01T00:00:00Z']);
    const last = planWith([person(...moves)], { now: '2020-09-02T00:00:00Z' });
    expect([dueOf(last), last.changesAt]).toEqual([DUE.FR, undefined]);
  });

  test('is the same after an announced move was folded, and the one before it was not forgotten', () => {
    const moves = ['2018-01-01', '2019-01-01', '2020-01-01', '2027-01-01'].map((on, index) =>
      moved(on, ['FR', 'US', 'DE', 'FR'][index]),
    );
    const input = inputOf({
      policies: [policyOf()],
      subjects: [CLOSED, person(...moves)],
      now: '2020-06-01T00:00:00Z',
    });
    const profile = foldProfile(input.policies);
    const states = new Map([...input.states].map(([ref, state]) => [ref, compacted(state, profile)]));
    expect(dueOf(plan({ ...input, states }))).toBe(DUE.DE);
  });

  test('is no question where all rules are the same everywhere', () => {
    const policy = policyOf(false, { categories: { records: { rules: RULES.slice(0, 1) } } });
    const result = planWith([person(moved('2019-05-01'), moved('2027-01-01', 'DE'))], { policies: [policy] });
    expect([dueOf(result), result.changesAt]).toEqual([DUE.FR, undefined]);
  });

  test('is kept as it is if the facts of a person were not read', () => {
    const input = inputOf({ policies: [policyOf()], subjects: [CLOSED, person(moved('2019-05-01', 'FR'))] });
    const states = new Map([...input.states].filter(([ref]) => !ref.startsWith('person')));
    const result = plan({ ...input, states });
    expect(result.status).toBe('undetermined');
    expect(result.stages[0]?.reasons).toEqual(['the facts of the person were not read']);
  });
});

describe('an explanation', () => {
  const moves = [person(moved('2019-05-01', 'DE'), moved('2026-02-03', 'US'))];

  test('names the fact that decided, and what would change it', () => {
    const { explanation } = planWith(moves, { registered: 'FR' });
    expect(explanation).toContain(
      'The rules of jurisdiction DE count, because person.located of 2019-05-01 decides, and not the registration.',
    );
    expect(explanation).toContain(
      'person.located will change the jurisdiction of somebody at a time that is known already; then the rules are chosen again.',
    );
    expect(explanation).toContain(
      'It would change with another person.located, or with a correction or retraction.',
    );
  });

  test('names no date of a personal event', () => {
    const result = planWith(moves, { policies: [policyOf(true)] });
    expect(result.explanation).toContain(
      'The rules of jurisdiction DE count, because person.located decides, and not the registration.',
    );
    expect(result.explanation.join('\n')).not.toMatch(/2019-05-01|2026-02-03/);
    expect(result.next?.located).toEqual([
      { jurisdiction: 'DE', fact: { type: 'person.located', occurred: '2019-05-01', personal: true } },
    ]);
  });

  test('says that what was registered counts', () => {
    expect(planWith([person()], { registered: 'US' }).explanation).toContain(
      'The rules of jurisdiction US count, as it was registered or is the default.',
    );
  });
});

const PLACES = ['DE', 'US', 'FR'] as const;
const aMove = fc.record({
  minute: fc.integer({ min: 0, max: 400_000 }),
  place: fc.constantFrom<Place>(...PLACES),
});

function timeOf(minute: number): string {
  return new Date(Date.UTC(2019, 11, 1) + minute * 60_000).toISOString().replace('.000Z', 'Z');
}

describe('moves back and forth', () => {
  test('have one result, in whatever order they arrive, and it is that of the last one that has happened', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(aMove, { minLength: 1, selector: ({ minute }) => minute }),
        fc.integer({ min: 0, max: 400_000 }),
        (moves, at) => {
          const now = timeOf(at);
          const facts = moves.map(({ minute, place }) => moved(timeOf(minute), place));
          const last = moves.filter(({ minute }) => minute <= at).toSorted((a, b) => b.minute - a.minute)[0];
          const expected = last === undefined ? 'undetermined' : DUE[last.place];
          for (const order of [facts, facts.toReversed()])
            expect(dueOf(planWith([person(...order)], { now }))).toBe(expected);
        },
      ),
    );
  });

  test('are all known from a compact state, in whatever order they were folded', () => {
    fc.assert(
      fc.property(
        fc.array(aMove, { maxLength: 30 }),
        fc.integer({ min: 0, max: 400_000 }),
        fc.boolean(),
        (moves, at, reversed) => {
          const facts = moves.map(({ minute, place }) => moved(timeOf(minute), place));
          const subjects = [CLOSED, person(...(reversed ? facts.toReversed() : facts))];
          const input = inputOf({ policies: [policyOf()], subjects, now: timeOf(at) });
          const profile = foldProfile(input.policies);
          // Beyond 32 of one type the history is read.
          const states = new Map([...input.states].map(([ref, state]) => [ref, compacted(state, profile)]));
          const whole = plan(input);
          const compact = plan({ ...input, states });
          expect([dueOf(compact), compact.changesAt]).toEqual([dueOf(whole), whole.changesAt]);
        },
      ),
    );
  });

  test('change nothing between two of the times that the plan announces', () => {
    fc.assert(
      fc.property(fc.array(aMove, { minLength: 1 }), fc.integer({ min: 0, max: 400_000 }), (moves, at) => {
        const people = [person(...moves.map(({ minute, place }) => moved(timeOf(minute), place)))];
        const now = planWith(people, { now: timeOf(at), registered: 'FR' });
        const until = now.changesAt ?? Date.UTC(2100, 0, 1);
        const later = planWith(people, { now: new Date(until - 1).toISOString(), registered: 'FR' });
        expect(dueOf(later)).toBe(dueOf(now));
      }),
    );
  });

  test('of two people keep at least as long as those of each alone', () => {
    fc.assert(
      fc.property(
        fc.array(aMove),
        fc.array(aMove),
        fc.integer({ min: 0, max: 400_000 }),
        (one, other, at) => {
          const [a, b] = [one, other].map((moves) =>
            person(...moves.map(({ minute, place }) => moved(timeOf(minute), place))),
          );
          if (a === undefined || b === undefined) throw new Error('two people');
          const world = { now: timeOf(at), registered: 'FR' };
          const [alone, beside, both] = [[a], [b], [a, b]].map(
            (people) => planWith(people, world).next?.actAt ?? Infinity,
          );
          expect(both).toBe(Math.max(alone ?? 0, beside ?? 0));
        },
      ),
    );
  });
});
