import { isStoreAction } from '../domain/record/actions.ts';
import type { Action } from '../domain/record/actions.ts';
import type { ParsedRule, Rule } from '../domain/rule/ast.ts';
import type { Duration, YearEnds } from '../domain/calendar/units.ts';
import { contradictionsOf } from '../domain/rule/contradictions.ts';
import { parseRule } from '../domain/rule/parse.ts';
import { eventsOf } from '../domain/rule/walk.ts';
import { resolveRule } from '../domain/rule/resolve.ts';
import type { Vocabulary } from '../domain/rule/resolve.ts';
import { didYouMean } from '../domain/suggest.ts';
import type { RulePlace } from './rule-places.ts';
import type { Path } from './yaml-document.ts';

/** What rules may name, as far as the file could be read. */
export interface RuleNames extends YearEnds {
  readonly nouns: Readonly<Record<string, string>>;
  readonly events: ReadonlySet<string>;
  /** Those that are about one purpose each. */
  readonly eventsByPurpose: ReadonlySet<string>;
  /** The periods that the operator set, and a placeholder for each missing one, which is reported separately. */
  readonly settings: Readonly<Record<string, Duration>>;
  readonly zone?: string;
  readonly attributes: NonNullable<Vocabulary['attributes']>;
  readonly eventAttributes: NonNullable<Vocabulary['eventAttributes']>;
}

export interface ReadRule {
  readonly place: RulePlace;
  readonly rule: Rule;
  readonly actions: readonly Action[];
  readonly settings: readonly string[];
}

/** `at` is an index into the text of the rule. */
export interface RuleMistake {
  readonly path: Path;
  readonly at: number;
  readonly message: string;
}

/** Parses one rule and binds its names. Every wrong name is reported separately. */
export function readRule(place: RulePlace, names: RuleNames): { read?: ReadRule; mistakes: RuleMistake[] } {
  const mistake = (at: number, message: string): RuleMistake => ({ path: place.path, at, message });
  const person = STEPS_FOR_PEOPLE.exec(place.text);
  if (person !== null) {
    const word = person[2] ?? '';
    return { mistakes: [mistake(person.index + (person[1] ?? '').length, notYet(word))] };
  }
  const parsed = parseRule(place.text);
  if (!parsed.ok) return { mistakes: [mistake(parsed.error.offset, parsed.error.message)] };
  const mistakes = settingMistakes(parsed, names).map(({ at, message }) => mistake(at, message));
  const resolved = resolveRule(parsed, names);
  if (!resolved.ok) {
    const others = resolved.errors.filter((error) => error.code !== 'RULE_SETTING_MISSING');
    mistakes.push(...others.map((error) => mistake(error.offset, error.message)));
  }
  // Checked before the operator's periods are filled in: such a rule contradicts itself whatever they are.
  mistakes.push(...contradictionsOf(parsed.rule).map((message) => mistake(0, message)));
  const forPeople = parsed.rule.stages.find(({ action }) => !isStoreAction(action));
  if (forPeople !== undefined) mistakes.push(mistake(0, notYet(forPeople.action)));
  const actions = parsed.rule.stages.map((stage) => stage.action).filter(isStoreAction);
  if (place.purpose !== undefined)
    mistakes.push(...endMistakes(parsed.rule, place.purpose).map((message) => mistake(0, message)));
  else if (resolved.ok) {
    const found = [...eventsOf(resolved.rule)].find((event) => names.eventsByPurpose.has(event));
    if (found !== undefined) mistakes.push(mistake(0, ofOnePurpose(found)));
  }
  if (!resolved.ok || mistakes.length > 0) return { mistakes };
  const settings = parsed.uses.flatMap((use) => (use.kind === 'setting' ? [use.name] : []));
  return { mistakes, read: { place, rule: resolved.rule, actions, settings } };
}

const STEPS_FOR_PEOPLE = /(^\s*|[,;]?\s*\bthen\s+)(review|notify|warn|archive)\b/i;

/** Unsupported steps are refused when the policy is read: leaving one out silently would be a false promise. */
function notYet(word: string): string {
  return `"${word}" is a step for people and is not supported in this release; write what to do with the data: \`restrict …\`, \`anonymise …\` or \`delete …\``;
}

/** The rule of a purpose says when the purpose ends: one date. What becomes of the fields is said beside it. */
function endMistakes({ stages }: Rule, purpose: string): string[] {
  const [first, ...others] = stages;
  if (first?.action === 'delete' && others.length === 0) return [];
  return [
    `the rule of a purpose says only when the purpose ends; write one date, such as \`within 1 day after consent.withdrawn\`, and what becomes of its fields under \`fields\` of "${purpose}"`,
  ];
}

function ofOnePurpose(event: string): string {
  return `"${event}" is about one purpose (\`byPurpose\`), and this rule is about the whole record; write the rule under the purpose: \`purposes: { marketing: { rule: within 1 day after ${event}, fields: { email: clear } } }\``;
}

function settingMistakes(parsed: ParsedRule, names: RuleNames): { at: number; message: string }[] {
  return parsed.uses.flatMap((use) => {
    if (use.kind !== 'setting' || Object.hasOwn(names.settings, use.name)) return [];
    const hint = didYouMean(use.name, Object.keys(names.settings));
    const declare = `declare it under \`settings\`, with the sentence that leaves the period open`;
    return [
      { at: use.offset, message: `the policy declares no setting "${use.name}"${hint || `; ${declare}`}` },
    ];
  });
}
