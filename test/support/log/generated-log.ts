import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hash } from 'node:crypto';
import { canonicalJson } from '../../../shared/domain/canonical-json.ts';
import { packEntries } from '../../../shared/domain/log/bundles.ts';
import { growingTree } from '../../../shared/domain/log/growing-tree.ts';
import { bundlePath, tilePath, TILE_WIDTH } from '../../../shared/domain/log/tiles.ts';
import { leafHash } from '../../../shared/domain/log/tree.ts';
import { countsOfLines } from '../../../shared/domain/record/due-line.ts';
import type { DueListEntry, Entry, NoteEntry, StatementEntry } from '../../../shared/domain/record/entry.ts';
import type { LogRef } from '../../../shared/domain/record/ids.ts';
import {
  packLines,
  packList,
  type PageList,
  rootOf,
  unpackList,
} from '../../../shared/domain/record/page-list.ts';
import { bundleBytes, bundleKey } from '../../../shared/protocol/log/bundle.ts';
import { listsObject } from '../../../shared/protocol/log/page-lists.ts';
import { signedCheckpoint, testKey } from './note-keys.ts';

/** The objects of a log by their keys. */
export type LogFiles = Map<string, Uint8Array>;

export function refOf(text: string): LogRef {
  return hash('sha256', text, 'base64url').slice(0, 22) as LogRef;
}

/** An entry of a deletion, of 2026-03-01. */
export function deletionEntry(n: number, more: Partial<Entry> = {}): Entry {
  return {
    v: 2,
    token: `2026-03-01T10.${n}`,
    holding: refOf(`holding ${n}`),
    generation: 1,
    stage: 'delete',
    categories: ['uploads'],
    store: 'notes',
    outcome: 'deleted',
    subjects: [{ type: 'user', ref: refOf(`user ${n}`) }],
    policy: 'accounts',
    policyVersion: '1',
    rule: 'delete 30 days after account.closed',
    facts: [{ type: 'account.closed', occurred: '2026-01-30' }],
    due: '2026-03-01T00:00:00.000Z',
    leased: '2026-03-01T10:00:00.000Z',
    acted: '2026-03-01T10:00:01.000Z',
    readBack: '2026-03-01T10:00:02.000Z',
    software: 'tenure 0.2.0',
    tzdata: '2026a',
    ...more,
  };
}

/** The shortest entry: what an operator asked for. */
export function shortEntry(n: number): NoteEntry {
  return { v: 2, token: `t${n}`, did: 'pause', at: '2026-03-01T10:00:00.000Z', software: 's' };
}

/** The records of an entry's page, or the lines of what was due, by its index. */
export type Pages = ReadonlyMap<number, readonly string[]>;

export function withPage(entry: Entry, refs: readonly LogRef[]): Entry {
  return { ...entry, page: { records: refs.length, root: packList(refs).root } };
}

/** What was due on 2026-03-01, in one part, and its statement. */
export function dueEntries(lines: readonly string[]): readonly [DueListEntry, StatementEntry] {
  const { root } = packLines(lines);
  const due = countsOfLines(lines);
  const day = '2026-03-01';
  const common = { v: 2, at: '2026-03-02T00:00:00.000Z', first: day, last: day, due, software: 's' } as const;
  return [
    { ...common, did: 'due-list', token: `${day}T24.0`, part: 0, records: lines.length, root },
    { ...common, did: 'statement', token: `${day}T24.s`, parts: 1, root: rootOf([root]) },
  ];
}

/** A log with these entries: batches of `batch` entries, and one checkpoint at its end. */
export function logFiles(
  entries: readonly (Entry | NoteEntry)[],
  { batch = 100, pages = new Map() }: { readonly batch?: number; readonly pages?: Pages } = {},
): LogFiles {
  const files: LogFiles = new Map();
  const leaves = entries.map((entry) => Buffer.from(canonicalJson(entry)));
  for (let first = 0; first < leaves.length; first += batch) {
    files.set(bundleKey(first), bundleBytes(entries.slice(first, first + batch)));
    const own = [...pages].filter(([index]) => index >= first && index < first + batch);
    if (own.length === 0) continue;
    const { key, bytes } = listsObject(first, own.map(listOf));
    files.set(key, bytes);
  }
  for (const [path, bytes] of treeFiles(leaves)) files.set(path, bytes);
  return files;
}

/** The tree over these leaves, with its checkpoint. */
export function treeFiles(leaves: readonly Uint8Array[]): LogFiles {
  const files: LogFiles = new Map();
  const tree = growingTree();
  const made = leaves.flatMap((leaf) => [...tree.add(leafHash(leaf))]);
  for (const { tile, bytes } of [...made, ...tree.edge()]) files.set(tilePath(tile), bytes);
  for (let index = 0; index * TILE_WIDTH < leaves.length; index += 1) {
    const own = leaves.slice(index * TILE_WIDTH, (index + 1) * TILE_WIDTH);
    files.set(bundlePath({ index, width: own.length }), packEntries(own));
  }
  files.set('checkpoint', Buffer.from(signedCheckpoint({ size: tree.size, root: tree.root() }, testKey())));
  return files;
}

export async function writeLog(folder: string, files: LogFiles): Promise<void> {
  for (const [path, bytes] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), bytes);
  }
}

function listOf([index, lines]: readonly [number, readonly string[]]): PageList {
  const { root, list } = packLines(lines);
  return { index, root, records: unpackList(list) };
}
