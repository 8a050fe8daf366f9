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
  const read = new Set(rules.map(({ place }) => place));
  // Without a category: the default rules, which concern all categories.
  const unread = new Set(places.filter((place) => !read.has(place)).map(({ category }) => category));
  const anonymisingRules = new Map(
    rules
      .filter(({ actions }) => actions.includes('anonymise'))
      .toReversed()
      .map((rule) => [rule.place.category, rule] as const),
  );
  for (const [name, category] of Object.entries(mapOf(mapOf(file)['categories']))) {
    const anonymising = anonymisingRules.get(undefined) ?? anonymisingRules.get(name);
    // A rule with mistakes may contain the missing action.
    const allRead = !unread.has(undefined) && !unread.has(name);
    const masks = mapOf(category)['anonymise'];
    if (anonymising !== undefined && masks === undefined) {
      const message = `this rule anonymises, but the category "${name}" does not say how to mask its fields; write \`anonymise: { email: pseudonym }\` with the fields of its records`;
      gaps.push({ path: anonymising.place.path, message });
    }
    const path = ['categories', name, 'anonymise'];
    if (masks !== undefined && Object.keys(mapOf(masks)).length === 0) {
      gaps.push({ path, message: 'no fields are listed; write fields, such as `email: pseudonym`' });
    } else if (masks !== undefined && anonymising === undefined && allRead) {
      const message = `no rule of the category "${name}" anonymises; write a rule such as \`anonymise 30 days after account.closed, then delete …\`, or remove these masks`;
      gaps.push({ path, message });
    }
    for (const { field, message } of checkMaskPaths(Object.keys(mapOf(masks)))) {
      gaps.push({ path: [...path, field], message });
    }
  }
  for (const [name, category] of Object.entries(mapOf(mapOf(file)['categories'])))
    gaps.push(...subjectGaps(mapOf(category)['subjects'], ['categories', name, 'subjects']));
  for (const [name, purpose] of Object.entries(mapOf(mapOf(file)['purposes']))) {
    const fields = mapOf(purpose)['fields'];
    const path = ['purposes', name, 'fields'];
    if (fields !== undefined && Object.keys(mapOf(fields)).length === 0)
      gaps.push({
        path,
        message: 'no fields are listed; write fields, such as `email: clear`, or remove `fields`',
      });
    for (const { field, message } of checkMaskPaths(Object.keys(mapOf(fields))))
      gaps.push({ path: [...path, field], message });
  }
  return gaps;
}

/** The fields of two people are two: masking those of one leaves the other one as it is. */
function subjectGaps(subjects: unknown, path: RuleGap['path']): RuleGap[] {
  if (subjects === undefined) return [];
  const { onRequest, fields } = mapOf(subjects);
  const roles = Object.entries(mapOf(fields)).map(([role, masks]) => ({
    role,
    own: Object.keys(mapOf(masks)),
  }));
  if (onRequest !== 'delete' && onRequest !== 'keep' && roles.length === 0) {
    const message =
      'no fields are named; write the fields of each person, such as `fields: { sender: { name: clear } }`, or `onRequest: keep` or `delete`';
    return [{ path, message }];
  }
  return roles.flatMap(({ role, own }, index) => {
    const at = [...path, 'fields', role];
    const unreadable = checkMaskPaths(own).map(({ field, message }) => ({ path: [...at, field], message }));
    const shared = roles
      .slice(0, index)
      .flatMap((other) => other.own.map((field) => ({ other: other.role, field })))
      .find(({ field }) => own.some((mine) => mine === field || isClash(mine, field)));
    if (shared === undefined) return unreadable;
    const message = `"${shared.field}" is a field of the ${shared.other}, too; name it for one of them, or write \`onRequest: keep\``;
    return [...unreadable, { path: at, message }];
  });
}

/** Both can be read, and one is inside the other. */
function isClash(one: string, other: string): boolean {
  return (
    [one, other].every((field) => maskPath(field) !== undefined) && checkMaskPaths([one, other]).length > 0
  );
}

interface PathGap {
  readonly field: string;
  readonly message: string;
}

/** Fields that cannot be read as paths, or that do not go together. */
function checkMaskPaths(fields: readonly string[]): PathGap[] {
  const gaps: PathGap[] = [];
  const paths: Path[] = [];
  const root: Branch = { steps: new Map() };
  for (const field of fields) {
    const steps = maskPath(field);
    if (steps === undefined)
      gaps.push({ field, message: `"${field.slice(0, 60)}" is not a field; ${RIGHT}` });
    else {
      const path = { field, steps, index: paths.length };
      const other = grow(root, path);
      if (other !== undefined)
        gaps.push({ field, message: clash(field, other.field, differAt(other.steps, steps)) });
      paths.push(path);
    }
  }
  return gaps;
}

interface Path {
  readonly field: string;
  readonly steps: readonly MaskStep[];
  readonly index: number;
}

/** What the paths so far have after one beginning. Each is the first path of its kind. */
interface Branch {
  ends?: Path;
  passes?: Path;
  fields?: Path;
  elements?: Path;
  readonly steps: Map<string, Branch>;
}

/** Adds the path. Answers the first earlier path that does not go together with it. */
function grow(root: Branch, path: Path): Path | undefined {
  const others: (Path | undefined)[] = [];
  let branch = root;
  for (const step of path.steps) {
    branch.passes ??= path;
    others.push(branch.ends, step.kind === 'field' ? branch.elements : branch.fields);
    if (step.kind === 'field') branch.fields ??= path;
    else branch.elements ??= path;
    const key = step.kind === 'field' ? `.${step.name}` : '[]';
    const next: Branch = branch.steps.get(key) ?? { steps: new Map() };
    branch.steps.set(key, next);
    branch = next;
  }
  others.push(branch.ends, branch.passes);
  branch.ends ??= path;
  return others
    .filter((other) => other !== undefined && other !== path)
    .reduce(
      (first, other) =>
        first !== undefined && other !== undefined && first.index < other.index ? first : other,
      undefined,
    );
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
