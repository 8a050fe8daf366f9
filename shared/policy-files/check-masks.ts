import type { ReadRule } from './check-rules.ts';
import { mapOf } from './rule-places.ts';
import type { RuleGap, RulePlace } from './rule-places.ts';

/** Rules that anonymise and masks that say how need each other. */
export function checkMasks(
  file: unknown,
  rules: readonly ReadRule[],
  places: readonly RulePlace[],
): RuleGap[] {
  const gaps: RuleGap[] = [];
  for (const [name, category] of Object.entries(mapOf(mapOf(file)['categories']))) {
    const concerns = (place: RulePlace): boolean => place.category === name || place.category === undefined;
    const anonymising = rules.find((rule) => concerns(rule.place) && rule.actions.includes('anonymise'));
    const masks = mapOf(category)['anonymise'];
    if (anonymising !== undefined && masks === undefined) {
      const message = `this rule anonymises, but the category "${name}" does not say what becomes of its fields; write \`anonymise: { email: pseudonym }\` with the fields of its records`;
      gaps.push({ path: anonymising.place.path, message });
    }
    const path = ['categories', name, 'anonymise'];
    if (masks !== undefined && Object.keys(mapOf(masks)).length === 0) {
      gaps.push({ path, message: 'no field is named here; write fields, such as `email: pseudonym`' });
    } else if (masks !== undefined && anonymising === undefined && allRead(rules, places.filter(concerns))) {
      const message = `no rule of the category "${name}" anonymises; write a rule such as \`anonymise 30 days after account.closed, then delete …\`, or take these masks out`;
      gaps.push({ path, message });
    }
  }
  return gaps;
}

/** Whether a missing action is certain: a rule with mistakes may have meant it. */
function allRead(rules: readonly ReadRule[], places: readonly RulePlace[]): boolean {
  return places.every((place) => rules.some((rule) => rule.place === place));
}
