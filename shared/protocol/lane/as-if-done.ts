import { present } from '../../domain/present.ts';
import type { Holding, StageDone } from '../../domain/record/holding.ts';
import type { NamedStage } from '../../domain/record/stage-name.ts';

/**
 * The holding, as if these stages had been carried out: what is planned then comes after them, or does not need them. No fact
 * is later than that, so none makes them due again.
 */
export function asIfDone(holding: Holding, stages: readonly NamedStage[]): Holding {
  if (stages.length === 0) return holding;
  const { version, done = [] } = holding;
  const more = stages.map(({ stage, part }): StageDone => {
    const nothing = { link: '', version, facts: '', policies: '' };
    return { stage, ...present({ part }), outcome: 'requested', at: Infinity, ...nothing };
  });
  return { ...holding, done: [...done, ...more] };
}
