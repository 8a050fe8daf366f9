import { describe, expect, test } from 'vitest';
import { censusId, censusSegment } from '../../../shared/protocol/census.ts';
import { SEGMENTS } from '../../../shared/protocol/walk.ts';
import { at, entriesOf } from '../../support/driver/dying-worker.ts';
import { type World, world } from '../../support/driver/world.ts';
import { anEvent, aRule } from '../../support/rules/rule-world.ts';

const START = '2026-03-01T10:00:00Z';
const DAY = 86_400_000;

/** A record of a person; where the person is says which rules count. */
async function recordOf(personal = false) {
  const rules = [
    aRule('30 days after account.closed'),
    aRule('1 day after account.closed', { level: 'jurisdiction', jurisdiction: 'US' }),
    aRule('anonymise 2 days after account.closed, then delete 10 days after contract.ended', {
      level: 'statutory',
      jurisdiction: 'DE',
      source: { document: 'Commercial Code' },
    }),
    aRule('anonymise 90 days after contract.ended, then delete 100 days after contract.ended', {
      level: 'statutory',
      jurisdiction: 'KZ',
      source: { document: 'Tax Code' },
    }),
  ];
  const w = world({
    start: START,
    policy: {
      categories: { notes: { rules, masks: { name: { kind: 'null' } } } },
      events: {
        'account.closed': anEvent({ entity: 'account' }),
        'contract.ended': anEvent(),
        'person.located': anEvent({ entity: 'person', personal, attributes: { place: 'text' } }),
      },
      jurisdictionFrom: { event: 'person.located', attribute: 'place' },
    },
  });
  const [account, contract, person] = [
    w.entity('account', 'a-1'),
    w.entity('contract', 'c-1'),
    w.entity('person', 'p-1'),
  ];
  w.store.put(['n-1'], { name: 'Ada' });
  await w.register(
    await w.registration('n-1', [account, contract, person], { attributes: { jurisdiction: 'FR' } }),
  );
  const moved = async (place: string, occurred: string, more: Parameters<World['fact']>[2] = {}) =>
    w.happened(person, { ...w.fact('person.located', occurred, more), attributes: { place } });
  await w.happened(account, w.fact('account.closed', '2026-03-01T12:00:00Z'));
  return { w, contract, person, moved };
}

function dueOf(w: World): number | undefined {
  return w.holding('n-1')?.decision?.actAt;
}

describe('a person who moves', () => {
  test('has the records planned by other rules at once, and back again', async () => {
    const { w, moved } = await recordOf();
    expect(dueOf(w)).toBe(at('2026-03-31T12:00:00Z'));
    await moved('US', '2026-03-01T09:00:00Z');
    expect(dueOf(w)).toBe(at('2026-03-02T12:00:00Z'));
    await moved('FR', '2026-03-01T09:30:00Z');
    expect(dueOf(w)).toBe(at('2026-03-31T12:00:00Z'));
  });

  test('has the records planned again when a move is corrected or retracted', async () => {
    const { w, person, moved } = await recordOf();
    await moved('US', '2026-03-01T09:00:00Z', { id: 'move' });
    await moved('FR', '2026-03-01T09:00:00Z', { id: 'correction', about: 'move' });
    expect(dueOf(w)).toBe(at('2026-03-31T12:00:00Z'));
    await w.happened(person, w.fact('', '', { id: 'retraction', about: 'correction' }));
    expect(dueOf(w)).toBe(at('2026-03-02T12:00:00Z'));
  });

  test('has nothing changed by a move that was announced, until it comes, and then in time', async () => {
    const { w, moved } = await recordOf();
    await moved('US', '2026-03-05T09:00:00Z');
    expect(w.holding('n-1')?.decision).toMatchObject({
      actAt: at('2026-03-31T12:00:00Z'),
      changesAt: at('2026-03-05T09:00:00Z'),
    });
    await w.run(at('2026-03-05T08:59:00Z'));
    expect(w.store.fields(['n-1'])).toBeDefined();
    // The rule of the new place was due before the move.
    await w.run(at('2026-03-05T09:15:00Z'));
    expect(w.store.fields(['n-1'])).toBeUndefined();
  });

  test('is found by the census if the hint for an announced move is lost', async () => {
    const { w, moved } = await recordOf();
    await moved('DE', '2026-03-20T09:00:00Z');
    w.registry.expireHints(Infinity);
    for (let segment = 0; segment < SEGMENTS; segment += 1)
      await censusSegment(w.core, { walk: censusId(w.clock.now()), segment }, () => true);
    await w.run(at('2026-03-20T09:15:00Z'));
    expect(w.store.fields(['n-1'])).toEqual({ name: null });
  });

  test('has nothing done again that was done before the move', async () => {
    const { w, contract, moved } = await recordOf();
    await moved('DE', '2026-03-01T09:00:00Z');
    await w.run(at('2026-03-04T00:00:00Z'));
    expect(w.holding('n-1')?.done?.map(({ stage }) => stage)).toEqual(['anonymise']);
    await w.happened(contract, w.fact('contract.ended', '2026-03-02T00:00:00Z'));
    await moved('KZ', '2026-03-04T00:00:00Z');
    // Its rule anonymises 90 days after another event, and that is done already.
    expect(w.holding('n-1')?.decision).toMatchObject({
      stage: 'delete',
      actAt: at('2026-03-02T00:00:00Z') + 100 * DAY,
    });
    await w.run(at('2026-03-02T00:00:00Z') + 101 * DAY);
    const stages = entriesOf(w).map(({ stage }) => stage);
    expect(stages).toEqual(['anonymise', 'delete']);
  });

  test.each([
    [false, { type: 'person.located', occurred: '2026-03-01T09:00:00Z' }],
    [true, { type: 'person.located' }],
  ])('is named in the entry with the fact that chose the rules (personal: %s)', async (personal, fact) => {
    const { w, moved } = await recordOf(personal);
    await moved('US', '2026-03-01T09:00:00Z');
    await w.run(at('2026-03-03T00:00:00Z'));
    const [entry] = entriesOf(w);
    expect(entry?.facts).toEqual([{ type: 'account.closed', occurred: '2026-03-01T12:00:00Z' }, fact]);
    expect(entry?.due).toBe('2026-03-02T12:00:00.000Z');
  });
});
