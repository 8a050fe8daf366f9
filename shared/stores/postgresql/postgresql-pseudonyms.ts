import { FORM_LENGTHS, type PseudonymForm, pseudonymLength } from '../../domain/record/pseudonym.ts';
import type { Column } from './postgresql-table.ts';

/** How many characters or digits of a pseudonym a column takes. */
type Capacity =
  | { readonly kind: 'text' | 'whole number'; readonly most: number }
  /** It would be refused, or would show something else than what was written. */
  | { readonly kind: 'other' };

/** `modifier` is `atttypmod`: for a length, 4 more. For `numeric`, the precision and the scale. */
function capacityOf({ type, modifier }: Pick<Column, 'type' | 'modifier'>): Capacity {
  switch (type) {
    case 'text':
    case 'citext':
      return { kind: 'text', most: Infinity };
    case 'varchar':
    case 'bpchar':
      return { kind: 'text', most: modifier < 4 ? Infinity : modifier - 4 };
    // Of the numbers with 19 digits, not all fit.
    case 'int8':
      return { kind: 'whole number', most: 18 };
    case 'numeric': {
      if (modifier < 4) return { kind: 'whole number', most: Infinity };
      const [precision, scale] = [((modifier - 4) >> 16) & 0xffff, (modifier - 4) & 0x7ff];
      return scale === 0 ? { kind: 'whole number', most: precision } : { kind: 'other' };
    }
    default:
      return { kind: 'other' };
  }
}

/** Whether the column shows a pseudonym as it was written, if it is long enough: otherwise it is never recognised. */
export function keepsPseudonyms(column: Column, form: PseudonymForm | undefined): boolean {
  const { kind } = capacityOf(column);
  return kind === 'text' || (kind === 'whole number' && form?.kind === 'digits');
}

/** Why a pseudonym of this form does not fit into the column. */
export function pseudonymProblem(column: Column, form: PseudonymForm | undefined): string | undefined {
  const length = pseudonymLength(form);
  const capacity = capacityOf(column);
  if (!keepsPseudonyms(column, form) || capacity.kind === 'other') {
    return capacity.kind === 'whole number'
      ? `a pseudonym does not fit into a column of type ${column.declared}; write \`pseudonym of … digits\`, or \`clear\``
      : `a column of type ${column.declared} cannot contain a pseudonym; write \`clear\` or a constant`;
  }
  if (length <= capacity.most) return undefined;
  const unit = capacity.kind === 'text' ? 'characters' : 'digits';
  return `a pseudonym of ${length} ${form?.kind === 'digits' ? 'digits' : 'characters'} does not fit into ${column.declared}, which takes ${capacity.most}; write ${shorter(unit, capacity.most)}`;
}

function shorter(unit: 'characters' | 'digits', room: number): string {
  const { least, safe, most } = FORM_LENGTHS[unit];
  if (room < least) return '`clear` or a constant';
  const words = `pseudonym of ${Math.min(room, most)} ${unit}${room < safe ? ' that may collide' : ''}`;
  return `a shorter form, such as \`${words}\`, or \`clear\``;
}
