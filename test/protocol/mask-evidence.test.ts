import { expect, test } from 'vitest';
import type { Masks } from '../../shared/domain/record/masks.ts';
import { driver, type Driver } from '../support/driver/driver.ts';
import { entriesIn } from '../support/driver/violations.ts';
import { aPolicy, aRule } from '../support/rules/rule-world.ts';

/** A record that was due for masking on 3 March at 10:01; now it is noon. */
async function due(masks: Masks): Promise<Driver> {
  const rules = [aRule('anonymise 1 day after contract.ended')];
  const policies = [aPolicy({}, { categories: { notes: { rules, masks } } })];
  const d = await driver({ start: '2026-03-03T08:30:00Z', policies });
  d.registers('n-1', ['c-1']);
  d.store.put(['n-1'], { text: 'hello', mail: 'ada' });
  d.happens('contract.ended', 'c-1', '2026-03-02T10:00:00Z');
  await d.runUntil('2026-03-03T12:00:00Z');
  return d;
}

const logged = (d: Driver): string[] =>
  entriesIn(d).map(({ entry }) => [entry.outcome, entry.answer].filter(Boolean).join(' '));

test.each<[string, Masks]>([
  ['is misspelled', { text: { kind: 'null' }, mial: { kind: 'null' } }],
  ['is inside another', { text: { kind: 'null' }, 'mail.address': { kind: 'null' } }],
])(
  'a record whose masked field %s is refused in the log, is not done, and stays as it is',
  async (_, masks) => {
    const d = await due(masks);
    expect(new Set(logged(d))).toEqual(new Set(['refused STORE_SCHEMA']));
    expect(d.holding('n-1')?.done ?? []).toEqual([]);
    expect(d.holding('n-1')?.state).toBe('active');
    expect(d.store.fields(['n-1'])).toEqual({ text: 'hello', mail: 'ada' });
  },
);

test('a record that may lack the field is masked where it has it', async () => {
  const d = await due({ text: { kind: 'null' }, phone: { kind: 'null', ifPresent: true } });
  expect(logged(d)).toEqual(['anonymised']);
  expect(d.holding('n-1')?.done).toHaveLength(1);
  expect(d.store.fields(['n-1'])).toEqual({ text: null, mail: 'ada' });
});
