import type { Case } from '../cases.ts';
import { type Cast, denied } from '../cast.ts';
import { type CheckedApp, laneKeyUses } from '../function-calls.ts';

const USES = ['kms:Decrypt', 'kms:GenerateDataKey', 'kms:Encrypt', 'kms:CreateGrant'];

/** Keys of the owners of stores: a lane uses its own one, for what its kind of store needs. */
export function deniedLaneKeys({ lanes, roles, deployed }: Cast, { laneKeys }: CheckedApp): readonly Case[] {
  const kindOf = (store: string): string => {
    const api = deployed.functions.find(({ name }) => name === 'api');
    return api?.configuration.stores[store]?.kind ?? '';
  };
  return Object.entries(laneKeys).flatMap(([store, resource]) => [
    ...lanes.flatMap((lane) => {
      const own = lane.store === store ? laneKeyUses(kindOf(store)) : [];
      return USES.filter((use) => !own.includes(use)).map((action) =>
        denied(`the lane ${lane.store} does not use ${action} with the key of ${store}`, lane.who, {
          action,
          resource,
        }),
      );
    }),
    ...Object.entries(roles).flatMap(([name, who]) =>
      USES.map((action) =>
        denied(`${name} does not use ${action} with the key of ${store}`, who, { action, resource }),
      ),
    ),
  ]);
}
