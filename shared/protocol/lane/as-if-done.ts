import { present } from '../../domain/present.ts';
import type { Holding, StageDone } from '../../domain/record/holding.ts';
import type { NamedStage } from '../../domain/record/stage-name.ts';
import type { ActedOn } from '../../domain/record/work.ts';

/** The holding, as if these stages had been carried out: what is planned then comes after them, or does not need them. */
export function asIfDone(
  holding: Holding,
  stages: readonly (NamedStage & Pick<ActedOn, 'asked'>)[],
): Holding {
  if (stages.length === 0) return holding;
  const { version, done = [] } = holding;
  const more = stages.map(({ stage, part, asked }): StageDone => {
    const nothing = { link: '', version, facts: '', policies: '' };
    return { stage, ...present({ part }), outcome: 'requested', at: asked?.since ?? Infinity, ...nothing };
  });
  return { ...holding, done: [...done, ...more] };
}
