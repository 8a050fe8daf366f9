import type { Mask } from '../domain/record/masks.ts';
import { EMAIL_LENGTH, FORM_LENGTHS, type PseudonymForm } from '../domain/record/pseudonym.ts';

const FORM =
  /^pseudonym (?:of (?<length>\d{1,6}) (?<kind>characters|digits)|as e-mail(?: of (?<email>\d{1,6}) characters)?)(?<collide> that may collide)?$/;

const RIGHT =
  'write `pseudonym`, `pseudonym of 20 characters`, `pseudonym of 30 digits`, `pseudonym as e-mail` or `pseudonym as e-mail of 40 characters`';

/** `pseudonym of 20 characters` and the like, or what is wrong. `undefined`: it is about something else. */
export function maskOfPseudonym(word: string): Mask | string | undefined {
  if (!/^pseudonym (?!if\b)/.test(word)) return undefined;
  const parts = FORM.exec(word)?.groups;
  if (!parts) return `"${word.slice(0, 60)}" is not a form of a pseudonym; ${RIGHT}`;
  const kind = (parts['kind'] ?? 'e-mail') as PseudonymForm['kind'];
  const length = Number(parts['length'] ?? parts['email'] ?? EMAIL_LENGTH);
  const { least, safe, most } = FORM_LENGTHS[kind];
  const unit = kind === 'digits' ? 'digits' : 'characters';
  if (length > most) return `a pseudonym of this form has at most ${most} ${unit}; write a smaller number`;
  const mayCollide = parts['collide'] !== undefined;
  if (length < (mayCollide ? least : safe)) {
    const what = `a pseudonym of this form with ${length} ${unit} has too few values: two people would get the same one`;
    return length < least
      ? `${what}; write at least ${safe} ${unit}, or \`clear\``
      : `${what} sooner or later, and a real value could be taken for a pseudonym and stay; write at least ${safe} ${unit}, or, if you accept that, write \`that may collide\` after it`;
  }
  if (mayCollide && length >= safe)
    return `a pseudonym of this form with ${length} ${unit} has enough values; remove \`that may collide\``;
  return { kind: 'pseudonym', form: { kind, length } };
}
