import { beforeAll, describe, expect, test } from 'vitest';
import { noteLives } from '../support/model/explored-so-far.ts';
import { type Audit, audit } from '../support/simulation/simulation-audit.ts';
import { auditLog, type LogAudit } from '../support/simulation/simulation-log-audit.ts';
import { type Mix, mixOf, mixText } from '../support/simulation/simulation-mix.ts';
import { runSimulation, type Run, TEN_YEARS } from '../support/simulation/simulation-run.ts';

const { subjects, seed } = TEN_YEARS;
const HOUR = 3_600_000;
const MINUTE = 60_000;

describe(`ten years of ${subjects} random lives over five policies (seed ${seed})`, () => {
  let run: Run;
  let judged: Audit;
  let log: LogAudit;
  let mix: Mix;

  beforeAll(async () => {
    run = await runSimulation(TEN_YEARS);
    judged = await audit(run.sim, run.script, run);
    log = await auditLog(run.sim, run.script);
    mix = mixOf(run);
    noteLives(mixText(mix, judged));
  }, 900_000);

  const reported = (code: Parameters<Run['sim']['reports']['get']>[0]): number =>
    run.sim.reports.get(code) ?? 0;

  test('nothing is disposed of early', () => {
    expect(judged.early).toEqual([]);
  });

  test('nothing is disposed of later than the sweep hour after it was due', () => {
    expect(judged.late).toEqual([]);
    expect(judged.slowest).toBeLessThanOrEqual(HOUR + 6 * MINUTE);
  });

  test('nothing that is due at the end is still there', () => {
    expect(judged.lost).toEqual([]);
  });

  test('log, registry and stores agree, and every entry is sealed', () => {
    expect(log.problems).toEqual([]);
    expect(log.results).toBeGreaterThanOrEqual(judged.disposals);
  });

  test('no function failed, and no census found anything that no hint points at', () => {
    expect(run.sim.errors).toEqual([]);
    expect(reported('census.re-hinted')).toBe(0);
    expect(reported('holding.set-aside')).toBe(0);
    expect(run.sim.registry.allSetAside()).toEqual([]);
  });

  test('nothing is quarantined, and nothing is left in the lanes', () => {
    expect(run.sim.registry.allQuarantined()).toEqual([]);
    expect(run.sim.registry.allWorkRecords()).toEqual([]);
    expect(run.sim.registry.allChunks()).toEqual([]);
  });

  test('what can happen did happen', () => {
    expect(judged.disposals).toBeGreaterThan(2000);
    expect(run.sim.registry.allTombstones().length).toBeGreaterThan(300);
    const { event, correction, retraction, registration, withdrawal } = mix.messages;
    expect(Math.min(event, registration)).toBeGreaterThan(4000);
    expect(withdrawal).toBeGreaterThan(500);
    expect(Math.min(correction, retraction)).toBeGreaterThan(100);
    expect(Object.keys(mix.versions)).toHaveLength(3);
    expect(Math.min(...Object.values(mix.versions))).toBeGreaterThan(50);
    expect(reported('ingest.duplicate')).toBeGreaterThan(100);
    expect(reported('dispose.taken-over')).toBeGreaterThan(50);
    expect(reported('dispose.left')).toBeGreaterThan(20);
    expect(run.sim.setbacks.filter(({ kind }) => kind === 'slept').length).toBeGreaterThan(50);
    expect(reported('dispose.parked')).toBeGreaterThan(5);
    expect(run.sim.setbacks.filter(({ kind }) => kind === 'death').length).toBeGreaterThan(1000);
    const joint = run.sim.registry
      .allHoldings()
      .filter(({ variants }) => new Set(variants.map(({ producer }) => producer)).size > 1);
    expect(joint.length).toBeGreaterThan(20);
  });
});
