import { describe, expect, test } from 'vitest';
import type { Policy } from '../../../shared/domain/configuration/policy.ts';
import { driver, type Driver } from '../../support/driver/driver.ts';
import { entriesIn, notesIn, violations } from '../../support/driver/violations.ts';
import { cleared, consented, purposePolicy } from '../../support/rules/purpose-world.ts';
import { anEvent, aRule } from '../../support/rules/rule-world.ts';

const byPurpose = { byPurpose: true, attributes: { purpose: 'text' } } as const;
const base = purposePolicy({
  marketing: consented('email', 'nickname'),
  newsletter: consented('email', 'language'),
  service: { fields: cleared('name') },
});
const policy: Policy = {
  ...base,
  categories: { notes: { rules: [aRule('3 years after contract.ended')] } },
  events: {
    ...base.events,
    'consent.withdrawn': anEvent({ ...byPurpose, undoneBy: ['consent.given'] }),
    'consent.given': anEvent(byPurpose),
  },
};
const RECORD = { name: 'Ada', email: 'ada', nickname: 'A', language: 'de' };

async function registered(...purposes: string[]): Promise<Driver> {
  const d = await driver({ start: '2026-03-01T08:30:00Z', policies: [policy] });
  d.registers('n-1', ['c-1'], { purposes });
  d.store.put(['n-1'], { ...RECORD });
  await d.runUntil('2026-03-01T12:00:00Z');
  return d;
}

const consent = (d: Driver, what: 'withdrawn' | 'given', purpose: string, occurred: string): void =>
  d.happens(`consent.${what}`, 'c-1', occurred, { attributes: { purpose } });

/** Of each entry: what was done, to which part, and which fields were masked how. */
const entries = (d: Driver) =>
  entriesIn(d).map(({ entry: { stage, part, outcome, masks, rule } }) => ({
    stage,
    part,
    outcome,
    masks,
    rule,
  }));

const marketing = {
  stage: 'anonymise',
  part: 'purpose:marketing',
  outcome: 'anonymised',
  masks: { nickname: 'null' },
  rule: '1 day after consent.withdrawn',
};

describe('a record that is held for several purposes', () => {
  test('loses what only the ended one needs, each purpose with its entry, and then is deleted', async () => {
    const d = await registered('marketing', 'newsletter');
    consent(d, 'withdrawn', 'marketing', '2026-03-02T10:00:00Z');
    await d.runUntil('2026-03-04T12:00:00Z');
    expect(d.store.fields(['n-1'])).toEqual({ ...RECORD, nickname: null });
    expect(entries(d)).toEqual([marketing]);
    expect(d.holding('n-1')?.done).toMatchObject([{ stage: 'anonymise', part: 'purpose:marketing' }]);
    consent(d, 'withdrawn', 'newsletter', '2026-03-06T10:00:00Z');
    await d.runUntil('2026-03-08T12:00:00Z');
    expect(d.store.fields(['n-1'])).toBeUndefined();
    expect(entries(d)).toMatchObject([marketing, { stage: 'delete', outcome: 'deleted' }]);
    expect(await violations(d)).toEqual([]);
  });

  test('is reduced once more by the next purpose, of what both needed', async () => {
    const d = await registered('marketing', 'newsletter', 'service');
    consent(d, 'withdrawn', 'marketing', '2026-03-02T10:00:00Z');
    consent(d, 'withdrawn', 'newsletter', '2026-03-05T10:00:00Z');
    await d.runUntil('2026-03-08T12:00:00Z');
    expect(d.store.fields(['n-1'])).toEqual({ name: 'Ada', email: null, nickname: null, language: null });
    expect(entries(d)).toMatchObject([
      marketing,
      { part: 'purpose:newsletter', masks: { email: 'null', language: 'null' } },
    ]);
    expect(d.holding('n-1')?.state).toBe('active');
    expect(await violations(d)).toEqual([]);
  });

  test('loses nothing if consent is given again in time', async () => {
    const d = await registered('marketing', 'service');
    consent(d, 'withdrawn', 'marketing', '2026-03-02T10:00:00Z');
    await d.runUntil('2026-03-02T20:00:00Z');
    consent(d, 'given', 'marketing', '2026-03-02T20:00:00Z');
    await d.runUntil('2026-03-08T12:00:00Z');
    expect(d.store.fields(['n-1'])).toEqual(RECORD);
    expect(entries(d)).toEqual([]);
  });

  test('is reduced again when consent that was given afterwards is withdrawn, too', async () => {
    const d = await registered('marketing', 'service');
    consent(d, 'withdrawn', 'marketing', '2026-03-02T10:00:00Z');
    await d.runUntil('2026-03-04T12:00:00Z');
    consent(d, 'given', 'marketing', '2026-03-04T13:00:00Z');
    await d.runUntil('2026-03-05T12:00:00Z');
    d.store.put(['n-1'], { ...RECORD });
    consent(d, 'withdrawn', 'marketing', '2026-03-06T10:00:00Z');
    await d.runUntil('2026-03-08T12:00:00Z');
    expect(d.store.fields(['n-1'])).toEqual({ ...RECORD, email: null, nickname: null });
    expect(entries(d)).toHaveLength(2);
    expect(await violations(d)).toEqual([]);
  });

  test('keeps its fields while they are needed for a purpose of another registration', async () => {
    const d = await registered('marketing');
    d.registers('n-1', ['c-1'], { purposes: ['service'] });
    consent(d, 'withdrawn', 'marketing', '2026-03-02T10:00:00Z');
    await d.runUntil('2026-03-08T12:00:00Z');
    expect(d.store.fields(['n-1'])).toEqual({ ...RECORD, email: null, nickname: null });
    expect(d.holding('n-1')?.state).toBe('active');
  });
});

describe('a fact that arrives after a reduction', () => {
  test('and would have deleted the whole record by then has not come too late', async () => {
    const d = await registered('marketing', 'newsletter');
    consent(d, 'withdrawn', 'marketing', '2026-03-02T10:00:00Z');
    await d.runUntil('2026-03-04T12:00:00Z');
    expect(entries(d)).toEqual([marketing]);
    consent(d, 'withdrawn', 'newsletter', '2026-02-20');
    await d.runUntil('2026-03-06T12:00:00Z');
    expect(entries(d).at(-1)).toMatchObject({ stage: 'delete', outcome: 'deleted' });
    expect(notesIn(d)).toEqual([]);
    expect(d.holding('n-1')?.remarks).toBeUndefined();
    expect(await violations(d)).toEqual([]);
  });

  test('and would have kept the fields has an entry that says which part was masked', async () => {
    const d = await registered('marketing', 'service');
    consent(d, 'withdrawn', 'marketing', '2026-03-02T10:00:00Z');
    await d.runUntil('2026-03-04T12:00:00Z');
    consent(d, 'given', 'marketing', '2026-03-02T12:00:00Z');
    await d.runUntil('2026-03-06T12:00:00Z');
    expect(notesIn(d)).toMatchObject([
      {
        did: 'disposed-before-fact',
        stages: [{ stage: 'anonymise', part: 'purpose:marketing', outcome: 'anonymised' }],
      },
    ]);
    expect(await violations(d)).toEqual([]);
  });
});

test('an event about a purpose that the policy does not have is quarantined with its code', async () => {
  const d = await registered('marketing');
  consent(d, 'withdrawn', 'Marketing', '2026-03-02T10:00:00Z');
  d.happens('consent.withdrawn', 'c-1', '2026-03-02T10:00:00Z');
  await d.runUntil('2026-03-08T12:00:00Z');
  const codes = d.registry.allQuarantined().map(({ code }) => code);
  expect(codes.toSorted()).toEqual(['EVENT_PURPOSE_MISSING', 'EVENT_PURPOSE_UNKNOWN']);
  expect(d.store.fields(['n-1'])).toEqual(RECORD);
});
