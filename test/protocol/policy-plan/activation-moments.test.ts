import { expect, test } from 'vitest';
import { deployedPolicies, waitingForPerson } from '../../../shared/protocol/policy-plan/activation.ts';
import { gateWorld, MINUTE, notesPolicy, YEAR } from '../../support/policy-plan/gate-world.ts';

test('a version that comes into effect in the moment when the first policies are recorded is counted, too', async () => {
  const later = new Date('2026-04-01T00:00:00Z').getTime();
  const second = notesPolicy('10 days after contract.ended', { version: '2', effectiveFrom: later });
  const w = await gateWorld();
  w.clock.set(later - 1);
  const core = w.deployed({ policies: [...YEAR.policies, ...second.policies] });
  const activation = async (): ReturnType<typeof w.registry.activation> => {
    const known = await w.registry.activation();
    w.clock.set(Math.max(w.clock.now(), later));
    return known;
  };
  await w.hourly({ ...core, registry: { ...w.registry, activation } });
  w.clock.set(later + 5 * MINUTE);
  await w.hourly(core);
  await w.walks(core);
  expect((await w.registry.activation())?.active).not.toBe(deployedPolicies(core));
  expect(await waitingForPerson(core)).toMatchObject({ newlyDue: 3 });
});
