import { describe, expect, test } from 'vitest';
import {
  type Change,
  changeOf,
  maskedFields,
  type Verdict,
  verdictOf,
} from '../../../shared/domain/policy-plan/change.ts';
import type { PlannedStage } from '../../../shared/domain/plan/plan.ts';
import {
  added,
  newlyDue,
  NOTHING_COUNTED,
  totalsOf,
  withCompared,
} from '../../../shared/domain/policy-plan/tally.ts';
import { aHoldingRef, at } from '../../support/samples.ts';
import { aPolicy, aRule } from '../../support/rules/rule-world.ts';

const NOW = at('2026-03-01T10:00:00Z');
const DAY = 86_400_000;
const on = (days: number, act = 'delete'): Verdict => ({ kind: 'dated', at: NOW + days * DAY, act });
const UNDATED: Verdict = { kind: 'undated' };
const CONFLICT: Verdict = { kind: 'conflict' };
const FAILED: Verdict = { kind: 'failed' };

describe('what other policies make of a record', () => {
  test.for<readonly [Change, Verdict, Verdict, string]>([
    ['due', UNDATED, on(0), 'has a date that has passed'],
    ['due', on(1), on(0), 'goes now instead of tomorrow'],
    ['due', on(400), on(-400), 'goes now instead of next year'],
    ['due', on(-5, 'restrict'), on(-4), 'is deleted now and not restricted'],
    ['due', CONFLICT, on(-1), 'had contradicting rules'],
    ['due', FAILED, on(-1), 'could not be planned'],
    ['soon', UNDATED, on(1), 'goes tomorrow'],
    ['soon', on(31), on(30), 'comes into the next 30 days'],
    ['soon', on(5, 'restrict'), on(5), 'is deleted soon and not restricted'],
    ['soon', on(-5), on(1, 'anonymise'), 'was due for something else'],
    ['earlier', on(20), on(10), 'was due within 30 days anyway'],
    ['earlier', UNDATED, on(31), 'gets a date'],
    ['earlier', on(400), on(300), 'moves'],
    ['earlier', CONFLICT, on(31), 'had contradicting rules, and gets a date'],
    ['later', on(-3), on(3), 'was due, and goes later'],
    ['later', on(300), on(400), 'moves to a later date'],
    ['action', on(300, 'restrict'), on(300), 'is deleted on the same day and not restricted'],
    ['kept', on(-3), UNDATED, 'has no date any more'],
    ['conflict', on(3), CONFLICT, 'gets contradicting rules'],
    ['conflict', UNDATED, CONFLICT, 'gets contradicting rules that it did not have'],
    ['failed', on(3), FAILED, 'cannot be planned any more'],
    ['unchanged', on(-3), on(-3), 'was due and is'],
    ['unchanged', on(3), on(3), 'keeps its date'],
    ['unchanged', UNDATED, UNDATED, 'has no date'],
    ['unchanged', CONFLICT, CONFLICT, 'stays in conflict'],
    ['unchanged', FAILED, FAILED, 'cannot be planned in either way'],
    ['unchanged', CONFLICT, UNDATED, 'is kept in either way'],
    ['unchanged', on(-3), on(-2), 'is due in either way'],
    ['unchanged', on(-3), on(-9), 'was due for long'],
  ])('is "%s" if it %4$s', ([change, before, after]) => {
    expect(changeOf(before, after, NOW)).toBe(change);
  });

  test('is never less than newly due where a plan would be acted on within 30 days that was not', () => {
    const all = [
      UNDATED,
      CONFLICT,
      FAILED,
      ...[-40, -1, 0, 1, 29, 30, 31, 400].flatMap((n) => [on(n), on(n, 'restrict')]),
    ];
    for (const before of all)
      for (const after of all) {
        const acts = (verdict: Verdict, until: number): string | undefined =>
          verdict.kind === 'dated' && verdict.at <= until ? verdict.act : undefined;
        const isNew = [NOW, NOW + 30 * DAY].some(
          (until) => acts(after, until) !== undefined && acts(before, until) !== acts(after, until),
        );
        expect(['due', 'soon'].includes(changeOf(before, after, NOW))).toBe(isNew);
      }
  });
});

describe('what a plan says of a record', () => {
  const stage = (changes: Partial<PlannedStage> = {}): PlannedStage => ({
    action: 'delete',
    status: 'due',
    actAt: NOW,
    reasons: [],
    policy: 'p',
    policyVersion: '1',
    ruleText: '',
    facts: [],
    ...changes,
  });
  const verdict = (next: PlannedStage, fields = 'name'): Verdict =>
    verdictOf({ status: 'due', next, stages: [next] }, () => fields);

  test('is its date and its action', () => {
    expect(verdict(stage())).toEqual({ kind: 'dated', at: NOW, act: 'delete  ' });
    expect(verdict(stage({ part: 'purpose:billing' }))).toMatchObject({ act: 'delete purpose:billing ' });
  });

  test('has the fields that are masked, but only if it masks', () => {
    const masks = stage({ action: 'anonymise' });
    expect(verdict(masks, 'name')).not.toEqual(verdict(masks, 'name and address'));
    expect(verdict(stage(), 'name')).toEqual(verdict(stage(), 'name and address'));
  });

  test.for([
    ['a rule holds it', { heldByRule: true }],
    ['it lifts a restriction', { action: 'lift' }],
    ['it has no date', { actAt: undefined }],
  ] as const)('is not a date while %s', ([, changes]) => {
    expect(verdict({ ...stage(), ...changes } as PlannedStage)).toEqual({ kind: 'undated' });
  });

  test('has what follows, until the record is deleted; also what follows a lifted restriction', () => {
    const restrict = stage({ action: 'restrict' });
    const remove = stage({ actAt: at('2026-04-01T00:00:00Z') });
    const after = stage({ action: 'anonymise', actAt: at('2026-05-01T00:00:00Z') });
    const stages = [restrict, after, remove];
    const deleted = { at: remove.actAt, act: 'delete  ' };
    expect(verdictOf({ status: 'due', next: restrict, stages }, () => '')).toEqual({
      kind: 'dated',
      at: NOW,
      act: 'restrict  ',
      follows: [deleted],
    });
    const lift = stage({ action: 'lift' });
    expect(verdictOf({ status: 'due', next: lift, stages: [lift, remove] }, () => '')).toEqual({
      kind: 'dated',
      ...deleted,
    });
  });

  test('is a conflict', () => {
    expect(verdictOf({ status: 'conflict', stages: [] }, () => '')).toEqual({ kind: 'conflict' });
  });
});

test('the masked fields are those of the categories, of the people in the records and of purposes', () => {
  const rules = [aRule('30 days after contract.ended')];
  const policy = (masks: Record<string, string>) =>
    aPolicy({}, { categories: { notes: { rules, masks: masks as never }, other: { rules } } });
  const [one, two] = [policy({ name: 'empty' }), policy({ name: 'empty', city: 'empty' })];
  expect(maskedFields(['notes'], [one])).not.toBe(maskedFields(['notes'], [two]));
  expect(maskedFields(['other'], [one])).toBe(maskedFields(['other'], [two]));
  expect(maskedFields(['gone'], [one])).toBe('[]');
});

describe('a tally', () => {
  const one = (
    n: number,
    change: Change,
    more: { store?: string; category?: string; isCollection?: boolean } = {},
  ) => ({
    ref: aHoldingRef(n),
    store: 'crm',
    category: 'notes',
    isCollection: false,
    change,
    ...more,
  });

  test('counts each record once, in its store and category, with a few samples of what changes', () => {
    const due = Array.from({ length: 9 }, (_, n) => one(n, 'due'));
    const others = [
      one(20, 'unchanged'),
      one(21, 'soon', { isCollection: true }),
      one(22, 'due', { store: 'a' }),
    ];
    const tally = withCompared(withCompared(NOTHING_COUNTED, due), others, 2);
    expect(tally).toEqual({
      examined: 12,
      unread: 2,
      cells: [
        {
          store: 'a',
          category: 'notes',
          counts: { due: 1 },
          samples: { due: [aHoldingRef(22)] },
          collections: 0,
        },
        {
          store: 'crm',
          category: 'notes',
          counts: { due: 9, soon: 1, unchanged: 1 },
          samples: { due: due.slice(0, 5).map(({ ref }) => ref), soon: [aHoldingRef(21)] },
          collections: 1,
        },
      ],
    });
    expect(newlyDue(tally)).toBe(11);
    expect(totalsOf(tally)).toMatchObject({ due: 10, soon: 1, unchanged: 1, kept: 0 });
  });

  test('is the same however it was added up', () => {
    const all = Array.from({ length: 30 }, (_, n) =>
      one(n, (['due', 'kept', 'unchanged'] as const)[n % 3] ?? 'due', { category: `c-${n % 4}` }),
    );
    const whole = withCompared(NOTHING_COUNTED, all);
    const [a, b] = [all.slice(0, 7), all.slice(7)].map((part) => withCompared(NOTHING_COUNTED, part));
    if (a === undefined || b === undefined) throw new TypeError('there are two');
    expect(added(a, b)).toEqual(whole);
    expect(added(NOTHING_COUNTED, whole)).toEqual(whole);
  });

  test('keeps at most 2,000 samples, however many categories there are', () => {
    const all = Array.from({ length: 3000 }, (_, n) => one(n, 'due', { category: `c-${n}` }));
    const { cells } = withCompared(NOTHING_COUNTED, all);
    expect(cells).toHaveLength(3000);
    expect(cells.flatMap(({ samples }) => samples.due ?? [])).toHaveLength(2000);
  });
});
