import { startOf } from '../domain/calendar/calendar.ts';
import type {
  CategoryPolicy,
  ChildPolicy,
  Policy,
  PolicyRule,
  SubjectsPolicy,
} from '../domain/configuration/policy.ts';
import { REGISTERED } from '../domain/configuration/policy.ts';
import type { Duration, YearEnd } from '../domain/calendar/units.ts';
import { PURPOSE } from '../domain/facts/purpose-of.ts';
import { present } from '../domain/present.ts';
import { parsePeriod, parseYearEnd } from '../domain/rule/parse.ts';
import { weekdayOf } from '../domain/rule/words.ts';
import { printPeriod } from '../domain/rule/print-period.ts';
import type { ReadRule } from './check-rules.ts';
import type { PolicyFile } from './policy-file.ts';

const DEFAULT_SECONDS = {
  lead: 24 * 3600,
  grace: 72 * 3600,
  writeLag: 3600,
  reportAfter: 400 * 24 * 3600,
  notifyBefore: 7 * 24 * 3600,
} as const;

/** Converts a file without mistakes to the domain's policy. */
export function toPolicy(
  file: PolicyFile,
  { rules, caps }: { readonly rules: readonly ReadRule[]; readonly caps: readonly ReadRule[] },
  settings: Readonly<Record<string, Duration>>,
): Policy {
  const ofPurposes = rules.filter(({ place }) => place.purpose !== undefined);
  const byCategory = Map.groupBy(
    rules.filter((rule) => !ofPurposes.includes(rule)),
    ({ place }) => place.category,
  );
  const categories = Object.entries(file.categories).map(([name, category]): [string, CategoryPolicy] => {
    const own = [undefined, name].flatMap((key) => byCategory.get(key) ?? []);
    const { anonymise: masks, owner } = category;
    const subjects = category.subjects && subjectsOf(category.subjects);
    const read = caps.find(({ place }) => place.category === name);
    const cap = read && capOf(read, name, settings);
    return [
      name,
      { rules: own.map((each) => toRule(each, name, settings)), ...present({ masks, owner, cap, subjects }) },
    ];
  });
  const events = Object.entries(file.events ?? {}).map(([name, event]) => [
    name,
    {
      entity: event.entity,
      undoneBy: event.undoneBy ?? [],
      ...present({ byPurpose: event.byPurpose }),
      personal: event.personal !== undefined && event.personal !== false,
      ...(event.personal === 'month' && { actByMonth: true as const }),
      ...present({ plausible: event.plausible && present(event.plausible) }),
      attributes: { ...event.attributes, ...(event.byPurpose === true && { [PURPOSE]: 'text' as const }) },
    },
  ]);
  const attributes = Object.entries(file.attributes ?? {}).map(([name, { type, default: value }]) => [
    name,
    value === undefined ? { type } : { type, default: value },
  ]);
  return {
    name: file.policy,
    version: file.version,
    effectiveFrom: startOf({ kind: 'date', date: file.effectiveFrom }, file.zone),
    zone: file.zone,
    ...present({ jurisdiction: file.jurisdiction, jurisdictionFrom: file.jurisdictionFrom }),
    ...present({ children: childrenOf(file) }),
    regions: file.regions,
    ...purposesOf(file, ofPurposes, settings),
    leadSeconds: file.lead ?? DEFAULT_SECONDS.lead,
    graceSeconds: file.grace ?? DEFAULT_SECONDS.grace,
    writeLagSeconds: file.writeLag ?? DEFAULT_SECONDS.writeLag,
    reportAfterSeconds: file.reportAfter ?? DEFAULT_SECONDS.reportAfter,
    ...present({
      notify: file.notify,
      notifyBeforeSeconds: file.notify?.includes('upcoming')
        ? (file.notifyBefore ?? DEFAULT_SECONDS.notifyBefore)
        : undefined,
      fiscalYearEnd: yearEndOf(file.fiscalYearEnd),
      taxYearEnd: yearEndOf(file.taxYearEnd),
      academicYearEnd: yearEndOf(file.academicYearEnd),
      holidays: file.holidays,
      weekend: file.weekend?.flatMap((day) => weekdayOf(day) ?? []),
      workdays: file.workdays,
      leapBirthday: file.leapBirthday,
    }),
    events: Object.fromEntries(events),
    attributes: Object.fromEntries(attributes),
    categories: Object.fromEntries(categories),
    notComputable: (file.notComputable ?? []).map(({ sentence, reason, cappedBy }) => ({
      statement: oneLine(sentence),
      reason: cappedBy === undefined ? reason : `${reason} (limited by the operator's "${cappedBy}")`,
    })),
  };
}

/** Without `onRequest`, the fields that are named are masked. Where none is named, nothing can be: the record is kept. */
function subjectsOf({
  onRequest,
  fields = {},
}: NonNullable<PolicyFile['categories'][string]['subjects']>): SubjectsPolicy {
  return { onRequest: onRequest ?? 'redact', fields };
}

function purposesOf(
  { purposes }: PolicyFile,
  rules: readonly ReadRule[],
  settings: Readonly<Record<string, Duration>>,
): Pick<Policy, 'purposes' | 'purposePolicies'> {
  if (purposes === undefined) return {};
  const more = Object.entries(purposes).flatMap(([name, { fields }]) => {
    const read = rules.find(({ place }) => place.purpose === name);
    const rule = read && toRule(read, `purpose:${name}`, settings);
    return rule === undefined && fields === undefined ? [] : [[name, present({ rule, fields })] as const];
  });
  return {
    purposes: Object.keys(purposes),
    ...(more.length > 0 && { purposePolicies: Object.fromEntries(more) }),
  };
}

function childrenOf({ children }: PolicyFile): ChildPolicy | undefined {
  const parsed = parsePeriod(children?.under ?? '');
  if (children === undefined || !parsed.ok) return undefined;
  const { born, found } = children;
  return { under: parsed.period, ...present({ born, found }) };
}

function yearEndOf(text: string | undefined): YearEnd | undefined {
  const parsed = parseYearEnd(text ?? '');
  return parsed.ok ? parsed.yearEnd : undefined;
}

function toRule(
  { place, rule, settings: used }: ReadRule,
  category: string,
  settings: Readonly<Record<string, Duration>>,
): PolicyRule {
  const { document, sentence } = place;
  return {
    id: [
      category,
      place.level,
      ...(place.jurisdiction === undefined ? [] : [place.jurisdiction]),
      place.index,
    ].join('/'),
    level: place.level,
    text: withValues(oneLine(place.text), used, settings),
    rule,
    basis: place.level === 'statutory' ? 'law' : 'policy',
    ...present({ jurisdiction: place.jurisdiction }),
    across: place.across,
    ...(document === undefined
      ? {}
      : { source: { document, ...(sentence === undefined ? {} : { sentence: oneLine(sentence) }) } }),
  };
}

function capOf(read: ReadRule, category: string, settings: Readonly<Record<string, Duration>>): PolicyRule {
  const text = read.place.text.replace(REGISTERED, 'the registration, because no event came');
  const rule = toRule({ ...read, place: { ...read.place, text } }, category, settings);
  return { ...rule, id: `${category}/cap`, isCap: true };
}

/** The deletion log quotes this text: an auditor needs to see the operator's period next to the policy's words. */
function withValues(
  text: string,
  used: readonly string[],
  settings: Readonly<Record<string, Duration>>,
): string {
  const values = [...new Set(used)].map((name) => `${name}: ${printPeriod(settings[name] ?? {})}`);
  return values.length === 0 ? text : `${text} (${values.join(', ')})`;
}

function oneLine(text: string): string {
  return text.trim().replaceAll(/\s+/g, ' ');
}
