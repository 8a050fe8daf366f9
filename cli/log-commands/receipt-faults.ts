import type { ReceiptFault } from '../../shared/domain/log/receipt.ts';
import { noteFault } from './audit-faults.ts';

/** Goes on from the name of the file. */
export function sayReceiptFault(fault: ReceiptFault): string {
  switch (fault) {
    case 'not-a-receipt':
      return 'is not a receipt of this version (tenure-receipt/1): a member is missing, has another form, or is one too many.';
    case 'not-a-note':
    case 'not-signed':
    case 'bad-signature':
    case 'not-a-checkpoint':
    case 'other-origin':
      return `has a checkpoint that ${noteFault(fault)}`;
    case 'not-in-tree':
      return 'has an index that the signed log does not have.';
    case 'other-number-of-hashes':
      return 'has too few or too many hashes for its place in the log.';
    case 'other-root':
      return 'has hashes that do not lead from its entry to the signed root: the entry, its index or a hash was changed.';
    case 'no-page':
      return 'names a record, and its entry has no list of records.';
    case 'record-not-in-page':
      return 'has a place of its record that the list of the entry does not have.';
    case 'record-other-number-of-hashes':
      return 'has too few or too many hashes for the place of its record.';
    case 'record-other-root':
      return 'has hashes that do not lead from its record to the root in the entry: the record is another one, or a hash was changed.';
  }
}
