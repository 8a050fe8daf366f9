import { describe, expect, test } from 'vitest';
import type { Configuration } from '../../shared/domain/configuration/configuration.ts';
import { foldProfile } from '../../shared/domain/configuration/fold-profile.ts';
import type { Policy } from '../../shared/domain/configuration/policy.ts';
import { NO_FAULTS, type Simulation } from '../support/simulation/simulation.ts';
import { audit } from '../support/simulation/simulation-audit.ts';
import { auditLog } from '../support/simulation/simulation-log-audit.ts';
import { runSimulation, type RunOptions, TEN_YEARS } from '../support/simulation/simulation-run.ts';

const DAY = 86_400_000;
const SHORT: RunOptions = { subjects: 120, days: 900, seed: 7 };

const withPolicies =
  (change: (policy: Policy) => Policy) =>
  (configuration: Configuration): Configuration => {
    const policies = { policies: configuration.policies.policies.map(change) };
    return { ...configuration, policies, foldProfile: foldProfile(policies) };
  };

test('the same seed gives the same run, whatever goes wrong in it', { timeout: 300_000 }, async () => {
  const options: RunOptions = { ...TEN_YEARS, subjects: 60, days: 200, seed: 11 };
  const runs = [await runSimulation(options), await runSimulation(options)];
  const [one, other] = runs.map(({ sim: { journal, setbacks, reports, runs: count } }) => ({
    applied: [...journal.applied],
    settled: [...journal.settled],
    reports: [...reports],
    setbacks,
    count: count(),
  }));
  expect(other).toEqual(one);
  expect(one?.setbacks.length).toBeGreaterThan(50);
});

/** A judge that never finds anything proves nothing: each of these runs has one mistake. */
describe('the judge of the simulation', { timeout: 300_000 }, () => {
  test('finds nothing in a run without faults', async () => {
    const run = await runSimulation(SHORT);
    const { sim, script } = run;
    const judged = await audit(sim, script, run);
    expect([judged.early, judged.late, judged.lost]).toEqual([[], [], []]);
    expect((await auditLog(sim, script)).problems).toEqual([]);
    expect(judged.disposals).toBeGreaterThan(30);
    expect(sim.errors).toEqual([]);
  });

  test('sees what goes early: clocks that are a month ahead', async () => {
    const run = await runSimulation({ ...SHORT, faults: { ...NO_FAULTS, skew: 30 * DAY } });
    expect((await audit(run.sim, run.script, run)).early.length).toBeGreaterThan(0);
  });

  test('sees what goes early: an undoing event that a policy no longer names', async () => {
    const spoil = withPolicies((policy) => ({
      ...policy,
      events: Object.fromEntries(
        Object.entries(policy.events).map(([name, event]) => [name, { ...event, undoneBy: [] }]),
      ),
    }));
    const run = await runSimulation({ ...SHORT, spoil });
    expect((await audit(run.sim, run.script, run)).early.length).toBeGreaterThan(0);
  });

  test('sees what goes late: a policy without its lead', async () => {
    const spoil = withPolicies((policy) => ({ ...policy, leadSeconds: 0 }));
    const run = await runSimulation({ ...SHORT, spoil });
    const judged = await audit(run.sim, run.script, run);
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
    const run = await runSimulation({ ...SHORT, subjects: 240, days: 500, spoilRun });
    const judged = await audit(run.sim, run.script, run);
    expect(judged.disposals).toBe(0);
    expect(judged.lost.length).toBeGreaterThan(30);
  });

  test('sees what the log does not know, and what it says of a record that is there', async () => {
    const run = await runSimulation(SHORT);
    const { sim, script } = run;
    const store = sim.store('parties-profiles');
    const effect = store.effects.find(({ locator }) => store.fields(locator) === undefined);
    if (effect === undefined) throw new Error('nothing was deleted');
    store.put(effect.locator, { name: 'back again' });
    const back = await auditLog(sim, script);
    expect(back.problems).toEqual([expect.stringContaining('the log says deleted, and it is there')]);
    store.put(['user-0'], { name: 'never registered' });
    await store.delete([{ locator: ['user-0'] }]);
    expect((await auditLog(sim, script)).problems).toHaveLength(2);
    expect((await audit(sim, script, run)).early).toEqual([
      expect.objectContaining({ what: 'delete: no attempt said that it would' }),
    ]);
  });

  test('sees what is disposed of under a hold', async () => {
    const run = await runSimulation(SHORT);
    const hold = { id: 'unseen', kind: 'hold', scope: { everything: true } } as const;
    const holds = [{ ...hold, placed: { order: 0, at: 0 }, releasedAt: Infinity, inFlight: [] }];
    const { early } = await audit({ ...run.sim, holds }, run.script, run);
    expect(early.length).toBeGreaterThan(30);
    expect(early[0]?.what).toContain('under the hold unseen');
  });

  test('sees a registration that was lost', async () => {
    const run = await runSimulation(SHORT);
    const { registry } = run.sim;
    const [gone] = registry.allHoldings().filter(({ state }) => state === 'active');
    if (gone === undefined) throw new Error('nothing is registered at the end');
    const allHoldings = () => registry.allHoldings().filter(({ ref }) => ref !== gone.ref);
    const sim = { ...run.sim, registry: { ...registry, allHoldings } };
    expect((await audit(sim, run.script, run)).lost).toEqual([expect.objectContaining({ ref: gone.ref })]);
  });

  test('sees an entry that is not in the log', async () => {
    const { sim, script } = await runSimulation(SHORT);
    const objects = sim.bucket.allObjects();
    const last = objects.findLast(({ key }) => key.startsWith('entries/'));
    const allObjects = () => objects.filter((one) => one !== last);
    const { problems } = await auditLog({ ...sim, bucket: { ...sim.bucket, allObjects } }, script);
    expect(problems).toContainEqual(expect.stringContaining('and the log has others'));
  });
});
