/**
 * What a call touches. A call that touches nothing that another operation of the model changes, and changes nothing
 * that another one touches, commutes with all that they do: it needs no gate, and the model loses no interleaving that
 * could end otherwise. A method without a row touches everything.
 */
const TOUCHES: Readonly<Record<string, readonly string[]>> = {
  chunk: ['chunk'],
  writeChunk: ['chunk!'],
  deleteChunk: ['chunk!'],
  putChunks: ['chunk!'],
  begin: ['chunk', 'work'],
  putWork: ['work!'],
  actOn: ['work!'],
  deleteWork: ['work!'],
  workRecords: ['work'],
  wideHolds: ['hold'],
  wideHold: ['hold'],
  placeWideHold: ['hold!'],
  releaseWideHold: ['hold!'],
  recordHold: ['hold record!'],
  holdRecord: ['hold record'],
  recordRelease: ['hold record!'],
  pointersAmong: [],
  park: ['parked!'],
  parked: ['parked'],
  unpark: ['parked!'],
  holdings: ['holding'],
  readHoldings: ['holding'],
  writeHoldings: ['holding!'],
  tombstones: ['tombstone'],
  tombstonesAt: ['tombstone'],
  putTombstone: ['tombstone!'],
  states: ['state'],
  putState: ['state!'],
  putFact: ['fact!'],
  history: ['fact'],
  // No operation brings a new pointer.
  pointers: [],
  putPointers: [],
  // No time passes, and no hint is put for a minute that has come.
  putHints: [],
  hintsAfter: [],
  cursors: ['cursor'],
  moveCursors: ['cursor!'],
  // Under a token of its own, and no process dies.
  putToBeSealed: [],
  putResult: [],
  // The allowance is larger than all that is due.
  laneGuard: [],
  writeLaneGuard: [],
  look: ['record'],
  readBack: ['record'],
  read: ['record'],
  list: ['record'],
  delete: ['record!'],
};

export const EVERYTHING = '*';

/** What each operation was seen to touch so far. */
export type Touched = Map<string, Set<string>>;

/** What was known when a search began, and what it found besides: a search that finds more is repeated. */
export interface Footprints {
  readonly known: Touched;
  readonly found: Touched;
}

/** Whether a call commutes with all that the others do. Takes down what it touches. */
export function isUnseen(
  { known, found }: Footprints,
  {
    by,
    others,
    method,
    args,
  }: {
    readonly by: string;
    readonly others: readonly string[];
    readonly method: string;
    readonly args: readonly unknown[];
  },
): boolean {
  const own = touchesOf(method, args);
  const before = found.get(by) ?? new Set();
  for (const one of own) before.add(one);
  found.set(by, before);
  return !others.some((other) =>
    [...(known.get(other) ?? [])].some((theirs) => own.some((one) => clash(one, theirs))),
  );
}

function touchesOf(method: string, args: readonly unknown[]): readonly string[] {
  const touched = TOUCHES[method] ?? [EVERYTHING];
  return touched.flatMap((one) =>
    one.startsWith('chunk') ? idsIn(args[0]).map((id) => `${id}${one.slice(5)}`) : [one],
  );
}

/** Chunks are told apart. */
function idsIn(chunks: unknown): readonly string[] {
  const all = (Array.isArray(chunks) ? chunks : [chunks]) as readonly { readonly id: string }[];
  return all.map(({ id }) => `chunk ${id}`);
}

function clash(a: string, b: string): boolean {
  if (a === EVERYTHING || b === EVERYTHING) return true;
  return (a.endsWith('!') || b.endsWith('!')) && a.replace('!', '') === b.replace('!', '');
}

export function isStable({ known, found }: Footprints): boolean {
  return [...found].every(([by, touched]) => [...touched].every((one) => known.get(by)?.has(one) === true));
}
