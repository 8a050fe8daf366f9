import { driveMixed } from '../../support/side-by-side/drive-mixed.ts';
import { type Mode, MODES } from '../../support/side-by-side/mixed-deployment.ts';
import { releaseIn, THIS_RELEASE } from '../../support/side-by-side/releases.ts';
import type { Scoreboard } from '../scoreboard.ts';
import { FORMER, formerSources } from './former-release.ts';

const SEEDS = 42;
const SUBJECTS = 24;
/** In each third seed producers send more than their quota, which only this release has. */
const QUOTA = { everySeeds: 3, itemsPerHour: 8 };

/**
 * Functions of the former release and of this one on one table and its queues, at the level of the protocols, without
 * an emulator: many deployments, each with lives of a week, deaths, pauses and outages, judged by what was said.
 */
export async function driveSideBySide(board: Scoreboard, cleanup: AsyncDisposableStack): Promise<void> {
  const older = await releaseIn(FORMER.tag, await formerSources(cleanup));
  board.step(`the sources of ${FORMER.tag} are unpacked`);
  const told = { driven: 0, disposals: 0, takeOvers: 0, folds: 0, holdings: 0, batches: 0, behind: 0 };
  for (const mode of Object.keys(MODES) as Mode[])
    await board.scenario(`old and new functions: ${mode}`, async () => {
      const wrong: string[] = [];
      for (let seed = 1; seed <= SEEDS; seed += 1) {
        const quota = seed % QUOTA.everySeeds === 0 ? { itemsPerHour: QUOTA.itemsPerHour } : {};
        const driving = { older, newer: THIS_RELEASE, mode, seed, subjects: SUBJECTS, ...quota };
        const { wrong: its, disposals, crossings, behind } = await driveMixed(driving);
        told.driven += 1;
        told.disposals += disposals;
        told.behind += behind;
        for (const what of ['takeOvers', 'folds', 'holdings', 'batches'] as const)
          told[what] += crossings[what];
        wrong.push(...its.map((what) => `seed ${seed}: ${what}`));
      }
      if (wrong.length > 0) throw new Error(wrong.join('\n'));
      return `${SEEDS} deployments`;
    });
  const { driven, disposals, takeOvers, folds, holdings, batches, behind } = told;
  board.step(
    `old-and-new deployments driven: ${driven}; ${disposals} disposals; one release after the other: ${takeOvers} chunks taken over, ${folds} facts folded, ${holdings} holdings written, ${batches} batches of the log published; ${behind} times a quota was exceeded`,
  );
  await board.scenario('each release went on with what the other had begun', async () => {
    if (Math.min(takeOvers, folds, holdings, batches, behind) === 0)
      throw new Error('one of these counts is 0: the deployments do not show what they are for');
    return undefined;
  });
}
