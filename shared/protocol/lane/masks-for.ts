import { effectivePolicies } from '../../domain/configuration/effective-policies.ts';
import { masksOf } from '../../domain/configuration/masks-of.ts';
import { purposesIn } from '../../domain/plan/purposes.ts';
import { redactionMasks } from '../../domain/plan/redactions.ts';
import { reductionMasks } from '../../domain/plan/reductions.ts';
import type { Holding } from '../../domain/record/holding.ts';
import type { Instant } from '../../domain/record/ids.ts';
import type { Masks } from '../../domain/record/masks.ts';
import { type NamedStage, purposeOfPart, roleOfPart } from '../../domain/record/stage-name.ts';
import type { LaneCore } from '../core.ts';
import { categoriesOf, inputOf, type States } from '../plan-of.ts';
import { seconds } from '../seconds.ts';

/**
 * What a stage masks. Of a part: what belongs to it alone, on any clock; nothing where that cannot be told any more, and
 * then nothing may be said to be masked.
 */
export function masksFor(
  core: LaneCore,
  { holding, states }: { readonly holding: Holding; readonly states: States },
  { stage, part }: NamedStage,
  now: Instant,
): Masks {
  if (stage !== 'anonymise') return {};
  const { policies, timing } = core.configuration;
  if (part === undefined) return masksOf(policies, categoriesOf(holding), now);
  const role = roleOfPart(part);
  const input = inputOf(core, holding, states, now);
  if (role !== undefined) return redactionMasks(input, role);
  const purpose = purposeOfPart(part);
  if (purpose === undefined) return {};
  const purposes = purposesIn(input, effectivePolicies(policies, now));
  return reductionMasks(purposes, purpose, now - seconds(timing.clockTolerance));
}

/** A part of which it is not known what it masks. */
export function isUnknown({ part }: NamedStage, masks: Masks): boolean {
  return part !== undefined && Object.keys(masks).length === 0;
}
