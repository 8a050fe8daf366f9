import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Policy, PurposePolicy } from '../../../shared/domain/configuration/policy.ts';
import type { Fact } from '../../../shared/domain/facts/facts.ts';
import type { EventRef, Occurred } from '../../../shared/domain/record/ids.ts';
import { OBJECTED, scopeText } from '../../../shared/domain/people/effects.ts';
import { type Life, purposeLife } from '../../support/people/purpose-life.ts';
import { cleared, CONSENTS, purposePolicy } from '../../support/rules/purpose-world.ts';
import { anEvent, aRule } from '../../support/rules/rule-world.ts';

/*
 * A record of one or two people and an account, through three weeks. What is asked here is computed from the promise and
 * the steps alone, one purpose and one person at a time; the code under test decides what is done and what is masked.
 */

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const START = Date.parse('2026-03-01T00:00:00Z');
const DAYS = 22;
const RENAMED_ON = 10;
const PEOPLE = ['ann', 'ben'] as const;
/** `c` is left out by the second version of the policy. */
const PURPOSES = ['a', 'b', 'c', 'd'] as const;
type Purpose = (typeof PURPOSES)[number];
const FIELDS = ['email', 'profile', 'profile.phone', 'profile.name', 'tags[]', 'tags[].text'];

type Ending = 'consent' | 'held' | 'none';
type Step =
  | { kind: 'given' | 'withdrawn' | 'objected'; purpose: Purpose; person: number; day: number; delay: number }
  | { kind: 'closed' | 'audit' | 'audited' | 'ended'; day: number; delay: number }
  | { kind: 'gone'; producer: string; day: number; delay: number }
  | {
      kind: 'registered';
      producer: string;
      purposes: readonly Purpose[];
      people: number;
      day: number;
      delay: number;
    };

interface World {
  readonly endings: Readonly<Record<Purpose, Ending>>;
  readonly fields: Readonly<Record<Purpose, readonly string[]>>;
  readonly law: string | undefined;
  readonly isRenamed: boolean;
  readonly steps: readonly Step[];
}

const when = { day: fc.nat(DAYS - 8), delay: fc.constantFrom(0, 0, 0, 1, 3) };
const purpose = fc.constantFrom(...PURPOSES);
const registered = fc.record({
  kind: fc.constant('registered' as const),
  producer: fc.constantFrom('shop', 'blog'),
  purposes: fc.uniqueArray(purpose, { minLength: 2, maxLength: 3 }),
  // Ann is always one of them: it is her account.
  people: fc.constantFrom(1, 1, 1, 3),
  ...when,
});
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom('given', 'withdrawn', 'withdrawn', 'withdrawn', 'objected'),
      purpose,
      person: fc.constantFrom(0, 0, 1),
      ...when,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom('closed', 'audit', 'audited', 'ended'), ...when }),
  },
  { weight: 2, arbitrary: registered },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('gone' as const),
      producer: fc.constantFrom('shop', 'blog'),
      ...when,
    }),
  },
);
const each = <Value>(value: fc.Arbitrary<Value>) => fc.record({ a: value, b: value, c: value, d: value });
const worlds: fc.Arbitrary<World> = fc.record({
  endings: each(fc.constantFrom<Ending>('consent', 'consent', 'consent', 'held', 'none')),
  fields: each(fc.uniqueArray(fc.constantFrom(...FIELDS), { maxLength: 3 })),
  law: fc.constantFrom(
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
    'delete',
    'anonymise',
    'restrict',
  ),
  isRenamed: fc.constantFrom(false, false, true),
  steps: fc
    .tuple(registered, fc.array(step, { minLength: 6, maxLength: 16 }))
    .map(([first, more]) => [{ ...first, day: 0, delay: 0 }, ...more].filter(isFirstOfAccount)),
});

/** One audit and one end: which of several counts is asked elsewhere. */
function isFirstOfAccount({ kind }: Step, index: number, all: readonly Step[]): boolean {
  const isOfAccount = ['closed', 'audit', 'audited', 'ended'].includes(kind);
  return !isOfAccount || all.findIndex((one) => one.kind === kind) === index;
}

function policiesOf({ endings, fields, law, isRenamed }: World): Policy[] {
  const purposes = Object.fromEntries(
    PURPOSES.map((name): [string, PurposePolicy] => {
      const own = fields[name];
      const rule = {
        consent: aRule('1 day after consent.withdrawn'),
        held: aRule('1 day after account.closed, held from audit.started until audit.ended'),
        none: undefined,
      }[endings[name]];
      return [name, { ...(rule && { rule }), ...(own.length > 0 && { fields: cleared(...own) }) }];
    }),
  );
  const books = law === undefined ? 'keep permanently' : `${law} 5 days after contract.ended`;
  const policy: Policy = {
    ...purposePolicy(purposes),
    categories: {
      contact: { rules: [aRule('keep permanently')] },
      books: { rules: [aRule(books, law === undefined ? {} : { level: 'statutory' })] },
    },
  };
  const account = { entity: 'account' };
  const events = {
    ...CONSENTS,
    'account.closed': anEvent(account),
    'audit.started': anEvent(account),
    'audit.ended': anEvent(account),
    'contract.ended': anEvent(account),
  };
  const first = { ...policy, events };
  if (!isRenamed) return [first];
  const left = Object.fromEntries(Object.entries(purposes).filter(([name]) => name !== 'c'));
  const version = { version: '2', effectiveFrom: START + RENAMED_ON * DAY };
  return [first, { ...first, ...version, purposes: Object.keys(left), purposePolicies: left }];
}

let count = 0;
function factsOf(step: Step): Fact[] {
  if (step.kind === 'registered' || step.kind === 'gone') return [];
  const at = START + step.day * DAY;
  const occurred = new Date(at).toISOString().replace('.000Z', 'Z') as Occurred;
  count += 1;
  const fact = (entity: string, type: string, attributes: Record<string, string>): Fact => ({
    ref: `${entity} ${count}` as EventRef,
    kind: 'event',
    type,
    occurred,
    sent: at,
    received: at + step.delay * DAY,
    bodyHash: String(count),
    ...(Object.keys(attributes).length > 0 && { attributes }),
  });
  switch (step.kind) {
    case 'given':
    case 'withdrawn':
      return [fact(PEOPLE[step.person] ?? '', `consent.${step.kind}`, { purpose: step.purpose })];
    case 'objected': {
      const attributes = { request: `r-${count}`, scope: scopeText({ purposes: [step.purpose] }) };
      // The account is Ann's: what she asks for reaches it.
      const reached = step.person === 0 ? [fact('acct', OBJECTED, attributes)] : [];
      return [fact(PEOPLE[step.person] ?? '', OBJECTED, attributes), ...reached];
    }
    case 'closed':
      return [fact('acct', 'account.closed', {})];
    case 'audit':
      return [fact('acct', 'audit.started', {})];
    case 'audited':
      return [fact('acct', 'audit.ended', {})];
    case 'ended':
      return [fact('acct', 'contract.ended', {})];
  }
}

/** The day from which a purpose has ended for one person, by what is known. */
function endForPerson(world: World, known: readonly Step[], name: Purpose, person: number): number {
  const own = known.filter((one) => 'purpose' in one && one.purpose === name && one.person === person);
  const given = Math.max(-1, ...own.filter(({ kind }) => kind === 'given').map(({ day }) => day));
  const days = (kind: Step['kind']): number[] =>
    own.filter((one) => one.kind === kind && one.day > given).map(({ day }) => day);
  const last = Math.max(-1, ...days('withdrawn'));
  const byRule = world.endings[name] === 'consent' && last >= 0 ? last + 1 : Infinity;
  return Math.min(byRule, ...days('objected'));
}

/** Whether a purpose is alive under what one producer registered. */
function livesUnder(
  world: World,
  known: readonly Step[],
  { name, people, day }: { readonly name: Purpose; readonly people: number; readonly day: number },
): boolean {
  if (world.isRenamed && day >= RENAMED_ON && name === 'c') return true;
  const persons = [0, 1].filter((index) => (people & (index + 1)) !== 0);
  const forAll = Math.max(...persons.map((one) => endForPerson(world, known, name, one)));
  if (world.endings[name] !== 'held') return forAll > day;
  const of = (kind: Step['kind']): number[] => known.filter((one) => one.kind === kind).map((one) => one.day);
  const isHeld = of('audit').some(
    (from) => from <= day && !of('audited').some((until) => until >= from && until <= day),
  );
  const closed = Math.max(-1, ...of('closed'));
  return isHeld || Math.min(forAll, closed < 0 ? Infinity : closed + 1) > day;
}

function registeredBy(life: Life): { purposes: readonly string[]; people: number }[] {
  const all = life.holding?.variants ?? [];
  return [...Map.groupBy(all, ({ producer }) => producer).values()].map((own) => {
    const refs = new Set<string>(own.flatMap(({ entities }) => entities.map(({ ref }) => ref)));
    return {
      purposes: own.flatMap(({ purposes }) => purposes),
      people: (refs.has('ann') ? 1 : 0) + (refs.has('ben') ? 2 : 0),
    };
  });
}

const overlaps = (one: string, other: string): boolean =>
  one === other ||
  [`${one}.`, `${one}[]`].some((start) => other.startsWith(start)) ||
  [`${other}.`, `${other}[]`].some((start) => one.startsWith(start));

function failed(isRenamed: boolean, steps: readonly Step[]): World {
  const endings = { a: 'consent', b: 'consent', c: 'consent', d: 'consent' } as const;
  const fields = { a: [], b: [], c: ['email'], d: ['email', 'profile.name'] };
  return { endings, fields, law: undefined, isRenamed, steps };
}

const first = { day: 0, delay: 0 };
const shop: Step = { kind: 'registered', producer: 'shop', purposes: ['a', 'c'], people: 1, ...first };
const blog: Step = { kind: 'registered', producer: 'blog', purposes: ['a', 'd'], people: 1, ...first };
const objected: Step = { kind: 'objected', purpose: 'd', person: 0, ...first };
const again: Step = { kind: 'given', purpose: 'd', person: 0, ...first };
/** What has failed before. */
const FOUND: readonly World[] = [
  // What kept a field is withdrawn after the reduction, also after another version of the policy has come.
  failed(false, [shop, blog, objected, { kind: 'gone', producer: 'shop', day: 1, delay: 0 }]),
  failed(true, [shop, blog, objected, { kind: 'gone', producer: 'shop', day: 12, delay: 0 }]),
  // Consent that is given again is the person's event, and the objection had reached the account.
  failed(false, [blog, again, objected]),
];

describe('a record that is held for purposes, through time', () => {
  const seen = { masked: 0, deleted: 0 };

  test('loses what only ended purposes need, on the day when they have ended, and nothing else', () => {
    fc.assert(
      fc.property(worlds, fc.boolean(), (world, isReversed) => {
        const life = purposeLife(policiesOf(world), 'acct');
        const facts = new Map(world.steps.map((one) => [one, factsOf(one)]));
        // Of what each producer has written.
        const masked = new Map<string, Set<string>>();
        for (let day = 0; day < DAYS; day += 1) {
          const now = START + day * DAY + HOUR;
          const known = world.steps.filter((one) => one.day + one.delay <= day);
          const arrived = known.filter((one) => one.day + one.delay === day);
          for (const [index, one] of arrived.entries()) {
            const at = START + day * DAY + index;
            if (one.kind === 'gone') {
              life.withdraw(one.producer, at);
              if (life.holding?.variants.every(({ producer }) => producer !== one.producer) === true)
                masked.delete(one.producer);
            }
            if (one.kind !== 'registered') continue;
            const people = PEOPLE.filter((_, person) => (one.people & (person + 1)) !== 0);
            if (life.register({ ...one, people }, at)) masked.set(one.producer, new Set());
          }
          if (life.holding === undefined) return;
          const all = registeredBy(life);
          const names = PURPOSES.filter((name) => all.some(({ purposes }) => purposes.includes(name)));
          const living = names.filter((name) =>
            all.some(
              ({ purposes, people }) =>
                purposes.includes(name) && livesUnder(world, known, { name, people, day }),
            ),
          );
          const needed = living.flatMap((name) => world.fields[name]);
          const ended = Math.max(-1, ...known.filter(({ kind }) => kind === 'ended').map((one) => one.day));
          const isKept = world.law !== undefined && (ended < 0 || ended + 5 > day);
          const given = known.flatMap((one) => facts.get(one) ?? []);
          for (const { stage, masks } of life.acts(isReversed ? given.toReversed() : given, now)) {
            expect(isKept).toBe(false);
            if (stage.action === 'delete') {
              expect(living).toEqual([]);
              seen.deleted += 1;
              continue;
            }
            if (stage.part === undefined) continue;
            for (const field of Object.keys(masks)) {
              expect(needed.filter((one) => overlaps(one, field))).toEqual([]);
              for (const own of masked.values()) own.add(field);
              seen.masked += 1;
            }
          }
          if (life.holding === undefined) return;
          if (isKept) continue;
          expect(living).not.toEqual([]);
          const free = names
            .filter((name) => !living.includes(name))
            .flatMap((name) => world.fields[name])
            .filter((field) => !needed.some((one) => overlaps(one, field)));
          expect(free.filter((field) => ![...masked.values()].every((own) => own.has(field)))).toEqual([]);
        }
      }),
      { numRuns: Number(process.env['RUNS'] ?? 150), examples: FOUND.map((world) => [world, false]) },
    );
    expect(seen.masked).toBeGreaterThan(20);
    expect(seen.deleted).toBeGreaterThan(0);
  });
});
