import type { EntityState } from '../domain/facts/facts.ts';
import { deepFreeze } from './deep-freeze.ts';

/** What `states` returns for an entity without a stored state. */
export const ABSENT_STATE: EntityState = deepFreeze({
  version: 0,
  profile: '',
  occurrences: {},
  rebuilt: 0,
  dangling: [],
  holds: [],
});
