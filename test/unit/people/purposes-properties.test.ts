import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PurposePolicy } from '../../../shared/domain/configuration/policy.ts';
import { plan } from '../../../shared/domain/plan/plan.ts';
import { purposesIn } from '../../../shared/domain/plan/purposes.ts';
import { reductionMasks } from '../../../shared/domain/plan/reductions.ts';
import type { Instant } from '../../../shared/domain/record/ids.ts';
import { cleared, consented, purposePolicy } from '../../support/rules/purpose-world.ts';
import { aRule, type Dated, inputOf } from '../../support/rules/rule-world.ts';

const DAY = 86_400_000;
const START = Date.parse('2026-03-01T00:00:00Z');
const PURPOSES = ['a', 'b', 'c', 'd'];
const FIELDS = ['email', 'profile', 'profile.phone', 'profile.name', 'tags[]', 'tags[].text'];

interface Consent {
  readonly purpose: string;
  readonly isGiven: boolean;
  readonly day: number;
}

const worlds = fc.record({
  fields: fc.dictionary(
    fc.constantFrom(...PURPOSES),
    fc.uniqueArray(fc.constantFrom(...FIELDS), { minLength: 1, maxLength: 4 }),
  ),
  ruled: fc.uniqueArray(fc.constantFrom(...PURPOSES), { minLength: 2 }),
  registered: fc.uniqueArray(fc.constantFrom(...PURPOSES), { minLength: 1 }),
  consents: fc.array(
    fc.record({ purpose: fc.constantFrom(...PURPOSES), isGiven: fc.boolean(), day: fc.nat(20) }),
    { maxLength: 8 },
  ),
  day: fc.nat(24),
});

type World = typeof worlds extends fc.Arbitrary<infer Value> ? Value : never;

/** Read off the consents, one purpose at a time: a day after the last withdrawal, unless consent was given since. */
function endOf(purpose: string, { ruled, consents }: World): Instant | undefined {
  if (!ruled.includes(purpose)) return undefined;
  const own = consents.filter((one) => one.purpose === purpose);
  const last = (isGiven: boolean): number =>
    Math.max(-1, ...own.filter((one) => one.isGiven === isGiven).map(({ day }) => day));
  return last(false) > last(true) ? START + (last(false) + 1) * DAY : undefined;
}

function purposesOf({ fields, ruled }: World): Record<string, PurposePolicy> {
  return Object.fromEntries(
    PURPOSES.map((purpose) => {
      const own = fields[purpose] ?? [];
      const named = own.length > 0 ? { fields: cleared(...own) } : {};
      return [purpose, ruled.includes(purpose) ? { ...consented(), ...named } : named];
    }),
  );
}

function dated({ purpose, day }: Consent): Dated {
  const occurred = new Date(START + day * DAY).toISOString().replace('.000Z', 'Z');
  return { occurred, sent: occurred, attributes: { purpose } };
}

function input(world: World, now: Instant = START + world.day * DAY) {
  const { consents, registered } = world;
  return inputOf({
    policies: [
      {
        ...purposePolicy(purposesOf(world)),
        categories: { contact: { rules: [aRule('keep permanently')] } },
      },
    ],
    categories: ['contact'],
    subjects: [
      {
        type: 'person',
        events: {
          'consent.withdrawn': consents.filter(({ isGiven }) => !isGiven).map(dated),
          'consent.given': consents.filter(({ isGiven }) => isGiven).map(dated),
        },
      },
    ],
    variants: [{ purposes: registered }],
    now: new Date(now).toISOString(),
  });
}

const overlaps = (one: string, other: string): boolean =>
  one === other ||
  [
    [one, other],
    [other, one],
  ].some(([a = '', b = '']) => b.startsWith(`${a}.`) || b.startsWith(`${a}[]`));

describe('a record that is held for purposes', () => {
  test('never loses a field that a living purpose names, when its stages act', () => {
    let masked = 0;
    fc.assert(
      fc.property(worlds, (world) => {
        for (const { part, actAt, status } of plan(input(world)).stages) {
          if (part === undefined || status !== 'due' || actAt === undefined) continue;
          const then = input(world, actAt);
          const purpose = part.slice('purpose:'.length);
          const fields = Object.keys(
            reductionMasks(purposesIn(then, then.policies.policies), purpose, actAt),
          );
          const living = world.registered.filter((one) => (endOf(one, world) ?? Infinity) > actAt);
          const needed = living.flatMap((one) => world.fields[one] ?? []);
          for (const field of fields) {
            masked += 1;
            expect(world.fields[purpose]).toContain(field);
            expect(needed.filter((one) => overlaps(one, field))).toEqual([]);
          }
        }
      }),
      { numRuns: 500 },
    );
    expect(masked).toBeGreaterThan(50);
  });

  test('is deleted when the last of them has ended, and never while one lives', () => {
    let deleted = 0;
    fc.assert(
      fc.property(worlds, (world) => {
        const ends = world.registered.map((purpose) => endOf(purpose, world) ?? Infinity);
        const deletion = plan(input(world)).stages.find(({ action }) => action === 'delete');
        const last = Math.max(...ends);
        expect(deletion?.actAt ?? Infinity).toBe(last);
        if (last < Infinity) deleted += 1;
      }),
      { numRuns: 500 },
    );
    expect(deleted).toBeGreaterThan(10);
  });

  test('is masked once a purpose has ended, wherever a field is left that no living one needs', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const { stages, next } = plan(input(world));
        const now = START + world.day * DAY;
        const living = world.registered.filter((one) => (endOf(one, world) ?? Infinity) > now);
        const needed = living.flatMap((one) => world.fields[one] ?? []);
        for (const purpose of world.registered) {
          const end = endOf(purpose, world);
          if (end === undefined || end > now || living.length === 0) continue;
          const free = (world.fields[purpose] ?? []).some(
            (field) => !needed.some((one) => overlaps(one, field)),
          );
          expect(stages.some(({ part, actAt }) => part === `purpose:${purpose}` && actAt === end)).toBe(free);
          if (free) expect(next).toBeDefined();
        }
      }),
      { numRuns: 500 },
    );
  });
});
