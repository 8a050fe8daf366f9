import { REGISTERED } from '../domain/configuration/policy.ts';
import type { Rule } from '../domain/rule/ast.ts';
import { isDuration } from '../domain/rule/ast.ts';
import { readRule } from './check-rules.ts';
import type { ReadRule, RuleMistake, RuleNames } from './check-rules.ts';
import { mapOf } from './rule-places.ts';

const HOW = 'write a period such as `10 years`, or a setting such as `"{fallback cap}"`';

/**
 * How long a category may wait for an event, from the registration on. It is a rule like any other, about an event of our
 * own: there is no second calendar.
 */
export function readCaps(
  file: unknown,
  names: RuleNames,
): { readonly caps: readonly ReadRule[]; readonly mistakes: readonly RuleMistake[] } {
  const events = new Set([...names.events, REGISTERED]);
  const read = Object.entries(mapOf(mapOf(file)['categories'])).flatMap(([category, content]) => {
    const { cap } = mapOf(content);
    // The schema reports what is not text.
    return typeof cap === 'string' ? [readCap(category, cap.trim(), { ...names, events })] : [];
  });
  return {
    caps: read.flatMap((each) => each.read ?? []),
    mistakes: read.flatMap((each) => each.mistakes),
  };
}

function readCap(category: string, cap: string, names: RuleNames): ReturnType<typeof readRule> {
  const path = ['categories', category, 'cap'];
  const text = `${cap} after ${REGISTERED}`;
  const found = readRule({ index: 0, path, text, level: 'category', category, across: 'latest' }, names);
  const message = `found "${cap.slice(0, 60)}"; ${HOW}`;
  const wrong = { mistakes: [{ path, at: 0, message }] };
  if (found.read === undefined) {
    // What is wrong after the cap was not written by anybody.
    return found.mistakes.every(({ at }) => at < cap.length) ? found : wrong;
  }
  return isPeriod(found.read.rule) ? found : wrong;
}

/** `10 years after tenure.registered`, and nothing beside it. Working days would need holidays for all these years. */
function isPeriod({ stages: [stage, ...others] }: Rule): boolean {
  if (stage === undefined || others.length > 0 || stage.notAfter !== undefined) return false;
  const { action, notBefore } = stage;
  return (
    action === 'delete' &&
    notBefore?.kind === 'after' &&
    notBefore.start.kind === 'event' &&
    notBefore.start.name === REGISTERED &&
    isDuration(notBefore.period) &&
    notBefore.period.workingDays === undefined
  );
}
