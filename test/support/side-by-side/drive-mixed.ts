import { audit } from '../simulation/simulation-audit.ts';
import { auditLog } from '../simulation/simulation-log-audit.ts';
import { runSimulation, simulatedConfiguration, TEN_YEARS } from '../simulation/simulation-run.ts';
import type { Configuration } from '../../../shared/domain/configuration/configuration.ts';
import type { Crossings } from './crossings.ts';
import { type MixedDeployment, mixedDeployment, type Mode, type Pair } from './mixed-deployment.ts';
import { shortLives } from './short-lives.ts';

const DAYS = 8;

export interface Driving extends Pair {
  readonly mode: Mode;
  readonly seed: number;
  readonly subjects: number;
  /** Items that a producer may send in an hour, as far as a release has quotas. */
  readonly itemsPerHour?: number;
}

export interface Driven {
  /** Sentences, none if all is well. */
  readonly wrong: readonly string[];
  readonly disposals: number;
  readonly runs: MixedDeployment['runs'];
  readonly crossings: Crossings;
  /** How often a producer was found to send more than its quota. */
  readonly behind: number;
}

/** Lives of a week under functions of two releases, with all that can go wrong, and what a judge says of them. */
export async function driveMixed({ mode, seed, subjects, itemsPerHour, ...pair }: Driving): Promise<Driven> {
  let mixed: MixedDeployment | undefined;
  const run = await runSimulation({
    ...TEN_YEARS,
    subjects,
    seed,
    days: DAYS,
    pace: 1 / 60,
    lives: shortLives,
    async deployed(_, time) {
      const [older, newer] = await Promise.all(
        [pair.older, pair.newer].map(async (release) => {
          const { configuration } = await simulatedConfiguration(DAYS, release);
          return itemsPerHour === undefined ? configuration : withQuota(configuration, itemsPerHour);
        }),
      );
      if (older === undefined || newer === undefined) throw new TypeError('there are two releases');
      mixed = mixedDeployment({ ...pair, mode, seed, time, configurations: { older, newer } });
      return mixed;
    },
  });
  if (mixed === undefined) throw new TypeError('something was deployed');
  await mixed.registry.look();
  const { sim, script } = run;
  const { early, late, lost, disposals } = await audit(sim, script, run);
  const { problems } = await auditLog(sim, script);
  const found = Object.entries({ early, late, lost }).flatMap(([how, all]) =>
    all.map(({ what, place }) => `${how}: ${place} ${what}`),
  );
  const left = {
    'set aside': mixed.registry.allSetAside().map(({ code }) => code),
    quarantined: mixed.registry.allQuarantined().map(({ code, reason }) => `${code} ${reason}`),
    'work record left': mixed.registry.allWorkRecords().map(({ token }) => token),
    'chunk left': mixed.registry.allChunks().map(({ id }) => id),
    threw: sim.errors.map((error) => (error instanceof Error ? (error.stack ?? error.message) : 'no error')),
  };
  const others = Object.entries(left).flatMap(([how, all]) => all.map((what) => `${how}: ${what}`));
  const { runs, crossings } = mixed;
  return {
    wrong: [...found, ...problems, ...others],
    disposals,
    runs,
    crossings,
    behind: mixed.outages.length,
  };
}

function withQuota(configuration: Configuration, itemsPerHour: number): Configuration {
  const producers = Object.entries(configuration.producers).map(([name, one]) => [
    name,
    { ...one, itemsPerHour },
  ]);
  return { ...configuration, producers: Object.fromEntries(producers) as Configuration['producers'] };
}
