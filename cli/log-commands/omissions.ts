import { isSuccess } from '../../shared/domain/record/actions.ts';
import { type DueLine, dueLineIn } from '../../shared/domain/record/due-line.ts';
import {
  type DueListEntry,
  type Entry,
  type NoteEntry,
  type StatementEntry,
} from '../../shared/domain/record/entry.ts';
import { present } from '../../shared/domain/present.ts';
import { auditLog, type AuditResult } from './audit-log.ts';
import type { LogSource } from './log-source.ts';

/** A generation of a record that the statement and the rest of the log say different things about. */
export interface Omission {
  readonly ref: string;
  readonly generation: number;
  /**
   * `not-listed`: an entry says that it was disposed of on the day. `no-entry`: the list says that it was, and no entry does.
   */
  readonly code: 'not-listed' | 'no-entry';
}

export interface DayStated {
  readonly statement: StatementEntry;
  readonly omissions: readonly Omission[];
  /** Due in the statement before, in none of the states here, and not disposed of: it is not due any more. */
  readonly left: readonly DueLine[];
  /** Whether the statement has a line about this generation. */
  readonly isListed: (generation: { readonly ref: string; readonly generation: number }) => boolean;
}

/** The log has dropped entries that may be of the days, or of their statement: nothing can be said about what it leaves out. */
export interface DayCut {
  readonly statement: StatementEntry;
  readonly dropped: number;
}

const DAY = 86_400_000;

type Checked = AuditOptions & { readonly day: string };
type AuditOptions = Pick<Parameters<typeof auditLog>[1], 'keys' | 'progress'>;

type AuditFault = Extract<AuditResult, { readonly ok: false }>;

/**
 * Audits a log, and compares the statement of what was due on a day (the newest, if there are several) with the entries. It
 * reads the log twice, and keeps the lines of the days that are stated, and of the statement before.
 */
export async function omissionsOf(
  source: LogSource,
  options: Checked,
): Promise<AuditFault | { readonly ok: true; readonly stated?: DayStated; readonly cut?: DayCut }> {
  const found = await statementOf(source, options);
  if (!found.ok) return found;
  const { statement, lines, before, dropped, begins } = found;
  if (statement === undefined) return { ok: true };
  // Entries do not come exactly in the order of their times.
  if (dropped > 0 && Date.parse(begins) >= Date.parse(statement.first) - DAY)
    return { ok: true, cut: { statement, dropped } };
  const entries = entriesOf(statement, lines, before);
  const again = await auditLog(source, { ...options, onEntry: (entry) => entries.add(entry) });
  if (!again.ok) return again;
  const left = [...before.values()].filter(
    (line) => !isDone(line) && !lines.has(nameOf(line)) && !entries.done.has(nameOf(line)),
  );
  return {
    ok: true,
    stated: { statement, omissions: entries.omissions(), left, isListed: (one) => lines.has(nameOf(one)) },
  };
}

function nameOf({ ref, generation }: { readonly ref: string; readonly generation: number }): string {
  return `${ref} ${generation}`;
}

function isDone({ state }: DueLine): boolean {
  return state === 'settled' || state === 'later';
}

type Lines = ReadonlyMap<string, DueLine>;

interface StatementFound {
  readonly ok: true;
  readonly statement?: StatementEntry;
  readonly lines: Lines;
  /** Of the statement before. */
  readonly before: Lines;
  readonly dropped: number;
  /** The time of the first entry that is left. */
  readonly begins: string;
}

async function statementOf(
  source: LogSource,
  { day, ...options }: Checked,
): Promise<AuditFault | StatementFound> {
  let statement: StatementEntry | undefined;
  let lines: Lines = new Map();
  let before: Lines = new Map();
  /** Of the statements whose parts are read. A registry that was restored may state days together with the lost one. */
  const open = new Map<string, Map<string, DueLine>>();
  let former: Lines = new Map();
  let begins: string | undefined;
  const audited = await auditLog(source, {
    ...options,
    onList(entry, records) {
      if (!isDueList(entry)) return;
      const own = open.get(ofStatement(entry)) ?? new Map<string, DueLine>();
      for (const line of records.map(dueLineIn)) own.set(nameOf(line), line);
      open.set(ofStatement(entry), own);
    },
    onEntry(entry) {
      begins ??= 'did' in entry ? entry.at : entry.leased;
      if (!('did' in entry) || entry.did !== 'statement') return;
      const own = open.get(ofStatement(entry)) ?? new Map<string, DueLine>();
      open.delete(ofStatement(entry));
      if (entry.first <= day && day <= entry.last) {
        if (statement === undefined) before = former;
        statement = entry;
        lines = own;
      }
      former = own;
    },
  });
  if (!audited.ok) return audited;
  const { dropped } = audited;
  return { ok: true, lines, before, dropped, begins: begins ?? '', ...present({ statement }) };
}

function ofStatement({ last, registry = '' }: DueListEntry | StatementEntry): string {
  return `${last} ${registry}`;
}

function isDueList(entry: Entry | NoteEntry): entry is DueListEntry {
  return 'did' in entry && entry.did === 'due-list';
}

/** Pages of collections and of datasets are not compared: several follow each other, and rows are no holdings. */
function entriesOf({ first, last }: StatementEntry, lines: Lines, before: Lines) {
  const unproved = new Map([...lines].filter(([, { state }]) => state === 'settled'));
  const notListed = new Map<string, Omission>();
  const lifted = new Set<string>();
  const done = new Set<string>();
  return {
    done: done as ReadonlySet<string>,
    add(entry: Entry | NoteEntry): void {
      if ('did' in entry) return;
      const { holding: ref, generation, outcome, page } = entry;
      const name = nameOf({ ref, generation });
      if (outcome === 'lifted') lifted.add(name);
      if (outcome !== 'pseudonymised' && !isSuccess(outcome)) return;
      unproved.delete(name);
      if (page !== undefined) return;
      done.add(name);
      const time = entry.readBack ?? entry.acted ?? entry.leased;
      const day = time.slice(0, 'YYYY-MM-DD'.length);
      // The registry rounds times up to a minute: the first millisecond of a day may be of the day before.
      const isBetween = time === `${first}T00:00:00.000Z` && before.has(name);
      if (day >= first && day <= last && !lines.has(name) && !isBetween)
        notListed.set(name, { ref, generation, code: 'not-listed' });
    },
    /** What was restricted and may be used again is as if it had not been. */
    omissions(): readonly Omission[] {
      const unlisted = [...notListed].flatMap(([name, one]) => (lifted.has(name) ? [] : [one]));
      const noEntry = [...unproved.values()].map(({ ref, generation }): Omission => ({
        ref,
        generation,
        code: 'no-entry',
      }));
      return [...unlisted, ...noEntry];
    },
  };
}
