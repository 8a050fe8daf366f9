import { collectionOf } from '../../domain/collections/collections-of.ts';
import type { Holding } from '../../domain/record/holding.ts';
import { present } from '../../domain/present.ts';
import type { Place } from '../../ports/store.ts';
import type { LaneCore } from '../core.ts';
import { LOCATOR_BROKEN, openSealed } from '../lane/locators.ts';

export type OpenedPlace =
  | { readonly state: 'opened'; readonly place: Place }
  /** To be tried again. */
  | { readonly state: 'failed'; readonly code: string }
  | { readonly state: 'set-aside'; readonly code: string };

/** The code of a collection that is no longer configured, or for another type of entity. */
const COLLECTION_UNKNOWN = 'COLLECTION_UNKNOWN';

/** Where a collection's records are: by the configuration of now, with the entity's id, which is sealed in the holding. */
export async function placeOfCollection(core: LaneCore, holding: Holding): Promise<OpenedPlace> {
  const defined = collectionOf(core.configuration, holding);
  if (defined === undefined) return { state: 'set-aside', code: COLLECTION_UNKNOWN };
  const opened = await openSealed(core, holding);
  switch (opened.state) {
    case 'failed':
      return opened;
    case 'broken':
      return { state: 'set-aside', code: LOCATOR_BROKEN };
    case 'opened': {
      const [value, ...more] = Array.isArray(opened.locator) ? opened.locator : [];
      if (typeof value !== 'string' || more.length > 0) return { state: 'set-aside', code: LOCATOR_BROKEN };
      const { by, where } = defined;
      return { state: 'opened', place: { by, value, ...present({ where }) } };
    }
  }
}
