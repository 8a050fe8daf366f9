import { audit } from '../support/simulation/simulation-audit.ts';
import { runSimulation, TEN_YEARS } from '../support/simulation/simulation-run.ts';
import type { Row } from './row.ts';

/** The ten years that the tests judge, with another number of subjects. The time is that of the run, not of judging it. */
export async function simulatedYears(subjects: number): Promise<Row[]> {
  const run = await runSimulation({ ...TEN_YEARS, subjects });
  const { early, late, lost, disposals } = await audit(run.sim, run.script, run);
  const years = Math.round(TEN_YEARS.days / 365.25);
  const wrong = early.length + late.length + lost.length;
  return [
    {
      what: `simulator: ${years} years, ${subjects} subjects, ${disposals} disposals: seconds`,
      measured: run.seconds,
    },
    { what: 'simulator: disposals early, late or lost', measured: wrong, limit: 0 },
  ];
}
