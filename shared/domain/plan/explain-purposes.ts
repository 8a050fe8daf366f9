import { formatInstant } from '../calendar/calendar.ts';
import type { Instant } from '../record/ids.ts';
import { purposePart } from '../record/stage-name.ts';
import type { PlannedStage } from '../record/window.ts';
import { explainStep } from './explain-step.ts';
import type { PurposeStanding } from './purposes.ts';
import { reductionMasks } from './reductions.ts';

/** Which purposes a record is held for, what ended each, and what becomes of its fields. */
export function explainPurposes(
  purposes: readonly PurposeStanding[],
  stages: readonly PlannedStage[],
  now: Instant,
): string[] {
  return purposes.flatMap((one) => {
    const { purpose, standing, evaluated, openHolds } = one;
    const steps = evaluated.flatMap(({ stage, zone }) =>
      [stage.notBefore, stage.notAfter].flatMap(
        (bound) => bound?.steps.map((step) => explainStep(step, zone)) ?? [],
      ),
    );
    const stage = stages.find(({ part }) => part === purposePart(purpose));
    const name = purpose === '' ? 'A registration without a purpose' : `Purpose ${purpose}`;
    switch (standing.kind) {
      case 'lives':
        return [...steps, `${name} lives: ${standing.reason}.`, ...stayingMasked(name, stage)];
      case 'undetermined':
        return [
          ...steps,
          `${name} lives, because its end is not known: ${standing.reasons.join('; ')}.`,
          ...stayingMasked(name, stage),
        ];
      case 'ended': {
        const { at, rule, zone } = standing.end;
        const ended = `${name} ${at <= now ? 'ended' : 'ends'} at ${formatInstant(at, zone)} by “${rule.text}”.`;
        return [
          ...steps,
          ended,
          ...(openHolds.length === 0 ? [] : [`${name} still needs its fields: ${openHolds.join('; ')}.`]),
          ...(stage === undefined ? [] : [whatIsMasked(one, purposes, Math.max(now, at))]),
        ];
      }
    }
  });
}

function whatIsMasked(one: PurposeStanding, purposes: readonly PurposeStanding[], at: Instant): string {
  const masked = Object.keys(reductionMasks(purposes, one.purpose, at));
  const others = one.fields
    .flatMap(({ masks }) => Object.keys(masks))
    .filter((field) => !masked.includes(field));
  const kept =
    others.length === 0
      ? ''
      : ` Not masked, because another purpose needs them: ${[...new Set(others)].join(', ')}.`;
  return `Fields that only purpose ${one.purpose} needs: ${masked.length === 0 ? 'none' : masked.join(', ')}.${kept}`;
}

function stayingMasked(name: string, stage: PlannedStage | undefined): string[] {
  if (stage?.status !== 'done') return [];
  return [`${name} had ended before, and its fields were masked then: that cannot be undone.`];
}
