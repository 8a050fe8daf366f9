import type { DatasetConfiguration } from '../configuration/configuration.ts';
import type { EntityState, FoldProfile, Occurrence } from '../facts/facts.ts';
import { earliest } from '../facts/occurrence-time.ts';
import { present } from '../present.ts';
import type { AboutEntity, Attributes } from '../record/about.ts';
import type { Holding } from '../record/holding.ts';
import type { EntityRef, EventRef, HoldingRef, Instant, Occurred } from '../record/ids.ts';

/** A dataset, the store that it is in, and the type of the entity to which its clocks' events happen: the row itself. */
export interface DefinedDataset extends DatasetConfiguration {
  readonly store: string;
  readonly type: string;
}

/** What is read of a row to plan it. */
export interface RowFacts {
  readonly ref: HoldingRef;
  /** By event: when it happened. Absent: it has not. */
  readonly clocks: Readonly<Record<string, Occurred>>;
  readonly attributes?: Attributes;
  /** Whom its columns name. */
  readonly entities: readonly AboutEntity[];
}

/** Stands for the row among its entities. It is not a reference of the registry, so no event of an application reaches it. */
const ROW = 'tenure.row' as EntityRef;

/**
 * The row as a holding that was registered just now, by its producer: what people asked for before does not count for it,
 * because it is not known when the row was written. Requests reach rows by a collection.
 */
export function rowHolding(dataset: DefinedDataset, row: RowFacts, now: Instant): Holding {
  const { producer, category, store, type } = dataset;
  const entities = [{ type, ref: ROW }, ...row.entities];
  return unregistered({ producer, category, store, ...row, entities }, now);
}

interface Unregistered extends Pick<DefinedDataset, 'store' | 'producer' | 'category'> {
  readonly ref: HoldingRef;
  readonly entities: readonly AboutEntity[];
  readonly attributes?: Attributes;
}

/** What is in no registry, as a holding of one category. */
export function unregistered(
  { ref, store, producer, category, entities, attributes }: Unregistered,
  now: Instant,
): Holding {
  return {
    ref,
    version: 1,
    generation: 1,
    state: 'active',
    store,
    registeredAt: now,
    variants: [
      {
        producer,
        content: '',
        categories: [category],
        purposes: [],
        entities,
        sent: now,
        received: now,
        since: 1,
        folded: 1,
        ...present({ attributes }),
      },
    ],
  };
}

/** What is known of the row itself, and of the others that it names. */
export function rowStates(
  clocks: RowFacts['clocks'],
  states: ReadonlyMap<EntityRef, EntityState>,
  profile: FoldProfile,
): ReadonlyMap<EntityRef, EntityState> {
  return new Map([...states, [ROW, stateOfRow(clocks, profile)]]);
}

/** Each column is one fact. It counts as sent when it happened: a row does not say since when it says so. */
export function stateOfRow(clocks: RowFacts['clocks'], { digest }: FoldProfile): EntityState {
  const occurrences = Object.entries(clocks).map(([event, occurred]): [string, readonly Occurrence[]] => [
    event,
    [{ ref: event as EventRef, occurred, sent: earliest(occurred) }],
  ]);
  return {
    version: 1,
    profile: digest,
    occurrences: Object.fromEntries(occurrences),
    rebuilt: 0,
    dangling: [],
    holds: [],
  };
}
