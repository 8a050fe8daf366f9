/** XML as S3 writes lists: a root, elements in it that have either text or others in them, and no attributes but a namespace. */
export interface PlainXml {
  /** Of elements that have only text. */
  readonly texts: ReadonlyMap<string, string>;
  /** Of elements that have others in them, in their order: the texts of those, in the order of the fields asked for. */
  readonly rows: ReadonlyMap<string, readonly Row[]>;
}

export type Row = readonly (string | undefined)[];

/** By the name of an element: which of the elements in it are read. */
export type Fields = Readonly<Record<string, readonly string[]>>;

const DECLARATION = /^\?xml [^?]*\?>\s*$/;
const NAME = /^[A-Za-z][A-Za-z\d]*$/;
const NAMESPACE = / xmlns="[^"&]*"$/;

/**
 * Reads XML that is exactly like that. `undefined` for everything else, even if it is XML: comments, CDATA, other attributes,
 * text beside elements, a field that comes twice. A general reader takes ten times as long, and a list has thousands of
 * elements.
 */
export function plainXml(text: string, root: string, fields: Fields): PlainXml | undefined {
  // Each piece is a tag and the text after it.
  const [before = '', ...pieces] = text.split('<');
  if (!isBlank(before)) return undefined;
  const places = placesOf(fields);
  const texts = new Map<string, string>();
  const rows = new Map<string, Row[]>();
  const open: string[] = [];
  let row: (string | undefined)[] = [];
  /** Of the element that was opened last, if nothing else has come since. */
  let leaf: string | undefined;
  for (let index = DECLARATION.test(pieces[0] ?? '') ? 1 : 0; index < pieces.length; index += 1) {
    const piece = pieces[index] ?? '';
    const end = piece.indexOf('>');
    if (end < 1) return undefined;
    const after = piece.slice(end + 1);
    const isClosing = piece.startsWith('/');
    const isEmpty = !isClosing && piece[end - 1] === '/';
    if (!isClosing) {
      const tag = piece.slice(0, isEmpty ? end - 1 : end);
      const name = open.length === 0 ? tag.replace(NAMESPACE, '') : tag;
      const isOther = open.length === 0 && (name !== root || texts.size + rows.size > 0);
      if (!NAME.test(name) || isOther || !isBlank(leaf ?? '')) return undefined;
      if (open.length === 1) row = [];
      open.push(name);
      leaf = isEmpty ? '' : after;
    }
    if (!isClosing && !isEmpty) continue;
    const name = open.pop();
    if (name === undefined || (isClosing && name !== piece.slice(1, end)) || !isBlank(after))
      return undefined;
    if (leaf !== undefined && (open.length === 1 || open.length === 2)) {
      const value = decoded(leaf);
      const place = open.length === 1 ? undefined : places.get(open[1] ?? '')?.get(name);
      const isTwice =
        open.length === 1
          ? texts.has(name) || places.has(name)
          : place !== undefined && row[place] !== undefined;
      if (value === undefined || isTwice) return undefined;
      if (open.length === 1) texts.set(name, value);
      else if (place !== undefined) row[place] = value;
    } else if (open.length === 1 && places.has(name)) {
      const same = rows.get(name) ?? [];
      same.push(row);
      rows.set(name, same);
    }
    leaf = undefined;
    if (open.length === 0) return index === pieces.length - 1 ? { texts, rows } : undefined;
  }
  return undefined;
}

function placesOf(fields: Fields): ReadonlyMap<string, ReadonlyMap<string, number>> {
  return new Map(
    Object.entries(fields).map(([name, all]) => [name, new Map(all.map((field, place) => [field, place]))]),
  );
}

function isBlank(text: string): boolean {
  return text === '' || /^\s*$/.test(text);
}

const NAMED: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
]);
const MOST_CODE_POINT = 0x10ffff;

/** `undefined` if an entity is not one of XML's own. */
function decoded(text: string): string | undefined {
  if (!text.includes('&')) return text;
  let isKnown = true;
  const plain = text.replaceAll(/&([^;]*);?/g, (whole, name: string) => {
    const character = whole.endsWith(';') ? (NAMED.get(name) ?? characterOf(name)) : undefined;
    isKnown &&= character !== undefined;
    return character ?? '';
  });
  return isKnown ? plain : undefined;
}

function characterOf(name: string): string | undefined {
  const [, hex, digits] = /^#(?:x([\da-fA-F]{1,6})|(\d{1,7}))$/.exec(name) ?? [];
  const code = hex === undefined ? Number(digits) : Number.parseInt(hex, 16);
  return code >= 0 && code <= MOST_CODE_POINT ? String.fromCodePoint(code) : undefined;
}
