import { describe, expect, test } from 'vitest';
import type { DoneStage } from '../../../shared/domain/plan/done.ts';
import type { Plan } from '../../../shared/domain/plan/plan.ts';
import { erase, release, restrict } from '../../support/people/request-world.ts';
import { aPolicy, aRule, iso, planOf, type Subject, type World } from '../../support/rules/rule-world.ts';

const ASKED = '2026-05-01T10:00:30Z';
const RELEASED = '2026-06-01T12:00:00Z';
const AFTER = '2026-06-02T00:00:00Z';
const DONE: readonly DoneStage[] = [{ action: 'restrict', at: Date.parse('2026-05-01T10:02:00Z') }];
const RULE = '3 years after contract.ended';

interface Ask extends Partial<World> {
  readonly text?: string;
  readonly events?: Subject['events'];
  readonly person?: Subject['events'];
}

function ask({ text = RULE, events = {}, person = restrict(ASKED), ...world }: Ask = {}): Plan {
  return planOf({
    policies: [aPolicy({ records: [aRule(text)] })],
    subjects: [{ events }, { type: 'person', events: person }],
    now: '2026-05-02T00:00:00Z',
    canRestrict: true,
    ...world,
  });
}

const actionsOf = ({ stages }: Plan): string[] => stages.map(({ action, status }) => `${action} ${status}`);

describe('a restriction request', () => {
  test('restricts the record at once, whatever its rules say', () => {
    const plan = ask();
    expect(actionsOf(plan)).toEqual(['restrict due', 'delete undetermined']);
    expect(plan.next).toMatchObject({
      action: 'restrict',
      ruleText: 'restriction request of the person',
      facts: [{ type: 'tenure.request.restrict', occurred: '2026-05-01T10:00:30.000Z' }],
      window: { floor: Date.parse(ASKED), basis: 'policy' },
    });
    expect(iso(plan.next?.actAt)).toBe('2026-05-01T10:01:00Z');
  });

  test('comes before a deletion that is due already: what is under a hold can be restricted', () => {
    const plan = ask({ events: { 'contract.ended': '2020-01-01' } });
    expect(plan.next).toMatchObject({ action: 'restrict' });
    expect(ask({ events: { 'contract.ended': '2020-01-01' }, done: DONE }).next).toMatchObject({
      action: 'delete',
    });
  });

  test('restricts what was masked before: it can still be used', () => {
    const masked: readonly DoneStage[] = [{ action: 'anonymise', at: Date.parse('2026-01-01T00:00:00Z') }];
    const text = 'anonymise within 1 hour after contract.ended, then delete 5 years after contract.ended';
    const asked = { text, events: { 'contract.ended': '2026-01-01' } };
    expect(ask({ ...asked, done: masked }).next).toMatchObject({ action: 'restrict', status: 'due' });
    expect(ask({ ...asked, done: [...masked, ...DONE] }).next).toMatchObject({ action: 'delete' });
  });

  test('covers what is registered later, too', () => {
    expect(ask({ variants: [{ sent: Date.parse(AFTER) }] }).next).toMatchObject({ action: 'restrict' });
  });

  test('does nothing where the store cannot restrict, or where its scope is another one', () => {
    expect(actionsOf(ask({ canRestrict: false }))).toEqual(['delete undetermined']);
    const person = restrict(ASKED, { scope: { categories: ['letters'] } });
    expect(actionsOf(ask({ person }))).toEqual(['delete undetermined']);
  });

  test('that forbids deletion holds what is due until it is released', () => {
    const asked = restrict(ASKED, { forbidsDeletion: true });
    const events = { 'contract.ended': '2020-01-01' };
    const held = ask({ events, person: asked, done: DONE });
    expect(held.next).toMatchObject({
      action: 'delete',
      heldByRule: true,
      reasons: [
        expect.stringMatching(
          /^the restriction request of 2026-05-01T10:00:30.* forbids deletion until it is released$/,
        ),
      ],
    });
    const withoutMarker = ask({ events, person: asked, canRestrict: false });
    expect(withoutMarker.next).toMatchObject({ action: 'delete', heldByRule: true });
    const person = { ...asked, ...release(RELEASED) };
    const freed = ask({ events, person, done: [...DONE, { action: 'lift' }], now: AFTER });
    expect(freed.next).toMatchObject({ action: 'delete' });
    expect(freed.next).not.toHaveProperty('heldByRule');
  });
});

describe('a restriction that was carried out', () => {
  test('is lifted when its request is released, from the release on', () => {
    const person = { ...restrict(ASKED), ...release(RELEASED) };
    const early = ask({ person, done: DONE, now: '2026-06-01T11:59:59Z' });
    expect(actionsOf(early)).toEqual(['restrict done', 'delete undetermined']);
    const plan = ask({ person, done: DONE, now: AFTER });
    expect(actionsOf(plan)).toEqual(['lift due', 'delete undetermined']);
    expect(plan.next).toMatchObject({
      action: 'lift',
      ruleText: 'nothing restricts the record any more',
      facts: [{ type: 'tenure.request.released' }],
    });
    expect(iso(plan.next?.actAt)).toBe(RELEASED);
    const lifted = ask({ person, done: [...DONE, { action: 'lift' }], now: AFTER });
    expect(actionsOf(lifted)).toEqual(['delete undetermined']);
  });

  test('is lifted when its request is cancelled, as if it had never been', () => {
    const plan = ask({ person: {}, done: DONE, now: AFTER });
    expect(plan.next).toMatchObject({ action: 'lift', facts: [] });
    expect(iso(plan.next?.actAt)).toBe('2026-05-01T10:02:00Z');
    expect(plan.next).not.toHaveProperty('deadline');
    expect(actionsOf(ask({ person: {}, done: [] }))).toEqual(['delete undetermined']);
  });

  test('stays while another reason is left', () => {
    const asked = [
      { occurred: ASKED, sent: ASKED, attributes: { request: 'r-1', scope: '{"all":true}' } },
      { occurred: AFTER, sent: AFTER, attributes: { request: 'r-2', scope: '{"all":true}' } },
    ];
    const person = { 'tenure.request.restrict': asked, ...release(RELEASED) };
    expect(actionsOf(ask({ person, done: DONE, now: AFTER }))[0]).toBe('restrict done');
    const kept = { ...restrict(ASKED), ...release(RELEASED), ...erase(AFTER) };
    const policies = [aPolicy({ records: [aRule(RULE, { level: 'statutory' })] })];
    expect(actionsOf(ask({ person: kept, policies, done: DONE, now: '2026-06-03T00:00:00Z' }))).toEqual([
      'restrict done',
      'delete undetermined',
    ]);
  });

  test('is carried out again after it was lifted', () => {
    const done: readonly DoneStage[] = [...DONE, { action: 'lift' }];
    expect(ask({ person: restrict(AFTER), done, now: '2026-06-03T00:00:00Z' }).next).toMatchObject({
      action: 'restrict',
    });
  });

  test('is neither lifted nor stops a deletion while its store has lost the option, and is lifted when it has it again', () => {
    const events = { 'contract.ended': '2020-01-01' };
    for (const person of [restrict(ASKED), { ...restrict(ASKED), ...release(RELEASED) }]) {
      const plan = ask({ person, events, done: DONE, now: AFTER, canRestrict: false });
      expect(actionsOf(plan)).toEqual(['delete due']);
      expect(plan.next).toMatchObject({ action: 'delete' });
    }
    expect(actionsOf(ask({ done: DONE, now: AFTER }))[0]).toBe('restrict done');
    const person = { ...restrict(ASKED), ...release(RELEASED) };
    expect(ask({ person, done: DONE, now: AFTER }).next).toMatchObject({ action: 'lift' });
  });

  test('is carried out again when new content was registered, and lifted all the same', () => {
    const stale: readonly DoneStage[] = DONE.map((one) => ({ ...one, isDueAgain: true }));
    expect(ask({ done: stale }).next).toMatchObject({ action: 'restrict' });
    const person = { ...restrict(ASKED), ...release(RELEASED) };
    expect(ask({ person, done: stale, now: AFTER }).next).toMatchObject({ action: 'lift' });
  });
});

describe('a rule that restricts', () => {
  const text = 'restrict upon account.disconnected, then delete 3 years after account.disconnected';
  const world = (events: Subject['events'], changes: Ask = {}): Plan =>
    planOf({
      policies: [aPolicy({ records: [aRule(text)] })],
      subjects: [{ type: 'account', events }],
      now: AFTER,
      canRestrict: true,
      ...changes,
    });
  const gone = { 'account.disconnected': ASKED };

  test('is lifted when what it follows from is undone', () => {
    expect(world(gone).next).toMatchObject({ action: 'restrict', ruleText: text });
    expect(actionsOf(world(gone, { done: DONE }))).toEqual(['restrict done', 'delete due']);
    const back = { ...gone, 'account.reconnected': { occurred: RELEASED, sent: RELEASED } };
    const stale = DONE.map((one) => ({ ...one, isDueAgain: true as const }));
    expect(actionsOf(world(back, { done: stale }))).toEqual([
      'lift due',
      'restrict undetermined',
      'delete undetermined',
    ]);
    expect(actionsOf(world(back))).toEqual(['restrict undetermined', 'delete undetermined']);
  });

  test('keeps what a request restricted, from its own date on', () => {
    const later = { 'account.disconnected': { occurred: '2026-07-01', sent: ASKED } };
    const stale = DONE.map((one) => ({ ...one, isDueAgain: true as const }));
    const waiting = world(later, { done: stale, now: AFTER });
    expect(actionsOf(waiting)).toEqual(['lift due', 'restrict due', 'delete due']);
    expect(waiting.next).toMatchObject({ action: 'lift' });
  });
});

describe('a conflict with a law', () => {
  const policies = [
    aPolicy({
      records: [
        aRule('10 years after contract.ended', { level: 'statutory' }),
        aRule('within 5 years after contract.ended', { level: 'statutory' }),
      ],
    }),
  ];
  const conflict = (now: string, canRestrict = true): Plan =>
    ask({ policies, events: { 'contract.ended': '2020-01-01' }, person: {}, canRestrict, now });

  test('keeps the record, restricted from when it should have gone', () => {
    const plan = conflict('2024-01-01T00:00:00Z');
    expect(actionsOf(plan)).toEqual(['restrict due', 'delete conflict']);
    expect(plan.next).toMatchObject({ action: 'restrict', window: { basis: 'law' } });
    expect(iso(plan.next?.actAt)).toBe('2025-01-02T00:00:00Z');
    expect(conflict('2024-01-01T00:00:00Z', false)).toMatchObject({ status: 'conflict' });
  });
});
