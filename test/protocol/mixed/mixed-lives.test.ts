import { beforeAll, describe, expect, test } from 'vitest';
import { noteLives } from '../../support/model/explored-so-far.ts';
import { judgeMixed, type MixedJudged, mixedText } from '../../support/mixed/mixed-judge.ts';
import { type MixedRun, runMixed } from '../../support/mixed/mixed-run.ts';
import { TEN_YEARS } from '../../support/simulation/simulation-run.ts';

const CONTRACTS = 100;
const DAYS = 120;

describe(`${DAYS} days of ${CONTRACTS} contracts whose rows are registered, in collections, and in a dataset`, () => {
  let run: MixedRun;
  let judged: MixedJudged;

  beforeAll(async () => {
    const { faults } = TEN_YEARS;
    run = await runMixed({ contracts: CONTRACTS, days: DAYS, seed: 13, faults, troubles: true });
    judged = await judgeMixed(run);
    noteLives(mixedText(judged));
  }, 900_000);

  test('0 early, 0 lost, 0 double', () => {
    const { early, lost, double, untold } = judged;
    expect({ early, lost, double, untold }).toEqual({ early: [], lost: [], double: [], untold: [] });
  });

  test('no function failed, and nothing is left in the lane', () => {
    const { errors, registry } = run.sim;
    expect(errors).toEqual([]);
    expect(registry.allSetAside()).toEqual([]);
    expect(registry.allQuarantined()).toEqual([]);
    expect(registry.allWorkRecords()).toEqual([]);
  });

  test('what can happen did happen', () => {
    const { sim, script, lives, held } = run;
    const reported = (code: Parameters<typeof sim.reports.get>[0]): number => sim.reports.get(code) ?? 0;
    const { note = 0, log = 0, paper = 0 } = judged.kinds;
    expect(Math.min(note, log, paper)).toBeGreaterThan(100);
    const kinds = Map.groupBy(script.messages.values(), ({ kind }) => kind);
    for (const kind of ['correction', 'retraction', 'withdrawal'] as const)
      expect(kinds.get(kind)?.length ?? 0, kind).toBeGreaterThan(2);
    expect(Math.min(lives.restrictions.length, held.length)).toBeGreaterThan(15);
    expect(sim.holds.length).toBeGreaterThan(5);
    expect(sim.setbacks.filter(({ kind }) => kind === 'death').length).toBeGreaterThan(100);
    expect(reported('dispose.taken-over')).toBeGreaterThan(20);
  });
});
