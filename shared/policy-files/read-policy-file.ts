import type { Policy } from '../domain/configuration/policy.ts';
import { POLICY_YEARS } from '../domain/calendar/units.ts';
import type { YearEnds } from '../domain/calendar/units.ts';
import { parseYearEnd } from '../domain/rule/parse.ts';
import { readCaps } from './caps.ts';
import { checkMasks } from './check-masks.ts';
import { nameMistakes } from './check-names.ts';
import { readRule } from './check-rules.ts';
import type { ReadRule, RuleNames } from './check-rules.ts';
import { PolicyFile } from './policy-file.ts';
import type { Problem } from './problem.ts';
import { mapOf, rulePlaces } from './rule-places.ts';
import { schemaProblems } from './schema-problems.ts';
import { readSettings } from './settings.ts';
import type { PolicySettings } from './settings.ts';
import { toPolicy } from './to-policy.ts';
import { readYaml } from './yaml-document.ts';
import type { Path, YamlDocument } from './yaml-document.ts';

/** A policy file as its author sees it; `path` is only for messages. */
export interface PolicyText {
  readonly path: string;
  readonly text: string;
}

export interface ReadPolicy {
  readonly document: YamlDocument;
  readonly policy: Policy;
}

/** Reads one file and reports every mistake in it, not only the first. Never throws. */
export function readPolicyFile(
  file: PolicyText,
  settings: PolicySettings,
): {
  readonly document?: YamlDocument;
  readonly read?: ReadPolicy;
  readonly problems: readonly Problem[];
} {
  const { document, problems: unreadable } = readYaml(file.path, file.text);
  if (document === undefined) return { problems: unreadable };
  const { value } = document;
  const shaped = PolicyFile.safeParse(value);
  const { rules: places, gaps } = rulePlaces(value);
  const chosen = readSettings(value, settings);
  const names = { ...namesOf(value), settings: chosen.periods };
  const read = places.map((place) => readRule(place, names));
  const rules = read.flatMap((each) => each.read ?? []);
  const { caps, mistakes: ofCaps } = readCaps(value, names);
  const mistakes: readonly { readonly path: Path; readonly message: string; readonly at?: number | 'key' }[] =
    [
      ...read.flatMap((each) => each.mistakes),
      ...ofCaps,
      ...gaps,
      ...chosen.mistakes,
      ...checkMasks(value, rules, places),
      ...nameMistakes(value),
    ];
  const problems = [
    ...document.problems,
    ...(shaped.success ? [] : schemaProblems(shaped.error, document)),
    ...mistakes.map(({ path, message, at }) => document.problem(path, message, at)),
  ];
  if (!shaped.success || problems.length > 0) return { document, problems };
  // Only now: a rule that could not be read may have used it.
  const unused = unusedSettings(value, [...rules, ...caps], document);
  if (unused.length > 0) return { document, problems: unused };
  return {
    document,
    problems,
    read: { document, policy: toPolicy(shaped.data, { rules, caps }, chosen.periods) },
  };
}

/** What rules may name, from a file that may have mistakes elsewhere. */
function namesOf(file: unknown): Omit<RuleNames, 'settings'> {
  const { nouns, events, attributes, zone, ...rest } = mapOf(file);
  const yearEnds = Object.values(POLICY_YEARS).flatMap((key) => {
    const end = rest[key];
    const read = typeof end === 'string' ? parseYearEnd(end) : { ok: false as const };
    return read.ok ? [[key, read.yearEnd] as const] : [];
  });
  const bound = Object.entries(mapOf(nouns)).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return {
    nouns: Object.fromEntries(bound),
    events: new Set(Object.keys(mapOf(events))),
    eventsByPurpose: new Set(
      Object.entries(mapOf(events)).flatMap(([name, event]) =>
        mapOf(event)['byPurpose'] === true ? [name] : [],
      ),
    ),
    attributes: typesOf(attributes),
    eventAttributes: Object.fromEntries(
      Object.entries(mapOf(events)).map(([event, declared]) => [
        event,
        typesOf(mapOf(declared)['attributes']),
      ]),
    ),
    ...(typeof zone === 'string' && { zone }),
    ...(Object.fromEntries(yearEnds) as YearEnds),
  };
}

/** Attributes that are declared with a known type; the schema reports the others. */
function typesOf(declared: unknown): RuleNames['attributes'] {
  const types = Object.entries(mapOf(declared)).flatMap(([name, declaration]) => {
    const type = typeof declaration === 'string' ? declaration : mapOf(declaration)['type'];
    return type === 'text' || type === 'number' || type === 'boolean' ? [[name, type] as const] : [];
  });
  return Object.fromEntries(types);
}

/** An unused setting would ask the operator for a period that has no effect. */
function unusedSettings(file: unknown, rules: readonly ReadRule[], document: YamlDocument): Problem[] {
  const used = new Set(rules.flatMap(({ settings }) => settings));
  return Object.keys(mapOf(mapOf(file)['settings'])).flatMap((setting) => {
    if (used.has(setting)) return [];
    const message = `no rule uses the setting "${setting}"; use it in a rule, such as \`account plus {${setting}}\`, or remove it`;
    return [document.problem(['settings', setting], message, 'key')];
  });
}
