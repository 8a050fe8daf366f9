import { isoUtc } from '../calendar/utc-time.ts';
import { own } from '../own.ts';
import { due } from '../plan/due.ts';
import { present } from '../present.ts';
import type { Instant, Occurred } from '../record/ids.ts';
import { hasStep, type PersonRequest, stepAt } from './request.ts';
import { DEADLINE_EVENTS, type DeadlineRule, type Regime, type RequestSettings } from './regime.ts';

type Dated = Pick<PersonRequest, 'receivedAt' | 'jurisdiction' | 'timeline'>;

/**
 * When the person has to have an answer: by the rule of the request's jurisdiction, and if that is not known, by the
 * shortest of all. The rule language computes it, as it does every other date. A rule that gives no date, for example
 * because its list of holidays does not cover the year, makes the request due at once: somebody has to look.
 */
export function deadlineOf(settings: RequestSettings, request: Dated): Instant {
  const isExtended = hasStep(request, 'extended');
  const dates = regimesOf(settings, request).map((regime) => dateOf(regime, request, isExtended));
  return Math.min(...dates);
}

/** The deadline if it were extended; nothing where a law that may apply knows no extension. */
export function extendedDeadlineOf(settings: RequestSettings, request: Dated): Instant | undefined {
  const regimes = regimesOf(settings, request);
  if (regimes.some(({ extended }) => extended === undefined)) return undefined;
  return Math.min(...regimes.map((regime) => dateOf(regime, request, true)));
}

/** The rules of the deadline in words, for the answer. */
export function deadlineRulesOf(settings: RequestSettings, request: Dated): readonly string[] {
  return regimesOf(settings, request).map((regime) => ruleOf(regime, hasStep(request, 'extended')).text);
}

function regimesOf(settings: RequestSettings, { jurisdiction }: Dated): readonly Regime[] {
  const name = jurisdiction === undefined ? undefined : own(settings.jurisdictions, jurisdiction);
  const regime = name === undefined ? undefined : own(settings.regimes, name);
  return regime === undefined ? Object.values(settings.regimes) : [regime];
}

function ruleOf({ answer, extended }: Regime, isExtended: boolean): DeadlineRule {
  return isExtended ? (extended ?? answer) : answer;
}

function dateOf(regime: Regime, request: Dated, isExtended: boolean): Instant {
  const { zone, holidays, weekend, workdays } = regime;
  const { text, rule } = ruleOf(regime, isExtended);
  const { due: date } = due({
    text,
    rule,
    zone,
    events: eventsOf(request),
    attributes: {},
    ...present({ holidays, weekend, workdays }),
  });
  return date === undefined ? request.receivedAt : Date.parse(date);
}

/** While the identity is open, the pause is not counted: the date may only become later when it is known. */
function eventsOf(request: Dated): Readonly<Record<string, readonly Occurred[]>> {
  const on = (instant: Instant): readonly Occurred[] => [isoUtc(instant) as Occurred];
  const identified = stepAt(request, 'identified');
  const asked = stepAt(request, 'identity-asked');
  return {
    [DEADLINE_EVENTS.received]: on(request.receivedAt),
    ...(identified === undefined || asked === undefined
      ? {}
      : { [DEADLINE_EVENTS.asked]: on(asked), [DEADLINE_EVENTS.identified]: on(identified) }),
  };
}
