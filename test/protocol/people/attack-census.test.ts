import { expect, test } from 'vitest';
import { isPlannedByOthers } from '../../../shared/protocol/plan-of.ts';
import { STORE, world } from '../../support/driver/world.ts';

test('a record is planned again once its store is configured to restrict records, and only then', async () => {
  const w = world();
  await w.register(await w.registration('profile', [w.entity('person', 'lena')]));
  const holding = w.holding('profile');
  if (holding === undefined) throw new Error('it is not registered');
  const { configuration } = w.core;
  const { [STORE]: store } = configuration.stores;
  if (store === undefined) throw new Error('the store is not configured');
  const restricting = {
    configuration: { ...configuration, stores: { [STORE]: { ...store, restricts: true } } },
  };
  expect(isPlannedByOthers(w.core, holding, w.clock.now())).toBe(false);
  expect(isPlannedByOthers(restricting, holding, w.clock.now())).toBe(true);
});
