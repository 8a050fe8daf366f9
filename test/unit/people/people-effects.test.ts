import { describe, expect, test } from 'vitest';
import { foldProfile } from '../../../shared/domain/configuration/fold-profile.ts';
import type { Occurrence } from '../../../shared/domain/facts/facts.ts';
import {
  EFFECT_ATTRIBUTES,
  EFFECT_TYPES,
  ERASE_REQUESTED,
  isEffectType,
  OBJECTED,
  parseScope,
  requestsOf,
  RESTRICT_REQUESTED,
  RESTRICTION_RELEASED,
  scopeText,
} from '../../../shared/domain/people/effects.ts';
import type { Attributes } from '../../../shared/domain/record/about.ts';
import type { Occurred } from '../../../shared/domain/record/ids.ts';
import { anEventRef, at } from '../../support/samples.ts';

const MAY = '2026-05-01T10:00:00Z';
const JUNE = '2026-06-01T10:00:00+02:00';

function occurrence(name: string, occurred: string, attributes: Attributes): Occurrence {
  return { ref: anEventRef(name), occurred: occurred as Occurred, sent: at(occurred), attributes };
}

describe('the requests among the facts of a person', () => {
  test('are read with their scope and their instant, the earliest first', () => {
    const scope = scopeText({ categories: ['invoice'] });
    const occurrences = {
      [ERASE_REQUESTED]: [occurrence('e', JUNE, { request: 'r-2', scope, alsoLater: true })],
      [OBJECTED]: [occurrence('o', MAY, { request: 'r-1', scope: scopeText({ purposes: ['marketing'] }) })],
    };
    expect(requestsOf({ occurrences })).toEqual([
      {
        kind: 'object',
        ref: anEventRef('o'),
        request: 'r-1',
        at: at(MAY),
        scope: { purposes: ['marketing'] },
      },
      {
        kind: 'erase',
        ref: anEventRef('e'),
        request: 'r-2',
        at: at('2026-06-01T08:00:00Z'),
        scope: { categories: ['invoice'] },
        alsoLater: true,
      },
    ]);
  });

  test('say from when a restriction is released, by its own request only', () => {
    const all = scopeText({ all: true });
    const occurrences = {
      [RESTRICT_REQUESTED]: [
        occurrence('a', MAY, { request: 'r-1', scope: all, forbidsDeletion: true }),
        occurrence('b', JUNE, { request: 'r-2', scope: all, forbidsDeletion: false }),
      ],
      [RESTRICTION_RELEASED]: [occurrence('c', JUNE, { request: 'r-1' })],
    };
    expect(requestsOf({ occurrences })).toMatchObject([
      { request: 'r-1', forbidsDeletion: true, released: at('2026-06-01T08:00:00Z') },
      { request: 'r-2', forbidsDeletion: false },
    ]);
    expect(requestsOf({ occurrences })[1]).not.toHaveProperty('released');
  });

  test('are kept whole by every fold, whatever the policies say', () => {
    const { types } = foldProfile({ policies: [] });
    for (const type of EFFECT_TYPES) expect(types[type]).toEqual({ undoneBy: [], keepAll: true });
    expect(EFFECT_TYPES.every(isEffectType)).toBe(true);
    expect(isEffectType('contract.ended')).toBe(false);
  });

  test('name their request, scope and what else they ask for in attributes', () => {
    expect(Object.keys(EFFECT_ATTRIBUTES)).toEqual(['request', 'scope', 'alsoLater', 'forbidsDeletion']);
  });
});

test('no request counts from after it was sent', () => {
  const attributes = { request: 'r', scope: scopeText({ all: true }) };
  const early = { ...occurrence('e', JUNE, attributes), sent: at(MAY) };
  expect(requestsOf({ occurrences: { [ERASE_REQUESTED]: [early] } })).toMatchObject([{ at: at(MAY) }]);
});

describe('the scope of a request', () => {
  test.each([
    { all: true } as const,
    { categories: ['a', 'b'] },
    { purposes: ['marketing'] },
    { producers: ['shop'] },
  ])('%j is read as it was written', (scope) => {
    expect(parseScope(scopeText(scope))).toEqual(scope);
  });

  test.each([
    '',
    '{',
    'null',
    '[]',
    '"all"',
    '{}',
    '{"all":false}',
    '{"all": true}',
    '{"categories":[]}',
    '{"categories":[1]}',
    '{"everything":["a"]}',
    '{"all":true,"categories":["a"]}',
  ])('%s is none', (text) => {
    expect(parseScope(text)).toBeUndefined();
  });

  test('that cannot be read covers nothing', () => {
    const occurrences = { [ERASE_REQUESTED]: [occurrence('e', MAY, { request: 'r', scope: 'everything' })] };
    expect(requestsOf({ occurrences })).toMatchObject([{ scope: { categories: [] } }]);
  });
});
