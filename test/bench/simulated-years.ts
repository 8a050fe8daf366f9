import { audit } from '../support/simulation/simulation-audit.ts';
import { runSimulation, TEN_YEARS } from '../support/simulation/simulation-run.ts';

export interface SimulatedYears {
  readonly subjects: number;
  readonly years: number;
  readonly disposals: number;
  /** Disposals that were early, late or lost. */
  readonly wrong: number;
  /** The time of the run alone; judging it takes longer. */
  readonly seconds: number;
}

/** The ten years that the tests judge, with another number of subjects. */
export async function simulatedYears(subjects: number): Promise<SimulatedYears> {
  const run = await runSimulation({ ...TEN_YEARS, subjects });
  const { early, late, lost, disposals } = await audit(run.sim, run.script, run.outages);
  const wrong = early.length + late.length + lost.length;
  return { subjects, years: Math.round(TEN_YEARS.days / 365.25), disposals, wrong, seconds: run.seconds };
}
