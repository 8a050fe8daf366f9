import { describe, expect, test } from 'vitest';
import { hourId, isoUtc } from '../../shared/domain/calendar/utc-time.ts';
import type { Entry } from '../../shared/domain/record/entry.ts';
import type { Chunk } from '../../shared/domain/record/work.ts';
import { readStates } from '../../shared/protocol/facts/read-states.ts';
import { entryOf } from '../../shared/protocol/lane/entry-of.ts';
import { planOf } from '../../shared/protocol/plan-of.ts';
import { at, entriesOf } from '../support/driver/dying-worker.ts';
import { anEvent, aPolicy } from '../support/rules/rule-world.ts';
import { STORE, world, type WorldOptions } from '../support/driver/world.ts';

/*
 * The attacker has the deletion log, the policies and this code, knows that the person is in it, and that every act was
 * carried out on time. For each date it computes the entries that a birth on this date would have led to. What remains
 * possible are the dates with the same entries as those in the log.
 */

const DAY = 86_400_000;

function dates(from: string, to: string): readonly string[] {
  const days = (at(to) - at(from)) / DAY;
  return Array.from({ length: days + 1 }, (_, day) =>
    new Date(at(from) + day * DAY).toISOString().slice(0, 10),
  );
}

const EVENTS = aPolicy({}).events;

/** The birth is personal by month. */
function byMonth(options: WorldOptions): WorldOptions {
  const born = anEvent({ entity: 'person', personal: true, actByMonth: true });
  return { ...options, policy: { events: { ...EVENTS, 'person.born': born }, ...options.policy } };
}

/** Every entry that disposing of the person's records on time makes, if the person was born then. */
async function entriesIfBorn(born: string, options: WorldOptions): Promise<readonly Entry[]> {
  const w = world({ ...byMonth(options), start: '2020-01-01T00:00:00Z' });
  const [contract, person] = [w.entity('contract', 'c-1'), w.entity('person', 'p-1')];
  const categories = Object.keys(options.rules ?? {});
  for (const [index, category] of categories.entries())
    await w.register(await w.registration(`n-${index}`, [contract, person], { categories: [category] }));
  await w.happened(contract, w.fact('contract.ended', '2020-03-12'));
  await w.happened(person, w.fact('person.born', born));
  const entries: Entry[] = [];
  for (const holding of w.registry.allHoldings().toSorted((a, b) => (a.ref < b.ref ? -1 : 1))) {
    const states = await readStates(w.core, [contract.ref, person.ref]);
    for (const planned of planOf(w.core, holding, states, w.clock.now()).stages) {
      const now = planned.actAt;
      if (now === undefined) continue;
      expect(now).toBeGreaterThanOrEqual(planned.window?.notBefore ?? planned.window?.floor ?? Infinity);
      expect(now).toBeLessThanOrEqual(planned.window?.notAfter ?? Infinity);
      const entry = await entryOf(
        w.core,
        NO_CHUNK,
        {
          lane: STORE,
          chunk: NO_CHUNK,
          token: `${hourId(now)}.t`,
          begunAt: now,
          until: now,
          refs: [],
          actedOn: [],
        },
        {
          ref: holding.ref,
          generation: 1,
          stage: planned.action,
          version: holding.version,
          lookedAt: now,
          holding,
          planned,
          outcome: 'deleted',
          at: now,
          actedAt: now,
          readBackAt: now,
        },
      );
      if (entry !== undefined) entries.push(entry);
    }
  }
  return entries;
}

const NO_CHUNK: Chunk = {
  lane: STORE,
  producer: 'portal',
  minute: 0,
  id: 'a',
  version: 1,
  refs: [],
  attempts: 0,
  failures: 0,
  uncertain: [],
};

/** The sets of dates that lead to the same entries, in order of time. */
async function possibleDates(
  options: WorldOptions,
  from = '2008-02-01',
  to = '2008-03-31',
): Promise<readonly (readonly string[])[]> {
  const byEntries = new Map<string, string[]>();
  for (const date of dates(from, to)) {
    const entries = JSON.stringify(await entriesIfBorn(date, options));
    byEntries.set(entries, [...(byEntries.get(entries) ?? []), date]);
  }
  return [...byEntries.values()];
}

/** Days in February and March 2008. */
const MONTHS = [29, 31];
const sizes = (sets: readonly (readonly string[])[]): readonly number[] => sets.map(({ length }) => length);

describe('what the deletion log tells about a birthday that is personal by month', () => {
  test('is its month and no more, for a rule that keeps until the 18th birthday', async () => {
    const rules = { notes: ['until the 18th birthday of person.born'] };
    const sets = await possibleDates({ rules }, '2008-01-01', '2008-04-30');
    expect(sizes(sets)).toEqual([31, 29, 31, 30]);
    expect(sets.map(([first]) => first)).toEqual(['2008-01-01', '2008-02-01', '2008-03-01', '2008-04-01']);
  });

  test('stays the month, whatever the zone of the policy and the day of its time change', async () => {
    for (const zone of ['Pacific/Kiritimati', 'America/St_Johns'])
      expect(
        sizes(
          await possibleDates({
            rules: { notes: ['until the 18th birthday of person.born'] },
            policy: { zone },
          }),
        ),
      ).toEqual(MONTHS);
  });

  test('stays the month with several records, rules and stages of one person', async () => {
    const sets = await possibleDates({
      rules: {
        notes: ['18 years after person.born'],
        letters: ['18 years and 10 days after person.born'],
        bills: ['21 years and 17 days after person.born'],
        calls: ['restrict 30 days after person.born, then delete 45 days after person.born'],
      },
    });
    expect(sizes(sets)).toEqual(MONTHS);
  });

  test('stays the month where another rule holds until a day of it', async () => {
    // 6 years after 2020-03-12 is 2026-03-12, within the month of the 18th birthday of someone born in March.
    const sets = await possibleDates({
      rules: { notes: ['6 years after contract.ended', '18 years after person.born'] },
    });
    expect(sizes(sets)).toEqual(MONTHS);
  });

  test('stays the month where a condition asks for the date', async () => {
    const sets = await possibleDates({
      rules: { notes: ['the later of 6 years after contract.ended and 18 years after person.born'] },
    });
    expect(Math.min(...sizes(sets))).toBeGreaterThanOrEqual(29);
  });

  test('stays the month for a maximum, and for a minimum with a maximum that leaves room', async () => {
    expect(sizes(await possibleDates({ rules: { notes: ['within 60 days after person.born'] } }))).toEqual(
      MONTHS,
    );
    const both = ['18 years after person.born', 'within 19 years after person.born'];
    expect(sizes(await possibleDates({ rules: { notes: both } }))).toEqual(MONTHS);
  });

  test('is half a month or a quarter where a maximum leaves less room, and still more than a day', async () => {
    const half = await possibleDates({ rules: { notes: ['within 30 days after person.born'] } });
    expect(Math.min(...sizes(half))).toBe(14);
    const quarter = await possibleDates({ rules: { notes: ['within 14 days after person.born'] } });
    expect(Math.min(...sizes(quarter))).toBe(7);
  });

  test('is the day where a maximum leaves no room: 7 days, with the lead of one', async () => {
    const sets = await possibleDates({ rules: { notes: ['within 7 days after person.born'] } });
    expect(Math.min(...sizes(sets))).toBe(1);
  });

  test('is about a month where the birth has a time', async () => {
    const rules = { notes: ['18 years after person.born'] };
    const possible = new Set<string>();
    const found = JSON.stringify(await entriesIfBorn('2008-03-31T23:30:00-05:00', { rules }));
    for (const date of dates('2008-02-01', '2008-05-30')) {
      const born = `${date}T23:30:00-05:00`;
      if (JSON.stringify(await entriesIfBorn(born, { rules })) === found) possible.add(date);
    }
    expect(possible.size).toBe(30);
  });
});

describe('a birthday that is personal, and not by month', () => {
  const policy = { events: EVENTS };

  test('is in no field of the entry, but a reader who knows the rule can tell it from the time of the act', async () => {
    const rules = { notes: ['until the 18th birthday of person.born'] };
    const [entry] = await entriesIfBorn('2008-02-28', { rules, policy });
    expect(entry?.facts).toEqual([{ type: 'person.born' }]);
    expect(entry?.window).toBeUndefined();
    expect(entry?.due).toBeUndefined();
    expect(JSON.stringify(entry)).not.toContain('2008-02-28');
    expect(Math.min(...sizes(await possibleDates({ rules, policy })))).toBe(1);
  });
});

describe('an entry of an event that is personal by month', () => {
  test('lets an auditor check that it was not early: its due time and window are those of the month', async () => {
    const rules = { notes: ['until the 18th birthday of person.born'] };
    const w = world({ ...byMonth({ rules }), start: '2026-02-27T00:00:00Z' });
    const person = w.entity('person', 'p-1');
    w.store.put(['n-1']);
    await w.register(await w.registration('n-1', [person]));
    await w.happened(person, w.fact('person.born', '2008-02-28'));
    await w.run(at('2026-03-01T00:00:00Z'));
    expect(w.store.size()).toBe(1);
    await w.run(at('2026-03-02T12:00:00Z'));
    const [entry] = entriesOf(w);
    expect(entry).toMatchObject({
      outcome: 'deleted',
      rule: 'until the 18th birthday of person.born',
      facts: [{ type: 'person.born' }],
      due: entry?.window?.notBefore,
    });
    const due = Date.parse(entry?.due ?? '');
    expect(isoUtc(due).slice(0, 7)).toBe('2026-03');
    expect(Date.parse(entry?.acted ?? '')).toBeGreaterThanOrEqual(due);
    expect(JSON.stringify(entry)).not.toContain('02-28');
  });

  test('is explained: the plan says why it acts later than it might', async () => {
    const w = world(byMonth({ rules: { notes: ['until the 18th birthday of person.born'] } }));
    const person = w.entity('person', 'p-1');
    await w.register(await w.registration('n-1', [person]));
    await w.happened(person, w.fact('person.born', '2009-02-10'));
    const holding = w.holding('n-1');
    if (holding === undefined) throw new Error('it was not registered');
    const plan = planOf(w.core, holding, await readStates(w.core, [person.ref]), w.clock.now());
    expect(plan.explanation.join('\n')).toContain('acts when it would for every date of the same month');
    expect(isoUtc(plan.next?.window?.notBefore ?? 0)).toMatch(/^2027-02-1/);
    expect(holding.decision?.actAt).toBe(plan.next?.actAt);
  });
});
