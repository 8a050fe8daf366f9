import { dayId } from '../../../shared/domain/calendar/utc-time.ts';
import { collectionRef } from '../../../shared/domain/configuration/references.ts';
import type { AboutEntity } from '../../../shared/domain/record/about.ts';
import type { Holding } from '../../../shared/domain/record/holding.ts';
import { aHolding, aVariant } from '../samples.ts';
import { COLLECTED, type ExportWorld, KEY, person, ROWS, START } from './export-world.ts';

const HOUR = 3_600_000;

export interface Collected {
  readonly store?: string;
  /** As records carry it. */
  readonly id?: string;
  readonly about?: AboutEntity;
  readonly holding?: Partial<Holding>;
}

/** The collection of an entity in a store, as ingest makes it. */
export async function collects(w: ExportWorld, collected: Collected = {}): Promise<Holding> {
  const { store = ROWS, id = 'me', about = person('me'), holding = {} } = collected;
  const category = store === ROWS ? 'notes' : 'letters';
  const ref = collectionRef(KEY, store, category, id);
  const locator = await w.keys.encrypt(
    { scope: store, context: ref },
    dayId(START),
    Buffer.from(JSON.stringify([id])),
  );
  const registeredAt = START - HOUR;
  const variant = aVariant(id, {
    producer: COLLECTED.producer,
    categories: [category],
    purposes: [],
    entities: [about],
    sent: registeredAt,
    received: registeredAt,
  });
  const { hintAt: _, decision: _decision, ...plain } = aHolding(id);
  const after: Holding = {
    ...plain,
    ref,
    store,
    collection: category,
    locator,
    registeredAt,
    variants: [variant],
    ...holding,
  };
  await w.registry.putPointers([about.ref], ref);
  await w.registry.writeHoldings([{ before: undefined, after }]);
  return after;
}

/** Rows that carry the id. */
export function owns(w: ExportWorld, ids: readonly string[], store = ROWS, owner = 'me'): void {
  for (const id of ids) w.store(store).put([id], { owner, text: `text of ${id}` });
}

export function rowNames(count: number): readonly string[] {
  return Array.from({ length: count }, (_, n) => `r-${String(n).padStart(5, '0')}`);
}
