import { codeOf } from '../../domain/error-code.ts';
import type { Core } from '../core.ts';

/** Lanes begin one after the other, so that stores in one database are not surveyed all at once. */
const SECONDS_BETWEEN = 20;
const LONGEST_DELAY = 900;

/**
 * Once a day: asks each lane to survey its store. A lane that cannot be rung stops no other; it is asked again the next
 * day.
 */
export async function ringSurveys(core: Core): Promise<void> {
  const lanes = Object.entries(core.configuration.stores).flatMap(([lane, { coverage }]) =>
    coverage === false ? [] : [lane],
  );
  for (const [index, lane] of lanes.entries()) {
    const delaySeconds = (index * SECONDS_BETWEEN) % LONGEST_DELAY;
    try {
      await core.queues.ring([{ bell: { kind: 'survey', lane }, delaySeconds }]);
    } catch (error) {
      core.report('sweep.failed', { store: lane, code: codeOf(error) });
    }
  }
}
