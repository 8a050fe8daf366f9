import type { NameUse } from '../domain/rule/ast.ts';
import { PURPOSE } from '../domain/facts/purpose-of.ts';
import { parseRule } from '../domain/rule/parse.ts';
import { didYouMean } from '../domain/suggest.ts';
import { mapOf } from './rule-places.ts';
import type { Path } from './yaml-document.ts';

export interface NameMistake {
  readonly path: Path;
  readonly message: string;
  readonly at?: 'key';
}

const NEVER_TOLD: NameMistake = {
  path: ['notifyBefore'],
  message:
    'says how long before a disposal applications are told, but `notify` does not list `upcoming`; add it there, or remove this line',
  at: 'key',
};

/** Names that one part of a file uses and another declares. Read leniently: the schema reports what is badly formed. */
export function nameMistakes(file: unknown): NameMistake[] {
  const {
    attributes,
    categories,
    children,
    events,
    jurisdictionFrom,
    nouns,
    notComputable,
    notify,
    notifyBefore,
    purposes,
    settings,
  } = mapOf(file);
  const declared = mapOf(events);
  const isTold = Array.isArray(notify) && notify.includes('upcoming');
  return [
    ...(notifyBefore === undefined || isTold ? [] : [NEVER_TOLD]),
    ...Object.entries(declared).flatMap(([name, event]) => undoMistakes(name, event, declared)),
    ...Object.entries(declared).flatMap(([name, event]) => purposeMistakes(name, event, purposes)),
    ...['born', 'found'].flatMap((key) => {
      const event = mapOf(children)[key];
      if (typeof event !== 'string') return [];
      const path = ['children', key];
      if (!Object.hasOwn(declared, event)) return [{ path, message: undeclared(event, declared) }];
      if (mapOf(declared[event])['undoneBy'] === undefined) return [];
      const message = `"${event}" may not be undone here, because data that was erased cannot come back; remove its \`undoneBy\`, and retract an event that never was`;
      return [{ path, message }];
    }),
    ...Object.entries(mapOf(nouns)).flatMap(([noun, event]) =>
      typeof event !== 'string' || Object.hasOwn(declared, event)
        ? []
        : [{ path: ['nouns', noun], message: undeclared(event, declared) }],
    ),
    ...Object.keys(mapOf(nouns)).flatMap((noun) =>
      // The schema reports a noun of more words.
      noun.split(' ').length > 4 || isRead('event', `1 day after ${noun}`, noun)
        ? []
        : [unreadable(['nouns', noun], noun)],
    ),
    ...Object.keys(mapOf(attributes)).flatMap((name) =>
      isRead('attribute', `1 day after x if ${name} is "a"`, name)
        ? []
        : [unreadable(['attributes', name], name)],
    ),
    ...Object.entries(mapOf(categories)).flatMap(([name, category]) => {
      if (jurisdictionFrom !== undefined || declaresJurisdiction(attributes)) return [];
      const places = [['jurisdictions'], ['statutory', 'jurisdictions']];
      const used = places.filter((place) => Object.hasOwn(placeIn(category, place), 'jurisdictions'));
      return used.map((place) => {
        return { path: ['categories', name, ...place], message: NO_JURISDICTION, at: 'key' as const };
      });
    }),
    ...(Array.isArray(notComputable) ? notComputable : []).flatMap((statement: unknown, index) => {
      const cap = mapOf(statement)['cappedBy'];
      if (typeof cap !== 'string' || Object.hasOwn(mapOf(settings), cap)) return [];
      const message = `the policy declares no setting "${cap}"${didYouMean(cap, Object.keys(mapOf(settings)))}`;
      return [{ path: ['notComputable', index, 'cappedBy'], message }];
    }),
  ];
}

/** Whether the rule names exactly that: words of the language end a name, or mean something at its beginning. */
function isRead(kind: NameUse['kind'], rule: string, name: string): boolean {
  const parsed = parseRule(rule);
  return parsed.ok && parsed.uses.some((use) => use.kind === kind && use.name === name);
}

function unreadable(path: Path, name: string): NameMistake {
  const hyphens = name.replaceAll(' ', '-');
  const example = hyphens === name ? `the-${name}` : hyphens;
  const message = `no rule can use the name "${name}", because words of the language are read in it; choose another one, such as "${example}"`;
  return { path, message, at: 'key' };
}

const NO_JURISDICTION =
  'these rules depend on the attribute `jurisdiction` of holdings, which the policy does not declare; write `attributes: { jurisdiction: text }`, or name the event that says it under `jurisdictionFrom`';

/** The mapping that has the last key of the path. */
function placeIn(category: unknown, path: readonly string[]): Readonly<Record<string, unknown>> {
  return mapOf(path.slice(0, -1).reduce((inner: unknown, key) => mapOf(inner)[key], category));
}

function declaresJurisdiction(attributes: unknown): boolean {
  const declared = mapOf(attributes)['jurisdiction'];
  return declared === 'text' || mapOf(declared)['type'] === 'text';
}

function undoMistakes(
  name: string,
  event: unknown,
  declared: Readonly<Record<string, unknown>>,
): NameMistake[] {
  const { entity, undoneBy } = mapOf(event);
  return (Array.isArray(undoneBy) ? undoneBy : []).flatMap((undo: unknown, index): NameMistake[] => {
    if (typeof undo !== 'string') return [];
    const path = ['events', name, 'undoneBy', index];
    if (undo === name)
      return [{ path, message: `"${name}" cannot undo itself; name the event that takes it back` }];
    if (!Object.hasOwn(declared, undo)) return [{ path, message: undeclared(undo, declared) }];
    if (mapOf(declared[undo])['byPurpose'] === true && mapOf(event)['byPurpose'] !== true) {
      const message = `"${undo}" is about one purpose (\`byPurpose\`), and "${name}" is about all of them; write \`byPurpose: true\` for both, or for none`;
      return [{ path, message }];
    }
    const other = mapOf(declared[undo])['entity'];
    if (typeof entity !== 'string' || typeof other !== 'string' || other === entity) return [];
    const message = `"${undo}" happens to ${article(other)}, "${name}" to ${article(entity)}; only an event of the same entity type can undo it`;
    return [{ path, message }];
  });
}

/** An event by purpose has the attribute `purpose`, with one of the policy's own. */
function purposeMistakes(name: string, event: unknown, purposes: unknown): NameMistake[] {
  const { byPurpose, attributes } = mapOf(event);
  if (byPurpose !== true) return [];
  const type = mapOf(attributes)[PURPOSE];
  if (type !== undefined && type !== 'text') {
    const message = `an event with \`byPurpose\` has the attribute "${PURPOSE}", which is text; remove it here`;
    return [{ path: ['events', name, 'attributes', PURPOSE], message }];
  }
  if (purposes !== undefined) return [];
  const message = `the event is about one purpose, and the policy lists none; write \`purposes\`, such as \`purposes: [service, marketing]\``;
  return [{ path: ['events', name, 'byPurpose'], message }];
}

function undeclared(event: string, declared: Readonly<Record<string, unknown>>): string {
  const hint = didYouMean(event, Object.keys(declared));
  const declare = `; declare it under \`events\`, such as \`${event}: { entity: account }\``;
  return `the policy declares no event "${event}"${hint || declare}`;
}

function article(noun: string): string {
  return `${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}`;
}
