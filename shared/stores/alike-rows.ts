/** A text of an element in a row, as places in the whole text. */
export interface Leaf {
  readonly from: number;
  readonly to: number;
  /** Where it comes in what is read of the row; absent for what is not read. */
  readonly place: number | undefined;
}

/** How a row is written: what stands before, between and after the texts in it. */
export interface Shape {
  /** One more than there are texts. */
  readonly between: readonly string[];
  /** Of each text. */
  readonly places: readonly (number | undefined)[];
  /** What was read of it: others have the same where a text is missing. */
  readonly row: Row;
}

export type Row = readonly (string | undefined)[];

interface Written {
  /** Where it begins and ends in the text. */
  readonly from: number;
  readonly to: number;
  readonly leaves: readonly Leaf[];
  readonly row: Row;
}

export function shapeOf(text: string, { from, to, leaves, row }: Written): Shape {
  const starts = [from, ...leaves.map((leaf) => leaf.to)];
  const ends = [...leaves.map((leaf) => leaf.from), to];
  return {
    between: starts.map((start, index) => text.slice(start, ends[index])),
    places: leaves.map(({ place }) => place),
    row,
  };
}

/**
 * Reads a row that begins here, if it is written like another one, which was read tag by tag: the rows of a list are, and no
 * tag of it has to be looked at. `undefined` for everything else.
 */
export function rowLike(
  text: string,
  from: number,
  shape: Shape,
  decoded: (text: string) => string | undefined,
): { readonly row: Row; readonly to: number } | undefined {
  const { between, places } = shape;
  const row = [...shape.row];
  let at = from;
  for (const [index, before] of between.entries()) {
    if (!text.startsWith(before, at)) return undefined;
    at += before.length;
    if (index === places.length) break;
    const end = text.indexOf('<', at);
    const value = end < 0 ? undefined : decoded(text.slice(at, end));
    if (value === undefined) return undefined;
    const place = places[index];
    if (place !== undefined) row[place] = value;
    at = end;
  }
  return { row, to: at };
}
