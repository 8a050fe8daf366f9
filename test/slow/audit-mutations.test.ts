import { describe, expect, it } from 'vitest';
import { auditLog } from '../../cli/log-commands/audit-log.ts';
import {
  deletionEntry,
  dueEntries,
  logFiles,
  refOf,
  shortEntry,
  withPage,
} from '../support/log/generated-log.ts';
import { memorySource } from '../support/log/memory-source.ts';
import { testKey } from '../support/log/note-keys.ts';

const SIZE = 300;
const PAGED = [7, 255, 256, 299];
const STATED = 120;
const DUE = ['open', 'held', 'settled']
  .map((state, n) => `${refOf(`record ${n}`)} ${n + 1} ${state}`)
  .toSorted();

const keys = [testKey().key];
const [list, statement] = dueEntries(DUE);
const refs = new Map(
  PAGED.map((index) => [index, [1, 2, 3].map((n) => refOf(`record ${index} ${n}`)).toSorted()]),
);
const entries = Array.from({ length: SIZE }, (_none, index) => {
  const paged = refs.get(index);
  if (index === STATED) return list;
  if (index === STATED + 1) return statement;
  if (paged !== undefined) return withPage(deletionEntry(index), paged);
  return index % 50 === 0 ? deletionEntry(index) : shortEntry(index);
});
const files = logFiles(entries, {
  batch: 90,
  pages: new Map<number, readonly string[]>([...refs, [STATED, DUE]]),
});

describe('the audit of a log of 300 entries', () => {
  it('detects every changed byte of every file that it reads', async () => {
    const source = memorySource(files);
    expect(await auditLog(source, { keys })).toMatchObject({ ok: true, without: [] });
    expect([...source.names].toSorted()).toEqual([...files.keys()].toSorted());
    const undetected: string[] = [];
    const named = new Map<string, number>();
    let mutated = 0;
    for (const name of source.names) {
      const bytes = Buffer.from(files.get(name) ?? []);
      const changed = new Map([...files, [name, bytes]]);
      for (let at = 0; at < bytes.length; at += 1) {
        const before = bytes[at] ?? 0;
        // Another bit in each byte.
        bytes[at] = before ^ (1 << (at % 8));
        const result = await auditLog(memorySource(changed), { keys });
        bytes[at] = before;
        mutated += 1;
        if (result.ok) undetected.push(`${name} ${at}`);
        else if (result.fault.file === name) named.set(name, (named.get(name) ?? 0) + 1);
      }
      expect({ name, bytes: named.get(name) }).toEqual({ name, bytes: bytes.length });
    }
    process.stdout.write(`bytes mutated: ${mutated}, undetected: ${undetected.length}\n`);
    expect(undetected).toEqual([]);
  }, 900_000);
});
