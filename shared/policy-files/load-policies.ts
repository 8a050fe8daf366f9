import { checkPolicySet } from '../domain/configuration/check-policy-set.ts';
import type { EventDeclaration, PolicySet } from '../domain/configuration/policy.ts';
import type { Instant } from '../domain/record/ids.ts';
import { own } from '../domain/own.ts';
import { didYouMean, suggest } from '../domain/suggest.ts';
import { endingHolidays } from './check-holidays.ts';
import { inReadingOrder } from './problem.ts';
import type { Problem } from './problem.ts';
import { readPolicyFile } from './read-policy-file.ts';
import type { PolicyText, ReadPolicy } from './read-policy-file.ts';
import type { PolicySettings } from './settings.ts';
import { mapOf } from './rule-places.ts';
import type { Path, YamlDocument } from './yaml-document.ts';

export type LoadedPolicies =
  | { readonly ok: true; readonly policySet: PolicySet }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/**
 * Reads the policies of one deployment together. Reports the mistakes in each, and the contradictions between them. With
 * `now` it also reports lists of holidays that end. Never throws.
 */
export function loadPolicies(
  files: readonly PolicyText[],
  options: { readonly settings?: PolicySettings | undefined; readonly now?: Instant } = {},
): LoadedPolicies {
  const results = files.map((file) => readPolicyFile(file, options.settings ?? {}));
  const read = results.flatMap((result) => result.read ?? []);
  const problems = [
    ...strangeSettings(
      results.map(({ document }) => document),
      options.settings ?? {},
    ),
    ...results.flatMap((result) => result.problems),
    ...read.flatMap((later, index) =>
      read.slice(0, index).flatMap((earlier) => disagreements(earlier, later)),
    ),
  ];
  const policySet = { policies: read.map(({ policy }) => policy) };
  const found =
    problems.length > 0 ? problems : [...remaining(policySet, read), ...ending(policySet, read, options.now)];
  return found.length === 0 ? { ok: true, policySet } : { ok: false, problems: inReadingOrder(found) };
}

/** Settings of a policy that is not there would have no effect. Reported at the policy that was probably meant. */
function strangeSettings(files: readonly (YamlDocument | undefined)[], settings: PolicySettings): Problem[] {
  const names = files.map((file) => mapOf(file?.value)['policy']);
  // A file whose name cannot be read may be the policy.
  if (!names.every((name) => typeof name === 'string')) return [];
  const strange = Object.keys(settings).filter((policy) => !names.includes(policy));
  return strange.flatMap((policy) => {
    const meant = files[names.indexOf(suggest(policy, names) ?? names[0] ?? '')];
    const known = `; it is one of ${names.map((name) => `"${name}"`).join(', ')}`;
    const message = `settings are given for the policy "${policy}", which no file contains${didYouMean(policy, names) || known}`;
    return meant === undefined ? [] : [meant.problem(['policy'], message)];
  });
}

/** The checks that the domain makes of any policy set, wherever it comes from. */
function remaining(policySet: PolicySet, read: readonly ReadPolicy[]): Problem[] {
  return checkPolicySet(policySet).flatMap(({ policy, version, path, message }) => {
    const its = read.find((each) => each.policy.name === policy && each.policy.version === version);
    return its === undefined ? [] : [its.document.problem(path, message)];
  });
}

function ending(policySet: PolicySet, read: readonly ReadPolicy[], now: Instant | undefined): Problem[] {
  if (now === undefined) return [];
  return endingHolidays(policySet, now).flatMap(({ policy, message }) => {
    const its = read.find((each) => each.policy === policy);
    return its === undefined ? [] : [its.document.problem(['holidays'], message)];
  });
}

/** Each is reported at its place in the later file, and names the place in the earlier one. */
function disagreements(earlier: ReadPolicy, later: ReadPolicy): Problem[] {
  const problems: Problem[] = [];
  const report = (path: Path, message: (place: string) => string, at?: 'key'): void => {
    const there = earlier.document.problem(path, '', at);
    problems.push(later.document.problem(path, message(`${there.file}:${there.line}:${there.column}`), at));
  };
  const [a, b] = [earlier.policy, later.policy];
  if (a.name === b.name) {
    const fix = 'give each version its own name and effective date';
    if (a.version === b.version) {
      report(
        ['version'],
        (place) => `version "${b.version}" of the policy "${b.name}" is also in ${place}; ${fix}`,
      );
    }
    if (a.effectiveFrom === b.effectiveFrom) {
      report(
        ['effectiveFrom'],
        (place) =>
          `another version of the policy "${b.name}" takes effect on the same day, in ${place}; ${fix}`,
      );
    }
  } else {
    for (const category of Object.keys(b.categories).filter(
      (name) => own(a.categories, name) !== undefined,
    )) {
      const fix = `a category belongs to one policy: rename one of them, or put all its rules into one policy`;
      report(
        ['categories', category],
        (place) => `the category "${category}" is also in the policy "${a.name}", ${place}; ${fix}`,
        'key',
      );
    }
  }
  for (const [event, declaration] of Object.entries(b.events)) {
    const difference = differenceOf(own(a.events, event), declaration);
    if (difference === undefined) continue;
    const fix = 'declare an event the same way in every policy, or rename one of them';
    report(['events', event], (place) => `"${event}" ${difference} in ${place}; ${fix}`, 'key');
  }
  for (const [attribute, { type }] of Object.entries(b.attributes)) {
    const there = own(a.attributes, attribute)?.type;
    if (there === undefined || there === type) continue;
    const fix =
      'one holding can be subject to both policies: declare the attribute with the same type, or rename one of them';
    report(
      ['attributes', attribute],
      (place) => `"${attribute}" is ${type} here and ${there} in ${place}; ${fix}`,
      'key',
    );
  }
  return problems;
}

/** Facts of one type are folded the same way for all policies and versions. */
function differenceOf(there: EventDeclaration | undefined, here: EventDeclaration): string | undefined {
  if (there === undefined) return undefined;
  if (there.entity !== here.entity) return `happens to "${here.entity}" here and to "${there.entity}"`;
  if (there.personal !== here.personal)
    return here.personal ? 'is personal here but not' : 'is not personal here but is';
  if (there.actByMonth !== here.actByMonth)
    return here.actByMonth === true
      ? 'is personal by month here but not'
      : 'is not personal by month here but is';
  if (there.byPurpose !== here.byPurpose)
    return here.byPurpose === true
      ? 'is about one purpose here but not'
      : 'is not about one purpose here but is';
  const range = ({ plausible }: EventDeclaration): string => `${plausible?.from} ${plausible?.to}`;
  if (range(there) !== range(here)) return 'has other plausible dates here than';
  const undone = (it: EventDeclaration): string => [...new Set(it.undoneBy)].toSorted().join(' ');
  if (undone(there) !== undone(here)) return 'is undone by different events here than';
  const clash = Object.entries(here.attributes).find(
    ([name, type]) => (own(there.attributes, name) ?? type) !== type,
  );
  return clash && `has a different type for its attribute "${clash[0]}" here than`;
}
