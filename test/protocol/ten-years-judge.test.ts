import { describe, expect, test } from 'vitest';
import type { Configuration } from '../../shared/domain/configuration/configuration.ts';
import { foldProfile } from '../../shared/domain/configuration/fold-profile.ts';
import type { Policy } from '../../shared/domain/configuration/policy.ts';
import { NO_FAULTS, type Simulation } from '../support/simulation/simulation.ts';
import { audit } from '../support/simulation/simulation-audit.ts';
import { auditLog } from '../support/simulation/simulation-log-audit.ts';
import { runSimulation, type RunOptions } from '../support/simulation/simulation-run.ts';

const DAY = 86_400_000;
const SHORT: RunOptions = { subjects: 120, days: 900, seed: 7 };

const withPolicies =
  (change: (policy: Policy) => Policy) =>
  (configuration: Configuration): Configuration => {
    const policies = { policies: configuration.policies.policies.map(change) };
    return { ...configuration, policies, foldProfile: foldProfile(policies) };
  };

/** A judge that never finds anything proves nothing: each of these runs has one mistake. */
describe('the judge of the simulation', { timeout: 300_000 }, () => {
  test('finds nothing in a run without faults', async () => {
    const { sim, script, outages } = await runSimulation(SHORT);
    const judged = await audit(sim, script, outages);
    expect([judged.early, judged.late, judged.lost]).toEqual([[], [], []]);
    expect((await auditLog(sim, script)).problems).toEqual([]);
    expect(judged.disposals).toBeGreaterThan(30);
    expect(sim.errors).toEqual([]);
  });

  test('sees what goes early: clocks that are a month ahead', async () => {
    const { sim, script } = await runSimulation({ ...SHORT, faults: { ...NO_FAULTS, skew: 30 * DAY } });
    expect((await audit(sim, script, [])).early.length).toBeGreaterThan(0);
  });

  test('sees what goes early: an undoing event that a policy no longer names', async () => {
    const spoil = withPolicies((policy) => ({
      ...policy,
      events: Object.fromEntries(
        Object.entries(policy.events).map(([name, event]) => [name, { ...event, undoneBy: [] }]),
      ),
    }));
    const { sim, script } = await runSimulation({ ...SHORT, spoil });
    expect((await audit(sim, script, [])).early.length).toBeGreaterThan(0);
  });

  test('sees what goes late: a policy without its lead', async () => {
    const spoil = withPolicies((policy) => ({ ...policy, leadSeconds: 0 }));
    const { sim, script } = await runSimulation({ ...SHORT, spoil });
    const judged = await audit(sim, script, []);
    expect(judged.early).toEqual([]);
    expect(judged.late.length).toBeGreaterThan(0);
  });

  test('sees what is lost: everything, when all lanes are paused for good', async () => {
    const pause = {
      id: 'for-good',
      kind: 'pause',
      scope: { everything: true },
      state: 'placed',
      at: 0,
    } as const;
    const spoilRun = (sim: Simulation) => void sim.registry.placeWideHold(pause);
    const { sim, script } = await runSimulation({ ...SHORT, spoilRun });
    const judged = await audit(sim, script, []);
    expect(judged.disposals).toBe(0);
    expect(judged.lost.length).toBeGreaterThan(30);
  });

  test('sees what the log does not know, and what it says of a record that is there', async () => {
    const { sim, script } = await runSimulation(SHORT);
    const store = sim.store('parties-profiles');
    const effect = store.effects.find(({ locator }) => store.read(locator) === undefined);
    if (effect === undefined) throw new Error('nothing was deleted');
    store.put(effect.locator, { name: 'back again' });
    const back = await auditLog(sim, script);
    expect(back.problems).toEqual([expect.stringContaining('the log says deleted, and it is there')]);
    store.put(['user-0'], { name: 'never registered' });
    await store.delete([{ locator: ['user-0'] }]);
    expect((await auditLog(sim, script)).problems).toHaveLength(2);
    expect((await audit(sim, script, [])).early).toEqual([
      expect.objectContaining({ what: 'delete: was never claimed' }),
    ]);
  });
});
