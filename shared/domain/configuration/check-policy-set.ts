import { isDayOfYear, isZone } from '../calendar/calendar.ts';
import { POLICY_YEARS } from '../calendar/units.ts';
import { workingDayMistakes } from '../calendar/working-days.ts';
import { own } from '../own.ts';
import type { EventDeclaration, Policy, PolicyRule, PolicySet } from './policy.ts';
import { printUnit } from '../rule/print-period.ts';
import { didYouMean } from '../suggest.ts';
import { attributesOf, eventsOf, policyYearsOf, workingDaysOf } from '../rule/walk.ts';

export type PolicyProblemCode =
  | 'POLICY_ZONE_UNKNOWN'
  | 'POLICY_YEAR_END_INVALID'
  | 'POLICY_YEAR_END_MISSING'
  | 'POLICY_HOLIDAYS_MISSING'
  | 'POLICY_WORKING_DAYS_INVALID'
  | 'ATTRIBUTE_NOT_DECLARED'
  | 'POLICY_VERSION_TWICE'
  | 'POLICY_EFFECTIVE_TWICE'
  | 'CATEGORY_IN_TWO_POLICIES'
  | 'CATEGORY_WITHOUT_RULE'
  | 'EVENT_DECLARED_DIFFERENTLY'
  | 'EVENT_NOT_DECLARED'
  | 'EVENT_BY_PURPOSE'
  | 'UNDO_NOT_DECLARED'
  | 'UNDO_OF_ANOTHER_ENTITY'
  | 'UNDO_OF_ITSELF'
  | 'RULE_ID_TWICE'
  | 'RULE_JURISDICTION_MISSING'
  | 'RULE_JURISDICTION_UNDECLARED'
  | 'JURISDICTION_EVENT_UNDECLARED'
  | 'JURISDICTION_EVENT_UNDONE'
  | 'JURISDICTION_EVENT_BY_MONTH'
  | 'JURISDICTION_EVENT_BY_PURPOSE'
  | 'JURISDICTION_ATTRIBUTE_UNDECLARED'
  | 'RULE_STATUTORY_BASIS';

export interface PolicyProblem {
  readonly code: PolicyProblemCode;
  readonly policy: string;
  readonly version: string;
  /** Path inside the policy: category and rule id, event, or field. */
  readonly path: readonly string[];
  /** What is wrong and what to do. */
  readonly message: string;
}

/** Finds every mistake in and between the policies of a deployment, before one of them is applied to a holding. */
export function checkPolicySet({ policies }: PolicySet): PolicyProblem[] {
  return [
    ...policies.flatMap((policy) => [
      ...checkFields(policy),
      ...checkEvents(policy),
      ...checkJurisdictionFrom(policy),
      ...checkCategories(policy),
      ...checkPurposes(policy),
    ]),
    ...policies.flatMap((policy, index) =>
      policies.slice(0, index).flatMap((earlier) => checkPair(earlier, policy)),
    ),
  ];
}

function problemOf(
  policy: Policy,
  code: PolicyProblemCode,
  path: readonly string[],
  message: string,
): PolicyProblem {
  return { code, policy: policy.name, version: policy.version, path, message };
}

function checkFields(policy: Policy): PolicyProblem[] {
  const problems: PolicyProblem[] = [];
  if (!isZone(policy.zone)) {
    const message = `"${policy.zone}" is not a time zone; write an IANA name such as Europe/Berlin or UTC`;
    problems.push(problemOf(policy, 'POLICY_ZONE_UNKNOWN', ['zone'], message));
  }
  for (const key of Object.values(POLICY_YEARS)) {
    const end = policy[key];
    if (typeof end !== 'string' || isDayOfYear(end)) continue;
    const message = `"${end}" is not a day of the year; write MM-DD, such as 03-31`;
    problems.push(problemOf(policy, 'POLICY_YEAR_END_INVALID', [key], message));
  }
  for (const { key, message } of workingDayMistakes(policy))
    problems.push(problemOf(policy, 'POLICY_WORKING_DAYS_INVALID', [key], message));
  return problems;
}

function checkEvents(policy: Policy): PolicyProblem[] {
  return Object.entries(policy.events).flatMap(([event, declaration]) =>
    declaration.undoneBy.flatMap((undo) => {
      const path = ['events', event, 'undoneBy'];
      const undoing = own(policy.events, undo);
      if (undo === event)
        return [
          problemOf(policy, 'UNDO_OF_ITSELF', path, `${event} cannot undo itself; name the event that does`),
        ];
      if (undoing === undefined) {
        return [
          problemOf(
            policy,
            'UNDO_NOT_DECLARED',
            path,
            `${event} is undone by ${undo}, which the policy does not declare; declare it`,
          ),
        ];
      }
      if (undoing.entity === declaration.entity) return [];
      const message = `${event} happens to a ${declaration.entity}, but ${undo}, which undoes it, to a ${undoing.entity}; both must happen to the same entity type`;
      return [problemOf(policy, 'UNDO_OF_ANOTHER_ENTITY', path, message)];
    }),
  );
}

/** The event that says where somebody is. A later one replaces it; nothing undoes it. */
function checkJurisdictionFrom(policy: Policy): PolicyProblem[] {
  const { jurisdictionFrom: from, events } = policy;
  if (from === undefined) return [];
  const { event, attribute } = from;
  const declared = own(events, event);
  const problem = (code: PolicyProblemCode, key: string, message: string): PolicyProblem[] => [
    problemOf(policy, code, ['jurisdictionFrom', key], message),
  ];
  if (declared === undefined) {
    const hint = didYouMean(event, Object.keys(events)) || '; declare it under `events`';
    const message = `the policy declares no event "${event}"${hint}`;
    return problem('JURISDICTION_EVENT_UNDECLARED', 'event', message);
  }
  if (declared.undoneBy.length > 0) {
    const message = `"${event}" is undone by other events, and then it would not be known where somebody is; remove its \`undoneBy\`: a later "${event}" replaces an earlier one`;
    return problem('JURISDICTION_EVENT_UNDONE', 'event', message);
  }
  if (declared.actByMonth === true) {
    const message = `"${event}" is personal by month, but other rules count from its very time, which a disposal would tell; write \`personal: true\``;
    return problem('JURISDICTION_EVENT_BY_MONTH', 'event', message);
  }
  if (declared.byPurpose === true) {
    const message = `"${event}" is about one purpose, and where somebody is holds for all of them; name another event, or remove its \`byPurpose\``;
    return problem('JURISDICTION_EVENT_BY_PURPOSE', 'event', message);
  }
  if (own(declared.attributes, attribute) === 'text') return [];
  const hint =
    didYouMean(attribute, Object.keys(declared.attributes)) ||
    `; declare it, such as \`${event}: { entity: ${declared.entity}, attributes: { ${attribute}: text } }\``;
  const message = `the event "${event}" declares no text attribute "${attribute}"${hint}`;
  return problem('JURISDICTION_ATTRIBUTE_UNDECLARED', 'attribute', message);
}

function checkCategories(policy: Policy): PolicyProblem[] {
  const problems: PolicyProblem[] = [];
  const ids = new Set<string>();
  for (const [category, { rules }] of Object.entries(policy.categories)) {
    const path = ['categories', category];
    if (rules.length === 0) {
      const message = `category ${category} has no rule; write one, or \`not computable, because "…"\``;
      problems.push(problemOf(policy, 'CATEGORY_WITHOUT_RULE', path, message));
    }
    for (const rule of rules) {
      if (ids.has(rule.id))
        problems.push(
          problemOf(
            policy,
            'RULE_ID_TWICE',
            [...path, rule.id],
            `the rule id ${rule.id} is used twice; give each rule its own id`,
          ),
        );
      ids.add(rule.id);
      problems.push(...checkRule(rule, policy, [...path, rule.id]));
    }
  }
  return problems;
}

/** What only the policy of a program can get wrong is checked here, too: a file has its own messages. */
function checkPurposes(policy: Policy): PolicyProblem[] {
  const ofPurposes = Object.entries(policy.purposePolicies ?? {}).flatMap(([purpose, { rule }]) =>
    rule === undefined ? [] : checkRule(rule, policy, ['purposes', purpose, 'rule']),
  );
  const ofCategories = Object.entries(policy.categories).flatMap(([category, { rules }]) =>
    rules.flatMap((rule) =>
      [...eventsOf(rule.rule)].flatMap((event) => {
        if (own(policy.events, event)?.byPurpose !== true) return [];
        const message = `${event} is about one purpose, and the rule is about the whole record; write the rule under the purpose`;
        return [problemOf(policy, 'EVENT_BY_PURPOSE', ['categories', category, rule.id], message)];
      }),
    ),
  );
  return [...ofPurposes, ...ofCategories];
}

function checkRule(rule: PolicyRule, policy: Policy, path: readonly string[]): PolicyProblem[] {
  const problems: PolicyProblem[] = [];
  const report = (code: PolicyProblemCode, message: string): void =>
    void problems.push(problemOf(policy, code, path, message));
  for (const event of eventsOf(rule.rule)) {
    if (own(policy.events, event) === undefined)
      report(
        'EVENT_NOT_DECLARED',
        `the rule names ${event}, which the policy does not declare; declare it under events`,
      );
  }
  if (rule.level === 'jurisdiction' && rule.jurisdiction === undefined) {
    report('RULE_JURISDICTION_MISSING', 'a rule of level jurisdiction must name its jurisdiction');
  }
  const isTold = own(policy.attributes, 'jurisdiction') ?? policy.jurisdictionFrom;
  if (rule.jurisdiction !== undefined && isTold === undefined) {
    report(
      'RULE_JURISDICTION_UNDECLARED',
      'the rule depends on the attribute jurisdiction, which the policy does not declare; declare it under attributes',
    );
  }
  if (rule.level === 'statutory' && rule.basis !== 'law')
    report('RULE_STATUTORY_BASIS', 'a statutory rule must have the basis law');
  for (const year of policyYearsOf(rule.rule)) {
    const key = POLICY_YEARS[year];
    if (policy[key] !== undefined) continue;
    const message = `the rule counts from the end of the ${printUnit(year)}, but the policy has no ${key}; add it`;
    report('POLICY_YEAR_END_MISSING', message);
  }
  if (policy.holidays === undefined && workingDaysOf(rule.rule) > 0) {
    const message =
      'the rule counts working days, but the policy lists no holidays; list them, or write [] if there are none';
    report('POLICY_HOLIDAYS_MISSING', message);
  }
  for (const { name, event } of attributesOf(rule.rule)) {
    const declared = event === undefined ? policy.attributes : own(policy.events, event)?.attributes;
    if (declared === undefined || Object.hasOwn(declared, name)) continue;
    const of = event === undefined ? 'the policy' : event;
    report(
      'ATTRIBUTE_NOT_DECLARED',
      `the rule depends on the attribute ${name}, which ${of} does not declare; declare it under attributes`,
    );
  }
  return problems;
}

function checkPair(earlier: Policy, policy: Policy): PolicyProblem[] {
  const problems: PolicyProblem[] = [];
  if (earlier.name === policy.name) {
    if (earlier.version === policy.version) {
      problems.push(
        problemOf(
          policy,
          'POLICY_VERSION_TWICE',
          ['version'],
          `policy ${policy.name} has version ${policy.version} twice; give each version its own name`,
        ),
      );
    }
    if (earlier.effectiveFrom === policy.effectiveFrom) {
      const message = `versions ${earlier.version} and ${policy.version} of policy ${policy.name} take effect at the same instant; give each its own effectiveFrom`;
      problems.push(problemOf(policy, 'POLICY_EFFECTIVE_TWICE', ['effectiveFrom'], message));
    }
  } else {
    for (const category of Object.keys(policy.categories)) {
      if (own(earlier.categories, category) === undefined) continue;
      const message = `category ${category} already belongs to policy ${earlier.name}; a category belongs to one policy`;
      problems.push(problemOf(policy, 'CATEGORY_IN_TWO_POLICIES', ['categories', category], message));
    }
  }
  for (const [event, declaration] of Object.entries(policy.events)) {
    const other = own(earlier.events, event);
    if (other === undefined || sameDeclaration(other, declaration)) continue;
    const message = `policy ${earlier.name}, version ${earlier.version}, declares ${event} with a different entity type or different undoing events; declare an event the same way in every policy`;
    problems.push(problemOf(policy, 'EVENT_DECLARED_DIFFERENTLY', ['events', event], message));
  }
  return problems;
}

function sameDeclaration(a: EventDeclaration, b: EventDeclaration): boolean {
  return (
    a.entity === b.entity &&
    a.byPurpose === b.byPurpose &&
    [...new Set(a.undoneBy)].toSorted().join('\n') === [...new Set(b.undoneBy)].toSorted().join('\n')
  );
}
