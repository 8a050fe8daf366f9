import { dayId } from '../../../shared/domain/calendar/utc-time.ts';
import type { CollectionConfiguration } from '../../../shared/domain/configuration/configuration.ts';
import { collectionRef, holdingRef } from '../../../shared/domain/configuration/references.ts';
import type { AboutEntity } from '../../../shared/domain/record/about.ts';
import type { Holding } from '../../../shared/domain/record/holding.ts';
import type { HoldingRef } from '../../../shared/domain/record/ids.ts';
import { rePlan } from '../../../shared/protocol/plan-writer.ts';
import { PRODUCER, STORE, world, type World, type WorldOptions } from '../driver/world.ts';

/** All notes of a contract are one collection: rows of the store that carry its id. */
export const NOTES: CollectionConfiguration = {
  category: 'notes',
  entity: 'contract',
  by: 'contract',
  producer: PRODUCER,
};

export function collectionWorld(options: WorldOptions = {}): World {
  return world({ collections: [NOTES], ...options });
}

async function refOfCollection(w: Pick<World, 'core'>, id: string): Promise<HoldingRef> {
  return collectionRef(await w.core.keys.registryKey(), STORE, NOTES.category, id);
}

export async function refOfRow(w: Pick<World, 'core'>, row: string): Promise<HoldingRef> {
  return holdingRef(await w.core.keys.registryKey(), STORE, JSON.stringify([row]));
}

type Collecting = Pick<World, 'clock' | 'core' | 'entity'> & { readonly registry: World['core']['registry'] };

/** What ingest does with the first event about a contract. */
export async function collected(
  w: Collecting,
  id: string,
): Promise<{ readonly contract: AboutEntity; readonly ref: HoldingRef }> {
  const contract = w.entity('contract', id);
  const ref = await refOfCollection(w, id);
  const now = w.clock.now();
  const scope = { scope: STORE, context: ref };
  const locator = await w.core.keys.encrypt(scope, dayId(now), Buffer.from(JSON.stringify([id])));
  const holding: Holding = {
    ref,
    version: 1,
    generation: 1,
    state: 'active',
    store: STORE,
    collection: NOTES.category,
    locator,
    registeredAt: now,
    variants: [
      {
        producer: PRODUCER,
        content: 'collection',
        categories: [NOTES.category],
        purposes: [],
        entities: [contract],
        sent: now,
        received: now,
        since: 1,
        folded: 1,
      },
    ],
  };
  await w.registry.putPointers([contract.ref], ref);
  await w.registry.writeHoldings([{ before: undefined, after: holding }]);
  await rePlan(w.core, [ref]);
  return { contract, ref };
}

/** The application writes rows of a contract. */
export function writes(w: Pick<World, 'store'>, contract: string, rows: readonly string[]): void {
  for (const row of rows) w.store.put([row], { contract, email: `${row}@example.com` });
}

export function rowNames(count: number, prefix = 'r'): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}-${String(index).padStart(6, '0')}`);
}

/** A row that its application has registered on its own, about a contract. */
export async function registersRow(
  w: World,
  row: string,
  about: readonly AboutEntity[],
): Promise<HoldingRef> {
  const ref = await refOfRow(w, row);
  const registration = await w.registration(row, about);
  const scope = { scope: STORE, context: ref };
  const locator = await w.core.keys.encrypt(scope, dayId(w.clock.now()), Buffer.from(JSON.stringify([row])));
  await w.register({ ...registration, ref, locator });
  return ref;
}

export function holdingOf(w: Pick<World, 'registry'>, ref: HoldingRef): Holding | undefined {
  return w.registry.allHoldings().find((one) => one.ref === ref);
}
