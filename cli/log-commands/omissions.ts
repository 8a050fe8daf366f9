import { isSuccess } from '../../shared/domain/record/actions.ts';
import { type DueLine, dueLineIn } from '../../shared/domain/record/due-line.ts';
import {
  type DueListEntry,
  type Entry,
  type NoteEntry,
  type StatementEntry,
} from '../../shared/domain/record/entry.ts';
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
}

type Checked = AuditOptions & { readonly day: string };
type AuditOptions = Pick<Parameters<typeof auditLog>[1], 'keys' | 'progress'>;

/**
 * Audits a log, and compares the statement of what was due on a day (the newest, if there are several) with the entries. It
 * reads the log twice, and keeps the lines of the days that are stated, and of the statement before.
 */
export async function omissionsOf(
  source: LogSource,
  options: Checked,
): Promise<
  Extract<AuditResult, { readonly ok: false }> | { readonly ok: true; readonly stated?: DayStated }
> {
  const found = await statementOf(source, options);
  if (!found.ok) return found;
  const { statement, lines, before } = found;
  if (statement === undefined) return { ok: true };
  const entries = entriesOf(statement, lines);
  const again = await auditLog(source, { ...options, onEntry: (entry) => entries.add(entry) });
  if (!again.ok) return again;
  const left = [...before.values()].filter(
    (line) => !lines.has(nameOf(line)) && !entries.done.has(nameOf(line)),
  );
  return {
    ok: true,
    stated: { statement, omissions: entries.omissions(), left },
  };
}

function nameOf({ ref, generation }: Pick<DueLine, 'ref' | 'generation'>): string {
  return `${ref} ${generation}`;
}

type Lines = ReadonlyMap<string, DueLine>;

async function statementOf(
  source: LogSource,
  { day, ...options }: Checked,
): Promise<
  | Extract<AuditResult, { readonly ok: false }>
  | { readonly ok: true; readonly statement?: StatementEntry; readonly lines: Lines; readonly before: Lines }
> {
  let statement: StatementEntry | undefined;
  let lines: Lines = new Map();
  let before: Lines = new Map();
  /** Of the statement whose parts are read, and of the one that was read last. */
  let open = new Map<string, DueLine>();
  let former: Lines = new Map();
  const audited = await auditLog(source, {
    ...options,
    onList(entry, records) {
      if (!isDueList(entry)) return;
      if (entry.part === 0) open = new Map();
      for (const line of records.map(dueLineIn)) open.set(nameOf(line), line);
    },
    onEntry(entry) {
      if (!('did' in entry) || entry.did !== 'statement') return;
      const own = entry.parts === 0 ? new Map<string, DueLine>() : open;
      if (entry.first <= day && day <= entry.last) {
        if (statement === undefined) before = former;
        statement = entry;
        lines = own;
      }
      former = new Map([...own].filter(([, { state }]) => state !== 'settled' && state !== 'later'));
      open = new Map();
    },
  });
  if (!audited.ok) return audited;
  return { ok: true, lines, before, ...(statement !== undefined && { statement }) };
}

function isDueList(entry: Entry | NoteEntry): entry is DueListEntry {
  return 'did' in entry && entry.did === 'due-list';
}

/** Pages of collections and of datasets are not compared: several follow each other, and rows are no holdings. */
function entriesOf({ first, last }: StatementEntry, lines: Lines) {
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
      const day = (entry.readBack ?? entry.acted ?? entry.leased).slice(0, 'YYYY-MM-DD'.length);
      if (day >= first && day <= last && !lines.has(name))
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
