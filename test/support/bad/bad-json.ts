/** What no answer, report or list may ever contain. */
export const MARKER = 'zoe.marker@example.org';

/** Kinds of bad values, as JSON text: some cannot be held by an object. */
export const BAD_VALUES: Readonly<Record<string, string>> = {
  null: 'null',
  true: 'true',
  'a number': '42',
  'a fraction': '1.5',
  'a number out of range': '1E400',
  'a negative number out of range': '-1E400',
  'an integer that no number holds': '123456789012345678901234567890',
  'an empty text': '""',
  'a space': '" "',
  'an address': JSON.stringify(MARKER),
  'a long text': JSON.stringify(MARKER.repeat(200)),
  'a text longer than an item': JSON.stringify(MARKER.repeat(3000)),
  'a NUL': JSON.stringify(`${MARKER}\u0000`),
  'a lone surrogate': String.raw`"${MARKER}\ud800"`,
  'a lone second surrogate': String.raw`"\udfff${MARKER}"`,
  'control characters': JSON.stringify(`${MARKER}\u001b[2J\r\n\u0007\u009b`),
  'a change of direction': JSON.stringify(`${MARKER}\u202e\u2066`),
  'the name of the prototype': '"__proto__"',
  'the name of a constructor': '"constructor"',
  'an empty object': '{}',
  'an object': `{"${MARKER}":"${MARKER}"}`,
  'a prototype': `{"__proto__":{"${MARKER}":1}}`,
  'a constructor with a prototype': `{"constructor":{"prototype":{"${MARKER}":1}}}`,
  'a name twice': `{"${MARKER}":1,"${MARKER}":2}`,
  'a very long name': `{"${MARKER.repeat(400)}":1}`,
  'an empty list': '[]',
  'a list': `["${MARKER}"]`,
  'a long list': `[${'"x",'.repeat(500)}"${MARKER}"]`,
  'a list of lists': '[[[[[[[["x"]]]]]]]]',
  'a hundred levels and more': `${'['.repeat(101)}${']'.repeat(101)}`,
  'ten thousand levels': `${'[{"a":'.repeat(5000)}1${'}]'.repeat(5000)}`,
  'a date of no calendar': '"2026-02-30"',
  'a date of another form': '"03/01/2026"',
  'a year out of range': '"0999-01-01"',
  'a path upwards': '"../../etc/passwd"',
  'a statement': '"1; DROP TABLE contracts;--"',
  'a template': '"${jndi:ldap://x}{{7*7}}"',
};

export type Path = readonly (string | number)[];

/** Every place in a value, the value itself not included. */
export function placesIn(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) => {
    const here = [...path, Array.isArray(value) ? Number(key) : key];
    return [here, ...placesIn(child, here)];
  });
}

/** The JSON text of the value with other text at one place. */
export function textWith(value: unknown, [first, ...rest]: Path, json: string): string {
  if (first === undefined) return json;
  if (Array.isArray(value))
    return `[${value.map((each, index) => (index === first ? textWith(each, rest, json) : JSON.stringify(each))).join(',')}]`;
  const members = Object.entries(value as object).map(
    ([key, each]) =>
      `${JSON.stringify(key)}:${key === first ? textWith(each, rest, json) : JSON.stringify(each)}`,
  );
  return `{${members.join(',')}}`;
}

/** The object with one more member at each place that is an object; and with one member less. */
export function changesOf(value: object): string[] {
  const objects = [[], ...placesIn(value)].filter((path) => isObject(at(value, path)));
  return objects.flatMap((path) => {
    const here = at(value, path) as object;
    const text = JSON.stringify(here);
    const names = Object.keys(here);
    const more = [
      `"${MARKER}":"${MARKER}"`,
      `"__proto__":{"${MARKER}":true}`,
      ...names.map((name) => `${JSON.stringify(name)}:"${MARKER}"`),
    ].map((member) => text.replace('{', () => `{${member}${names.length === 0 ? '' : ','}`));
    const less = names.map((name) =>
      JSON.stringify(Object.fromEntries(Object.entries(here).filter(([key]) => key !== name))),
    );
    return [...more, ...less].map((json) => textWith(value, path, json));
  });
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function at(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((here, key) => (here as Record<string | number, unknown>)[key], value);
}

/** Each bad value at each place, and each member added, given twice or left out. */
export function badTexts(value: object): string[] {
  const values = placesIn(value).flatMap((path) =>
    Object.values(BAD_VALUES).map((bad) => textWith(value, path, bad)),
  );
  return [...new Set([...values, ...changesOf(value)])].filter((text) => text !== JSON.stringify(value));
}

/** No input may leave anything on what every object and list inherits. */
export function inherited(): string {
  return [Object.prototype, Array.prototype, Function.prototype]
    .map((prototype) => Object.getOwnPropertyNames(prototype).toSorted().join())
    .join(';');
}
