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
            const ended = world.registered.filter((one) => (endOf(one, world) ?? Infinity) <= actAt);
            expect(ended.flatMap((one) => world.fields[one] ?? [])).toContain(field);
            expect(world.fields[purpose]?.some((one) => overlaps(one, field))).toBe(true);
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
    let shared = 0;
    fc.assert(
      fc.property(worlds, (world) => {
        const { stages, next } = plan(input(world));
        const now = START + world.day * DAY;
        if (living(world, now).length === 0) return;
        const then = input(world);
        const masked = new Set<string>();
        for (const purpose of world.registered) {
          const end = endOf(purpose, world) ?? Infinity;
          const from = freeFrom(purpose, world);
          const stage = stages.find(({ part }) => part === `purpose:${purpose}`);
          if (end <= now) expect(stage?.actAt ?? Infinity).toBe(from);
          if (end > now || from > now) continue;
          expect(next).toBeDefined();
          if (from > end) shared += 1;
          const masks = reductionMasks(purposesIn(then, then.policies.policies), purpose, now);
          for (const field of Object.keys(masks)) masked.add(field);
        }
        const ended = world.registered.filter((one) => !living(world, now).includes(one));
        const free = fieldsOf(world, ended).filter((field) => isFree(field, world, now));
        expect([...masked].toSorted()).toEqual([...new Set(free)].toSorted());
      }),
      { numRuns: 500 },
    );
    expect(shared).toBeGreaterThan(0);
  });
});

function living(world: World, at: Instant): string[] {
  return world.registered.filter((one) => (endOf(one, world) ?? Infinity) > at);
}

function fieldsOf({ fields }: World, purposes: readonly string[]): string[] {
  return purposes.flatMap((one) => fields[one] ?? []);
}

function isFree(field: string, world: World, at: Instant): boolean {
  return !fieldsOf(world, living(world, at)).some((one) => overlaps(one, field));
}

/**
 * When the first field is left of what it needs, or of what was kept because of it. Never, if the record is deleted by
 * then.
 */
function freeFrom(purpose: string, world: World): Instant {
  const ends = world.registered.map((one) => endOf(one, world) ?? Infinity);
  const end = endOf(purpose, world) ?? Infinity;
  const before = world.registered.filter((one) => one === purpose || (endOf(one, world) ?? Infinity) <= end);
  const kept = fieldsOf(world, before).filter((field) =>
    fieldsOf(world, [purpose]).some((one) => overlaps(one, field)),
  );
  const free = ends.filter((at) => at >= end && kept.some((field) => isFree(field, world, at)));
  const first = Math.min(Infinity, ...free);
  return first < Math.max(...ends) ? first : Infinity;
}
