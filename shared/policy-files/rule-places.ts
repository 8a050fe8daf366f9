import type { Level } from '../domain/configuration/policy.ts';
import { present } from '../domain/present.ts';
import type { Path } from './yaml-document.ts';

/** One rule of a policy file, its place, and what it applies to. */
export interface RulePlace {
  /** Its position among the rules at the same place. */
  readonly index: number;
  /** Leads to the text of the rule. */
  readonly path: Path;
  readonly text: string;
  readonly level: Level;
  /** Absent for the default rules of the policy, and for those of purposes. */
  readonly category?: string;
  /** The purpose that it ends. */
  readonly purpose?: string;
  readonly jurisdiction?: string;
  readonly across: 'latest' | 'earliest';
  readonly document?: string;
  readonly sentence?: string;
}

/** A place that should have a rule and has none, or that has both `rule` and `rules`. */
export interface RuleGap {
  readonly path: Path;
  readonly message: string;
}

/**
 * Every rule of a file, read leniently: it may have other mistakes, and a mistake in one place should not hide those in
 * the rules. What does not have the shape of a rule is skipped, because the schema reports it.
 */
export function rulePlaces(file: unknown): { readonly rules: RulePlace[]; readonly gaps: RuleGap[] } {
  const rules: RulePlace[] = [];
  const gaps: RuleGap[] = [];
  const document = textOf(mapOf(file)['document']);
  const collect = (
    set: unknown,
    path: Path,
    level: Level,
    of: Pick<RulePlace, 'category' | 'purpose' | 'jurisdiction'> = {},
  ): number => {
    const mayBeEmpty = level === 'category' || mapOf(set)['jurisdictions'] !== undefined;
    const { entries, gap } = entriesOf(set, path, mayBeEmpty);
    if (gap !== undefined) gaps.push(gap);
    const around = mapOf(set);
    for (const [index, entry] of entries.entries()) {
      const source = { ...mapOf(around['source']), ...mapOf(mapOf(entry.value)['source']) };
      // A privacy policy is not the law that overrides it.
      const from = textOf(source['document']) ?? (level === 'statutory' ? undefined : document);
      if (from === undefined && level === 'statutory') gaps.push({ path, message: NO_LAW });
      const sentence = textOf(source['sentence']);
      rules.push({
        index,
        path: entry.path,
        text: entry.text,
        level,
        ...of,
        across: (mapOf(entry.value)['across'] ?? around['across']) === 'earliest' ? 'earliest' : 'latest',
        ...present({ document: from, sentence }),
      });
    }
    return entries.length;
  };
  const collectPlaces = (sets: unknown, path: Path, level: Level, category: string): void => {
    for (const [jurisdiction, set] of Object.entries(mapOf(sets)))
      collect(set, [...path, jurisdiction], level, { category, jurisdiction });
  };
  const fallback = mapOf(file)['default'];
  const defaults = fallback === undefined ? 0 : collect(fallback, ['default'], 'default');
  for (const [purpose, set] of Object.entries(mapOf(mapOf(file)['purposes'])))
    collect(set, ['purposes', purpose], 'category', { purpose });
  for (const [name, category] of Object.entries(mapOf(mapOf(file)['categories']))) {
    const path = ['categories', name];
    const own = collect(category, path, 'category', { category: name });
    const { jurisdictions, statutory } = mapOf(category);
    const ofLaws = mapOf(statutory)['jurisdictions'];
    collectPlaces(jurisdictions, [...path, 'jurisdictions'], 'jurisdiction', name);
    const always =
      statutory === undefined
        ? 0
        : collect(statutory, [...path, 'statutory'], 'statutory', { category: name });
    collectPlaces(ofLaws, [...path, 'statutory', 'jurisdictions'], 'statutory', name);
    if (own + always + defaults === 0 && fallback === undefined && isComplete(category)) {
      const isSomewhere = jurisdictions !== undefined || ofLaws !== undefined;
      gaps.push({ path, message: isSomewhere ? ONLY_JURISDICTIONS : NO_RULE });
    }
  }
  return { rules, gaps };
}

const NO_RULE =
  'this category has no rule, and the policy has no `default`; write `rule: …`, or `rule: not computable, because "…"`';
const ONLY_JURISDICTIONS =
  'this category has rules for some jurisdictions only; write `rule: …` for holdings of all others';
const NO_LAW = 'a statutory rule must name the law that it comes from; write `source: { document: … }`';
const BOTH = '`rule` and `rules` are both set; keep one of them';
const NEITHER = 'no rule found; write `rule: …`';

interface Entry {
  readonly value: unknown;
  readonly path: Path;
  readonly text: string;
}

/** The rules of one set, which is text alone, or has `rule` or `rules`. */
function entriesOf(set: unknown, path: Path, mayBeEmpty: boolean): { entries: Entry[]; gap?: RuleGap } {
  if (typeof set === 'string') return { entries: [{ value: set, path, text: set }] };
  const { rule, rules } = mapOf(set);
  if (rule !== undefined && rules !== undefined)
    return { entries: [], gap: { path: [...path, 'rules'], message: BOTH } };
  if (typeof rule === 'string') return { entries: [{ value: {}, path: [...path, 'rule'], text: rule }] };
  if (rule === undefined && rules === undefined && isMap(set) && !mayBeEmpty)
    return { entries: [], gap: { path, message: NEITHER } };
  const entries = (Array.isArray(rules) ? rules : []).flatMap((value: unknown, index): Entry[] => {
    const text = typeof value === 'string' ? value : textOf(mapOf(value)['rule']);
    const at = [...path, 'rules', index];
    return text === undefined
      ? []
      : [{ value, path: typeof value === 'string' ? at : [...at, 'rule'], text }];
  });
  return { entries };
}

/** Keys of a category that are not rules: any other key may be a misspelled rule. */
const BESIDE_RULES = [
  'description',
  'owner',
  'cap',
  'across',
  'source',
  'anonymise',
  'subjects',
  'jurisdictions',
  'statutory',
];

/** Whether a category is well formed, so that a missing rule is its only mistake. */
function isComplete(category: unknown): boolean {
  return (
    category === null || (isMap(category) && Object.keys(category).every((key) => BESIDE_RULES.includes(key)))
  );
}

/** The mapping, or an empty one. */
export function mapOf(value: unknown): Readonly<Record<string, unknown>> {
  return isMap(value) ? value : {};
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
