import { describe, expect, test } from 'vitest';
import { judgeMixed } from '../../support/mixed/mixed-judge.ts';
import { type MixedOptions, type MixedRun, runMixed } from '../../support/mixed/mixed-run.ts';

const SHORT: MixedOptions = { contracts: 40, days: 60, seed: 7, epilogue: 2 };

/** The same run, with other results in the registry. */
function withResults(run: MixedRun, change: <Result>(all: readonly Result[]) => readonly Result[]): MixedRun {
  const { registry } = run.sim;
  const allResults = () => [...change(registry.allResults())];
  return { ...run, sim: { ...run.sim, registry: { ...registry, allResults } } };
}

/** A judge that never finds anything proves nothing: each of these runs has one mistake. */
describe('the judge of mixed lives', { timeout: 900_000 }, () => {
  test('finds nothing in a run without faults, and sees an entry that is there twice, or not at all', async () => {
    const run = await runMixed({ ...SHORT, troubles: true });
    const judged = await judgeMixed(run);
    expect([judged.early, judged.lost, judged.double, judged.untold]).toEqual([[], [], [], []]);
    expect(judged.deletions).toBeGreaterThan(50);
    const twice = await judgeMixed(withResults(run, (all) => [...all, ...all]));
    // What the application has removed by itself is not counted.
    expect(twice.double.length).toBeGreaterThan(judged.deletions * 0.9);
    const none = await judgeMixed(withResults(run, () => []));
    expect(none.untold).toHaveLength(twice.double.length);
  });

  test('sees what goes early, of each kind: rules with a day too few', async () => {
    const spoil: MixedOptions['spoil'] = ({ notes, papers, logs, logsAfterEnd }) => {
      return { notes: notes - 1, papers: papers - 1, logs: logs - 1, logsAfterEnd: logsAfterEnd - 1 };
    };
    const { early } = await judgeMixed(await runMixed({ ...SHORT, spoil }));
    for (const kind of ['note', 'paper', 'log'])
      expect(early.filter((why) => why.includes(`-${kind} at `)).length, kind).toBeGreaterThan(0);
  });

  test('sees what goes under a hold on a contract: states that forget their holds', async () => {
    const spoilRegistry: MixedOptions['spoilRegistry'] = (registry) => ({
      async states(entities) {
        const all = await registry.states(entities);
        return new Map([...all].map(([entity, state]) => [entity, { ...state, holds: [] }]));
      },
    });
    const { early } = await judgeMixed(await runMixed({ ...SHORT, troubles: true, spoilRegistry }));
    expect(early.filter((why) => why.includes('under a hold on contract')).length).toBeGreaterThan(0);
  });

  test('sees what goes under a wide hold: a registry that knows none', async () => {
    const spoilRegistry: MixedOptions['spoilRegistry'] = () => ({ wideHolds: async () => [] });
    const { early } = await judgeMixed(await runMixed({ ...SHORT, troubles: true, spoilRegistry }));
    expect(early.filter((why) => why.includes('under the ')).length).toBeGreaterThan(0);
  });

  test('sees what is lost: everything, when all lanes are paused for good', async () => {
    const pause = {
      id: 'for-good',
      kind: 'pause',
      scope: { everything: true },
      state: 'placed',
      at: 0,
    } as const;
    const { epilogue: _short, ...long } = SHORT;
    const run = await runMixed({ ...long, spoilRun: (sim) => void sim.registry.placeWideHold(pause) });
    const judged = await judgeMixed(run);
    expect(judged.deletions).toBe(0);
    for (const kind of ['note', 'log', 'paper'])
      expect(judged.lost.filter((name) => name.endsWith(kind)).length, kind).toBeGreaterThan(0);
  });
});
