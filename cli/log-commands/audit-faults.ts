import type { EntryFault } from '../../shared/domain/log/check-entries.ts';
import type { CheckpointFault } from '../../shared/domain/log/checkpoint.ts';

/** The first thing that is wrong with a log. `problem` goes on from the name of the file. */
export interface LogFault {
  readonly file: string;
  readonly problem: string;
}

export function noteFault(fault: CheckpointFault): string {
  switch (fault) {
    case 'not-a-note':
      return 'is not a signed note.';
    case 'not-signed':
      return 'is signed by none of the keys that you gave.';
    case 'bad-signature':
      return 'has a signature that does not fit its text: one of both was changed.';
    case 'not-a-checkpoint':
      return 'is signed, and its text is not a checkpoint.';
    case 'other-origin':
      return 'is about another log than the key is for.';
  }
}

export function sayEntryFault(fault: EntryFault): string {
  switch (fault) {
    case 'not-json':
      return 'is not JSON in UTF-8.';
    case 'not-canonical':
      return 'is not canonical JSON (RFC 8785).';
    case 'unknown-form':
      return 'has a form that this version does not know: use the version of tenure that wrote the log, or a later one.';
    case 'entry-twice':
      return 'is there twice in one result.';
    case 'result-twice':
      return 'belongs to a result that was in the log before.';
    case 'deleted-twice':
      return 'says that a record was deleted that an entry before it says was deleted, too.';
    case 'early':
      return 'says that a record was disposed of before it was due.';
  }
}
