import type { Entry, NoteEntry } from '../../shared/domain/record/entry.ts';
import { unpackEntries } from '../../shared/domain/log/bundles.ts';
import { entryChecks } from '../../shared/domain/log/check-entries.ts';
import { type Checkpoint, openCheckpoint } from '../../shared/domain/log/checkpoint.ts';
import { growingTree, type MadeTile } from '../../shared/domain/log/growing-tree.ts';
import type { Cosignature } from '../../shared/domain/log/cosignature.ts';
import { keysNamedIn } from '../../shared/domain/log/introduced-key.ts';
import type { NoteKey } from '../../shared/domain/log/note.ts';
import { type Bundle, bundlePath, HASH_BYTES, TILE_WIDTH, tilePath } from '../../shared/domain/log/tiles.ts';
import { readTile } from '../../shared/domain/log/read-receipt.ts';
import { leafHash, same } from '../../shared/domain/log/tree.ts';
import { utf8Text } from '../../shared/domain/utf8.ts';
import { type Dropped, droppedIn, rememberingLast } from './audit-dropped.ts';
import { type LogFault, noteFault, sayEntryFault } from './audit-faults.ts';
import { type Journal, journalOf } from './audit-journal.ts';
import { type Lists, listsOf, type OnList } from './audit-lists.ts';
import { type Statements, statementChecks } from './audit-statements.ts';
import type { LogSource } from './log-source.ts';
import { type AskedWitnesses, ownWitness, witnessedNote } from './witness-option.ts';

export interface Audited {
  readonly checkpoint: Checkpoint;
  readonly signers: readonly NoteKey[];
  /** Of the witnesses that were asked for. */
  readonly cosignatures: readonly Cosignature[];
  /** Objects that were not there to be looked at; a copy of a log may have its tree only. */
  readonly without: readonly ('entries' | 'lists')[];
  /** How many entries were dropped, as the log says: the first one that was looked at is the next one. */
  readonly dropped: number;
  /** Days that no statement of what was due covers, after the first one that is stated. */
  readonly unstated: readonly string[];
}

export type AuditResult =
  | ({ readonly ok: true } & Audited)
  | { readonly ok: false; readonly fault: LogFault };

interface AuditOptions {
  readonly keys: readonly NoteKey[];
  /** A signed checkpoint that was kept before, with the name of its file. */
  readonly since?: { readonly file: string; readonly note: string } | undefined;
  /** Enough of them have to have cosigned the checkpoint. */
  readonly witnesses?: AskedWitnesses | undefined;
  readonly progress?: (done: number, all: number) => void;
  /** Each entry that is right, in its order; it belongs to the log only if all of the log is right. */
  readonly onEntry?: (entry: Entry | NoteEntry) => void;
  readonly onList?: OnList;
}

/**
 * Computes a whole log again from its entries, in their order, and answers the first thing that is wrong. Every tile,
 * bundle, list and object of entries that belongs to the signed checkpoint is read once. Of entries that were dropped, the
 * hashes are read. Memory: a tile for each level of the tree, and what `entryChecks` keeps.
 */
export async function auditLog(files: LogSource, options: AuditOptions): Promise<AuditResult> {
  const source = rememberingLast(files);
  const opened = await openHead(source, options);
  if (!opened.ok) return opened;
  const { checkpoint, signers, cosignatures, since } = opened;
  const dropped = await droppedIn(source, checkpoint.size);
  if ('file' in dropped) return { ok: false, fault: dropped };
  const journal = await journalOf(source, dropped.count);
  const lists = await listsOf(source, options.onList);
  const statements = statementChecks({ isCut: dropped.count > 0 });
  const rotated: NoteKey[] = [];
  const onEntry = (entry: Entry | NoteEntry): void => {
    rotated.push(...keysNamedIn(entry));
    options.onEntry?.(entry);
  };
  const parts = { checkpoint, since, journal, lists, dropped, statements, onEntry };
  const fault = await walk(source, parts, options);
  if (fault !== undefined) return { ok: false, fault };
  const problem = options.witnesses && ownWitness(options.witnesses, rotated);
  if (problem !== undefined) return { ok: false, fault: { file: 'checkpoint', problem } };
  const without = [
    ...(journal === undefined ? (['entries'] as const) : []),
    ...(lists === undefined ? (['lists'] as const) : []),
  ];
  const unstated = statements.daysWithout();
  return { ok: true, checkpoint, signers, cosignatures, without, dropped: dropped.count, unstated };
}

interface Since {
  readonly file: string;
  readonly checkpoint: Checkpoint;
}

type Head =
  | {
      readonly ok: true;
      readonly checkpoint: Checkpoint;
      readonly signers: readonly NoteKey[];
      readonly cosignatures: readonly Cosignature[];
      readonly since: Since | undefined;
    }
  | { readonly ok: false; readonly fault: LogFault };

async function openHead(source: LogSource, { keys, since, witnesses }: AuditOptions): Promise<Head> {
  const file = 'checkpoint';
  const bytes = await source.read(file);
  if (bytes === undefined) return { ok: false, fault: { file, problem: 'is missing: check `--log`.' } };
  // A signed note is text: with other bytes, it is none.
  const note = utf8Text(bytes) ?? '';
  const opened = openCheckpoint(note, keys);
  if (!opened.ok) return { ok: false, fault: { file, problem: noteFault(opened.fault) } };
  const witnessed = witnesses && witnessedNote(note, witnesses);
  if (witnessed?.ok === false) return { ok: false, fault: { file, problem: witnessed.problem } };
  const { checkpoint, signers } = opened;
  const own = { checkpoint, signers, cosignatures: witnessed?.cosignatures ?? [] };
  if (since === undefined) return { ok: true, ...own, since: undefined };
  const before = openCheckpoint(since.note, keys);
  if (!before.ok) return { ok: false, fault: { file: since.file, problem: noteFault(before.fault) } };
  if (before.checkpoint.origin !== checkpoint.origin)
    return { ok: false, fault: { file: since.file, problem: 'is a checkpoint of another log.' } };
  if (before.checkpoint.size > checkpoint.size) {
    const problem = `is of ${before.checkpoint.size} entries, and the log has only ${checkpoint.size} now: entries were taken away.`;
    return { ok: false, fault: { file: since.file, problem } };
  }
  return { ok: true, ...own, since: { file: since.file, checkpoint: before.checkpoint } };
}

interface Parts {
  readonly checkpoint: Checkpoint;
  readonly since: Since | undefined;
  readonly journal: Journal | undefined;
  readonly lists: Lists | undefined;
  readonly dropped: Dropped;
  readonly statements: Statements;
  readonly onEntry: AuditOptions['onEntry'];
}

/** A tile that does not have the hashes of the entries, and of one of the leaves, the entries that it is about. */
interface Differing {
  readonly tile: string;
  readonly read: LogFault | undefined;
}

async function walk(
  source: LogSource,
  parts: Parts,
  { progress }: AuditOptions,
): Promise<LogFault | undefined> {
  const { checkpoint, since, dropped } = parts;
  const { size } = checkpoint;
  const tree = growingTree();
  const check = entryChecks();
  /** The first tile that does not have the hashes of the entries. Only the root says which of both is wrong. */
  let differing: Differing | undefined;
  const compare = async (made: MadeTile, bundle?: Bundle): Promise<LogFault | undefined> => {
    const fault = await tileFault(source, made);
    if (fault === undefined) return undefined;
    if (fault.hash === undefined) return fault;
    const problem = `the hash of entry ${fault.hash} is not the one in the signed tree.`;
    const below = made.tile.level === 2 ? dropped.blamed(fault.hash) : undefined;
    differing ??= { tile: fault.file, read: bundle ? { file: bundlePath(bundle), problem } : below };
    return undefined;
  };
  const rewritten = (): LogFault | undefined =>
    tree.size === since?.checkpoint.size && !same(tree.root(), since.checkpoint.root)
      ? sinceFault(since)
      : undefined;
  if (since !== undefined && since.checkpoint.size % TILE_WIDTH > 0 && since.checkpoint.size < dropped.count)
    return tooOld(since, dropped);
  let wrongSince = rewritten();
  const unread = await dropped.grow(tree, async (whole) => {
    wrongSince ??= rewritten();
    for (const one of whole) {
      const fault = await compare(one);
      if (fault !== undefined) return fault;
    }
    return undefined;
  });
  if (unread !== undefined) return unread;
  // One after the other: nothing is known yet about whether a log of this size is there.
  for (let first = dropped.count; first < size; first += TILE_WIDTH) {
    const bundle = { index: first / TILE_WIDTH, width: Math.min(TILE_WIDTH, size - first) };
    const path = bundlePath(bundle);
    const read = await entriesOf(source, bundle);
    if ('file' in read) return read;
    const made: MadeTile[] = [];
    for (const entry of read.entries) {
      made.push(...tree.add(leafHash(entry)));
      const found = rewritten();
      if (found !== undefined) return differing?.read ?? found;
    }
    const [own = tree.edge()[0], ...above] = made;
    if (own !== undefined) {
      const fault = await compare(own, bundle);
      if (fault !== undefined) return fault;
    }
    for (const one of above) {
      const fault = await compare(one);
      if (fault !== undefined) return fault;
    }
    if (differing === undefined) {
      const fault = await entriesFault(parts, check, { first, path, entries: read.entries });
      if (fault !== undefined) return fault;
    }
    progress?.(tree.size, size);
  }
  for (const made of tree.edge().filter(({ tile }) => tile.level > 0)) {
    const fault = await compare(made);
    if (fault !== undefined) return fault;
  }
  const { journal, lists } = parts;
  return (
    rootFault(checkpoint, tree.root(), { differing, dropped }) ??
    wrongSince ??
    dropped.faultAtEnd() ??
    journal?.faultAtEnd() ??
    (await lists?.faultAtEnd())
  );
}

function sinceFault({ file, checkpoint }: Since): LogFault {
  return {
    file,
    problem: `the first ${checkpoint.size} entries of the log are not those that this checkpoint was signed for: the log was rewritten.`,
  };
}

/** Half of a bundle's entries cannot be hashed without the bundle. */
function tooOld({ file, checkpoint }: Since, { count }: Dropped): LogFault {
  return {
    file,
    problem: `is of ${checkpoint.size} entries, and those before ${count} were dropped: nothing that is left says whether they are the same. Give a checkpoint of at least ${count} entries.`,
  };
}

function rootFault(
  { size, root }: Checkpoint,
  found: Uint8Array,
  { differing, dropped }: { readonly differing: Differing | undefined; readonly dropped: Dropped },
): LogFault | undefined {
  if (same(found, root)) {
    if (differing === undefined) return undefined;
    return {
      file: differing.tile,
      problem: 'has not the hashes of the entries, which give the signed root.',
    };
  }
  const read = differing === undefined ? dropped.blamed() : differing.read;
  if (read !== undefined) return read;
  return { file: 'checkpoint', problem: `signs another root than the ${size} entries give.` };
}

async function entriesOf(
  source: LogSource,
  bundle: Bundle,
): Promise<{ readonly entries: readonly Uint8Array[] } | LogFault> {
  const found = await readTile(source.read, bundle, bundlePath);
  if (found === undefined) return { file: bundlePath(bundle), problem: 'is missing.' };
  const entries = unpackEntries(found.bytes, found.width);
  if (entries === undefined)
    return { file: found.path, problem: `does not have exactly ${found.width} entries.` };
  return { entries: entries.slice(0, bundle.width) };
}

/** `hash`: of which entry, or of which subtree, the hash is another one. */
async function tileFault(
  source: LogSource,
  { tile, bytes }: MadeTile,
): Promise<(LogFault & { readonly hash?: number }) | undefined> {
  const found = await readTile(source.read, tile, tilePath);
  if (found === undefined) return { file: tilePath(tile), problem: 'is missing.' };
  if (found.bytes.length !== found.width * HASH_BYTES)
    return { file: found.path, problem: `has ${found.bytes.length} bytes, not ${found.width * HASH_BYTES}.` };
  const there = found.bytes.subarray(0, bytes.length);
  if (same(there, bytes)) return undefined;
  let at = 0;
  while (there[at] === bytes[at]) at += 1;
  return { file: found.path, problem: '', hash: tile.index * TILE_WIDTH + Math.floor(at / HASH_BYTES) };
}

async function entriesFault(
  { journal, lists, dropped, statements, onEntry }: Parts,
  check: ReturnType<typeof entryChecks>,
  {
    first,
    path,
    entries,
  }: { readonly first: number; readonly path: string; readonly entries: readonly Uint8Array[] },
): Promise<LogFault | undefined> {
  for (const [at, bytes] of entries.entries()) {
    const found = await journal?.faultAt(first + at, bytes);
    if (found !== undefined) return found;
  }
  for (const [at, bytes] of entries.entries()) {
    const index = first + at;
    const checked = check(bytes);
    if (!checked.ok) return { file: path, problem: `entry ${index} ${sayEntryFault(checked.fault)}` };
    dropped.add(checked.entry);
    const fault = await lists?.faultOf(index, checked.entry);
    if (fault !== undefined) return fault;
    const misstated = statements.faultOf(checked.entry);
    if (misstated !== undefined) return { file: path, problem: `entry ${index} ${misstated}` };
    onEntry?.(checked.entry);
  }
  return undefined;
}
