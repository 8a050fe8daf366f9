import { maskPath, type MaskStep } from '../domain/record/mask-tree.ts';
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
    for (const { field, message } of checkMaskPaths(Object.keys(mapOf(masks)))) {
      gaps.push({ path: [...path, field], message });
    }
  }
  return gaps;
}

interface PathGap {
  readonly field: string;
  readonly message: string;
}

/** Fields that cannot be read as paths, or that do not go together. */
function checkMaskPaths(fields: readonly string[]): PathGap[] {
  const gaps: PathGap[] = [];
  const paths: [field: string, path: readonly MaskStep[]][] = [];
  for (const field of fields) {
    const path = maskPath(field);
    if (path === undefined) gaps.push({ field, message: `"${field.slice(0, 60)}" is not a field; ${RIGHT}` });
    else {
      const other = paths.find(([, earlier]) => differAt(earlier, path) !== 'name');
      if (other !== undefined)
        gaps.push({ field, message: clash(field, other[0], differAt(other[1], path)) });
      paths.push([field, path]);
    }
  }
  return gaps;
}

const RIGHT =
  'write `email`, `profile.email` for a field inside a field, or `addresses[].street` for a field of every element of a list; write \\ before a dot, a bracket or a backslash that is part of a name';

/** Where two different paths part: at a name, at a map that the other takes as a list, or because one ends. */
function differAt(one: readonly MaskStep[], other: readonly MaskStep[]): 'name' | 'kind' | 'end' {
  for (const [index, step] of one.entries()) {
    const there = other[index];
    if (there === undefined) return 'end';
    if (step.kind !== there.kind) return 'kind';
    if (step.kind === 'field' && there.kind === 'field' && step.name !== there.name) return 'name';
  }
  return 'end';
}

function clash(field: string, other: string, at: 'name' | 'kind' | 'end'): string {
  return at === 'kind'
    ? `"${field}" and "${other}" take the same field once as a list and once as a map; correct one of them`
    : `"${field}" and "${other}" overlap, because one of them is inside the other; remove one of them`;
}

/** Whether every rule could be read: a rule with mistakes may contain the missing action. */
function allRead(rules: readonly ReadRule[], places: readonly RulePlace[]): boolean {
  return places.every((place) => rules.some((rule) => rule.place === place));
}
