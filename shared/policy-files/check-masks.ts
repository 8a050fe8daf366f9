import type { ReadRule } from './check-rules.ts';
import { mapOf } from './rule-places.ts';
import type { RuleGap, RulePlace } from './rule-places.ts';

/** A rule that anonymises needs masks, and masks need a rule that anonymises. */
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
      const message = `this rule anonymises, but the category "${name}" does not say how to mask its fields; write \`anonymise: { email: pseudonym }\` with the fields of its records`;
      gaps.push({ path: anonymising.place.path, message });
    }
    const path = ['categories', name, 'anonymise'];
    if (masks !== undefined && Object.keys(mapOf(masks)).length === 0) {
      gaps.push({ path, message: 'no fields are listed; write fields, such as `email: pseudonym`' });
    } else if (masks !== undefined && anonymising === undefined && allRead(rules, places.filter(concerns))) {
      const message = `no rule of the category "${name}" anonymises; write a rule such as \`anonymise 30 days after account.closed, then delete …\`, or remove these masks`;
      gaps.push({ path, message });
    }
  }
  return gaps;
}

/** Whether every rule could be read: a rule with mistakes may contain the missing action. */
function allRead(rules: readonly ReadRule[], places: readonly RulePlace[]): boolean {
  return places.every((place) => rules.some((rule) => rule.place === place));
}
