import { type Leaf, type Row, rowLike, type Shape, shapeOf } from './alike-rows.ts';

/** XML as S3 writes lists: a root, elements in it that have either text or others in them, and no attributes but a namespace. */
export interface PlainXml {
  /** Of elements that have only text. */
  readonly texts: ReadonlyMap<string, string>;
  /** Of elements that have others in them, in their order: the texts of those, in the order of the fields asked for. */
  readonly rows: ReadonlyMap<string, readonly Row[]>;
}

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
  const places = placesOf(fields);
  const texts = new Map<string, string>();
  const rows = new Map<string, Row[]>();
  const shapes = new Map<string, Shape>();
  const open: string[] = [];
  let row: (string | undefined)[] = [];
  /** Where the row begins, and the texts in it. */
  let [rowAt, leaves]: [number, Leaf[]] = [0, []];
  /** Of the element that was opened last, if nothing else has come since: where its text is. */
  let leaf: Omit<Leaf, 'place'> | undefined;
  const first = text.indexOf('<');
  if (!isBlank(text.slice(0, Math.max(first, 0)))) return undefined;
  let next = first;
  // Each turn reads a tag and the text after it.
  while (next >= 0) {
    const at = next + 1;
    next = text.indexOf('<', at);
    const stop = next < 0 ? text.length : next;
    if (at === first + 1 && DECLARATION.test(text.slice(at, stop))) continue;
    const end = text.indexOf('>', at);
    if (end <= at || end >= stop) return undefined;
    const isClosing = text[at] === '/';
    const isEmpty = !isClosing && text[end - 1] === '/';
    if (!isClosing) {
      const tag = text.slice(at, isEmpty ? end - 1 : end);
      const name = open.length === 0 ? tag.replace(NAMESPACE, '') : tag;
      if (!NAME.test(name) || (open.length === 0 && name !== root) || !isBlank(textOf(text, leaf)))
        return undefined;
      const shape = open.length === 1 ? shapes.get(name) : undefined;
      const alike = shape && rowLike(text, at - 1, shape, decoded);
      if (alike !== undefined) {
        rows.get(name)?.push(alike.row);
        next = text.indexOf('<', alike.to);
        if (!isBlank(text.slice(alike.to, next < 0 ? text.length : next))) return undefined;
        leaf = undefined;
        continue;
      }
      if (open.length === 1) [row, rowAt, leaves] = [[], at - 1, []];
      open.push(name);
      leaf = isEmpty ? { from: end, to: end } : { from: end + 1, to: stop };
    }
    if (!isClosing && !isEmpty) continue;
    const name = open.pop();
    const isOther = isClosing && name !== text.slice(at + 1, end);
    if (name === undefined || isOther || !isBlank(text.slice(end + 1, stop))) return undefined;
    const place = open.length === 2 ? places.get(open[1] ?? '')?.get(name) : undefined;
    if (leaf !== undefined && (open.length === 1 || open.length === 2)) {
      const value = decoded(textOf(text, leaf));
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
      shapes.set(name, shapeOf(text, { from: rowAt, to: end + 1, leaves, row }));
    }
    if (leaf !== undefined && !isEmpty) leaves.push({ ...leaf, place });
    leaf = undefined;
    if (open.length === 0) return next < 0 ? { texts, rows } : undefined;
  }
  return undefined;
}

function textOf(text: string, leaf: Omit<Leaf, 'place'> | undefined): string {
  return leaf === undefined ? '' : text.slice(leaf.from, leaf.to);
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
  // An ETag has only these.
  const unquoted = text.replaceAll('&quot;', '"');
  if (!unquoted.includes('&')) return unquoted;
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
