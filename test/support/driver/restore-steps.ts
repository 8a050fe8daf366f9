import { pauseOfRestored } from '../../../shared/domain/record/hold.ts';
import { restoreProgress, settlingId } from '../../../shared/protocol/restore/restored.ts';
import { SEGMENTS } from '../../../shared/protocol/walk.ts';
import type { Driver } from './driver.ts';
import { archivedSince, type Former, TABLE } from './restored-life.ts';

const HOUR = 3_600_000;

export type Step = 'later' | 'log' | 'replay' | 'replay 1' | 'replay 2' | 'walk' | 'lanes' | 'resume';
const STEPS: readonly Step[] = ['log', 'replay', 'walk', 'lanes', 'resume'];
/** The archive in two parts, the later one first: the bus promises no order. */
const ODD_STEPS: readonly Step[][] = [
  ['log', 'replay 2', 'walk', 'replay 1', 'resume', 'lanes'],
  ['replay 2', 'log', 'walk', 'lanes', 'replay 1', 'resume'],
  ['replay 1', 'resume', 'log', 'lanes', 'walk', 'replay 2'],
  ['walk', 'replay 2', 'replay 1', 'log', 'lanes', 'resume'],
];

export interface Steps {
  /** What the API lets a person do; `early`: without the walk over all holdings, which is for what never becomes due. */
  readonly resumes: 'guarded' | 'early' | 'at once';
}

export async function take(d: Driver, former: Former, step: Step, { resumes }: Steps): Promise<void> {
  const archive = archivedSince(former, d);
  const half = Math.floor(former.archive.length / 2);
  switch (step) {
    case 'log':
      d.toSeal();
      break;
    case 'replay':
      d.replays(archive);
      break;
    case 'replay 1':
      d.replays(archive.slice(0, half));
      break;
    case 'replay 2':
      d.replays(archive.slice(half));
      break;
    case 'walk':
      for (let segment = 0; segment < SEGMENTS; segment += 1)
        d.toSweep({ kind: 'walk', walk: settlingId(TABLE), segment });
      break;
    case 'later':
      await d.pass(24 * HOUR);
      break;
    case 'lanes':
      d.toSweep({ kind: 'hourly' });
      break;
    case 'resume': {
      const { missing } = await restoreProgress(d.core, TABLE);
      const open = missing.filter(
        (one) => resumes === 'guarded' || (resumes === 'early' && one !== 'disposed'),
      );
      if (open.length > 0) return;
      await d.registry.confirmRestored(d.clock.now());
      d.toSweep({ kind: 'release', hold: pauseOfRestored().id });
    }
  }
  await d.settle();
}

function permutations<Item>(items: readonly Item[]): Item[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((item, index) =>
    permutations(items.toSpliced(index, 1)).map((rest) => [item, ...rest]),
  );
}

/** In which a restored table learns the log and the archive, and in which its lanes go on. */
export const ORDERS: readonly (readonly Step[])[] = [...permutations(STEPS), ...ODD_STEPS];
