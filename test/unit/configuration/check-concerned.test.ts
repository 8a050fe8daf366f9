import { describe, expect, test } from 'vitest';
import { checkConcerned } from '../../../shared/domain/configuration/check-concerned.ts';
import { concernedTypes } from '../../../shared/domain/facts/concerned-types.ts';
import type { Occurred } from '../../../shared/domain/record/ids.ts';
import type { SentCorrection, SentRetraction } from '../../../shared/domain/record/incoming.ts';
import { configuration } from '../../support/api-world.ts';
import { aFact, anEventRef } from '../../support/samples.ts';

const SHOP = { role: 'producer', producer: 'shop' } as const;
const OPERATOR = { role: 'operator' } as const;
const entity = { type: 'contract', id: 'c-9' };
const sent = { id: 'e-2', source: 'shop.example', entity };
const retraction: SentRetraction = { ...sent, kind: 'retraction', retracts: 'e-1' };
const correction: SentCorrection = {
  ...sent,
  kind: 'correction',
  type: 'contract.renewed',
  corrects: 'e-1',
  occurred: '2026-03-01' as Occurred,
};
const OK = { ok: true, value: undefined };
const refusal = (code: string, path: string) => ({ ok: false, code, path });

describe('what a correction or retraction is about', () => {
  const event = aFact('e', { type: 'a' });
  const first = aFact('c1', { kind: 'correction', type: 'b', about: anEventRef('e') });
  const second = aFact('c2', { kind: 'correction', type: 'c', about: anEventRef('c1') });
  const taken = aFact('r', { kind: 'retraction', type: '', about: anEventRef('c2') });

  test('is the event and every correction between, in whatever order they arrived', () => {
    for (const history of [
      [event, first, second, taken],
      [taken, second, first, event],
    ]) {
      expect(concernedTypes(history, anEventRef('e'))).toEqual(['a']);
      expect(concernedTypes(history, anEventRef('c2')).toSorted()).toEqual(['a', 'b', 'c']);
      expect(concernedTypes(history, anEventRef('r')).toSorted()).toEqual(['a', 'b', 'c']);
    }
  });

  test('is what has arrived, and ends where corrections go in a circle', () => {
    expect(concernedTypes([], anEventRef('e'))).toEqual([]);
    expect(concernedTypes([second], anEventRef('c2'))).toEqual(['c']);
    const circle = [first, aFact('e', { kind: 'correction', type: 'a', about: anEventRef('c1') })];
    expect(concernedTypes(circle, anEventRef('c1')).toSorted()).toEqual(['a', 'b']);
  });
});

describe('the grant for it', () => {
  test('is needed by a producer, for every type on the way', () => {
    expect(checkConcerned(configuration, SHOP, retraction, [])).toEqual(OK);
    expect(checkConcerned(configuration, SHOP, retraction, ['contract.ended'])).toEqual(OK);
    const types = ['contract.ended', 'person.left'];
    expect(checkConcerned(configuration, SHOP, retraction, types)).toEqual(
      refusal('CONCERNED_NOT_GRANTED', 'data.retracts'),
    );
    expect(checkConcerned(configuration, SHOP, correction, ['person.left'])).toEqual(
      refusal('CONCERNED_NOT_GRANTED', 'data.corrects'),
    );
    const unknown = { role: 'producer', producer: 'constructor' } as const;
    expect(checkConcerned(configuration, unknown, retraction, ['contract.ended'])).toMatchObject({
      ok: false,
    });
  });

  test('is not needed by an operator, who cannot give the event a type that the producer may not send', () => {
    const forShop = { producer: 'shop' };
    expect(checkConcerned(configuration, OPERATOR, { ...retraction, ...forShop }, ['person.left'])).toEqual(
      OK,
    );
    const left = { ...correction, ...forShop, type: 'person.left' };
    expect(checkConcerned(configuration, OPERATOR, left, ['person.left'])).toEqual(OK);
    expect(checkConcerned(configuration, OPERATOR, { ...correction, ...forShop }, ['person.left'])).toEqual(
      OK,
    );
    expect(checkConcerned(configuration, OPERATOR, left, ['contract.ended'])).toEqual(
      refusal('EVENT_NOT_GRANTED', 'type'),
    );
    expect(checkConcerned(configuration, OPERATOR, left, [])).toEqual(refusal('EVENT_NOT_GRANTED', 'type'));
  });
});
