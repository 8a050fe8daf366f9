import { beforeAll, describe, expect, test } from 'vitest';
import { type Audit, audit } from '../support/simulation/simulation-audit.ts';
import { auditLog, type LogAudit } from '../support/simulation/simulation-log-audit.ts';
import { runSimulation, type Run, TEN_YEARS } from '../support/simulation/simulation-run.ts';

const { subjects, seed } = TEN_YEARS;
const HOUR = 3_600_000;
const MINUTE = 60_000;

describe(`ten years of ${subjects} random lives over five policies (seed ${seed})`, () => {
  let run: Run;
  let judged: Audit;
  let log: LogAudit;

  beforeAll(async () => {
    run = await runSimulation(TEN_YEARS);
    judged = await audit(run.sim, run.script, run.outages);
    log = await auditLog(run.sim, run.script);
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

  test('no function failed, and the weekly proof found nothing that no hint points at', () => {
    expect(run.sim.errors).toEqual([]);
    expect(reported('proof.re-hinted')).toBe(0);
  });

  test('only withdrawals of what was gone or never arrived are quarantined', () => {
    const codes = new Set(run.sim.registry.allQuarantined().map(({ code }) => code));
    expect([...codes]).toEqual(['HOLDING_UNKNOWN']);
  });

  test('what can happen did happen', () => {
    expect(judged.disposals).toBeGreaterThan(3000);
    expect(run.sim.registry.allTombstones().length).toBeGreaterThan(300);
    const kinds = new Set([...run.script.messages.values()].map(({ kind }) => kind));
    expect([...kinds].toSorted()).toEqual([
      'correction',
      'event',
      'registration',
      'retraction',
      'withdrawal',
    ]);
    expect(reported('ingest.duplicate')).toBeGreaterThan(100);
    expect(reported('dispose.taken-over')).toBeGreaterThan(50);
    expect(reported('dispose.let-go')).toBeGreaterThan(20);
    expect(reported('dispose.parked')).toBeGreaterThan(5);
    expect(run.sim.setbacks.filter(({ kind }) => kind === 'death').length).toBeGreaterThan(1000);
    const joint = run.sim.registry
      .allHoldings()
      .filter(({ registrations }) => new Set(registrations.map(({ producer }) => producer)).size > 1);
    expect(joint.length).toBeGreaterThan(20);
  });
});
