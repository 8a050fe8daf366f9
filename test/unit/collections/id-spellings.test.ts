import { expect, test } from 'vitest';
import { idSpellings, isRespelledUuid } from '../../../shared/domain/collections/id-spellings.ts';
import type { Normalisation } from '../../../shared/domain/configuration/configuration.ts';

const UUID = '0190f3c2-7e4b-7c3a-9d55-1f2e3d4c5b6a';
const CAPITALS = UUID.toUpperCase();
const BARE = UUID.replaceAll('-', '');

test.each<[id: string, normalise: readonly Normalisation[], ids: readonly string[]]>([
  ['a-1', [], ['a-1']],
  [' A-1 ', ['trim', 'lowercase'], [' A-1 ', 'a-1']],
  [UUID, [], [UUID]],
  [CAPITALS, [], [CAPITALS, UUID]],
  [CAPITALS, ['lowercase'], [CAPITALS, UUID]],
  [BARE, [], [BARE, UUID]],
  [BARE.toUpperCase(), ['lowercase'], [BARE.toUpperCase(), BARE, UUID]],
  [`{${UUID}}`, [], [`{${UUID}}`]],
  ['042', [], ['042']],
])('records may carry %j, normalised by %j, as any of %j', (id, normalise, ids) => {
  expect(idSpellings(id, normalise)).toEqual(ids);
});

test('only a uuid has another spelling that is known', () => {
  expect([UUID, CAPITALS, BARE, 'A-1', '042', ''].filter((id) => isRespelledUuid(id))).toEqual([
    CAPITALS,
    BARE,
  ]);
});
