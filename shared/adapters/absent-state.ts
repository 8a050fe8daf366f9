import type { EntityState } from '../domain/facts/facts.ts';
import { deepFreeze } from './deep-freeze.ts';

/** What `states` answers for an entity of which nothing is stored. */
export const ABSENT_STATE: EntityState = deepFreeze({
  version: 0,
  profile: '',
  occurrences: {},
  killed: [],
  holds: [],
});
