import { createHmac, timingSafeEqual } from 'node:crypto';
import { secretKey } from './secret-key.ts';

/** What a pseudonym looks like where 37 characters do not fit. `length` counts all characters of it. */
export interface PseudonymForm {
  /** `characters`: `a`–`z` and `2`–`7`. `digits`: the first is not 0. `e-mail`: characters, then `@p.invalid`. */
  readonly kind: 'characters' | 'digits' | 'e-mail';
  readonly length: number;
}

/** Of the reserved top-level domain that no mail server has (RFC 2606). */
const DOMAIN = '@p.invalid';
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';

/** The length of an e-mail form whose length is not given. */
export const EMAIL_LENGTH = 39 + DOMAIN.length;

/**
 * How long a form may be. From `safe` on it has at least 2^40 values, and a value of the record looks like a pseudonym
 * once in 2^39. From `least` on it has at least 2^19 values, and looks like one once in 2^25.
 */
export const FORM_LENGTHS = {
  characters: { least: 10, safe: 16, most: 40 },
  digits: { least: 14, safe: 25, most: 40 },
  'e-mail': { least: 10 + DOMAIN.length, safe: 16 + DOMAIN.length, most: 40 + DOMAIN.length },
} as const;

const KINDS = ['characters', 'digits', 'e-mail'] as const;

/** Characters of a pseudonym without a form. */
const PLAIN_LENGTH = 37;

export function pseudonymLength(form: PseudonymForm | undefined): number {
  return form?.length ?? PLAIN_LENGTH;
}

/**
 * Without a form: `p1.<128 bits of HMAC-SHA-256 over the value>.<64 bits of HMAC-SHA-256 over what precedes>`. A form
 * has fewer bits of both. The tag lets us recognise our own work without knowing the value. The field's name is left
 * out: equal values in two tables stay equal, if they have the same form.
 */
export function pseudonymOf(text: string, key: Uint8Array, form?: PseudonymForm): string {
  if (form === undefined) {
    return signed(`p1.${keyed(key, 'pseudonym', text).subarray(0, 16).toString('base64url')}`, key);
  }
  const { total, tag } = partsOf(form);
  const body = written(form, keyed(key, `pseudonym ${form.kind} ${form.length}`, text), total - tag);
  return tagged(body, key, form);
}

/**
 * Whether it is one of this form, or one that a former version of the policy asked for: a pseudonym is not masked again
 * in another form. Forms that may collide count only if they are asked for: a value of the record may look like them.
 */
export function isPseudonym(text: string, key: Uint8Array, form?: PseudonymForm): boolean {
  const forms = form === undefined ? formsOf(text) : [form, ...formsOf(text)];
  return isPlain(text, key) || forms.some((each) => isOfForm(text, key, each));
}

function isPlain(text: string, key: Uint8Array): boolean {
  return /^p1\.[\w-]{22}\.[\w-]{11}$/.test(text) && isEqual(text, signed(text.slice(0, 25), key));
}

/** The safe forms of this length. */
function formsOf({ length }: string): readonly PseudonymForm[] {
  return KINDS.filter((kind) => length >= FORM_LENGTHS[kind].safe && length <= FORM_LENGTHS[kind].most).map(
    (kind) => ({ kind, length }),
  );
}

function isOfForm(text: string, key: Uint8Array, form: PseudonymForm): boolean {
  const { total, tag } = partsOf(form);
  const shape = form.kind === 'digits' ? `[1-9]\\d{${total - 1}}` : `[a-z2-7]{${total}}`;
  const end = form.kind === 'e-mail' ? DOMAIN.replace('.', '\\.') : '';
  if (!new RegExp(`^${shape}${end}$`).test(text)) return false;
  return isEqual(text, tagged(text.slice(0, total - tag), key, form));
}

function partsOf({ kind, length }: PseudonymForm): { readonly total: number; readonly tag: number } {
  const total = kind === 'e-mail' ? length - DOMAIN.length : length;
  const isSafe = length >= FORM_LENGTHS[kind].safe;
  if (kind === 'digits') return { total, tag: isSafe ? Math.min(20, Math.floor(total / 2)) : 8 };
  return { total, tag: isSafe ? Math.min(13, Math.floor(total / 2)) : 5 };
}

function tagged(body: string, key: Uint8Array, form: PseudonymForm): string {
  const { tag } = partsOf(form);
  const hash = keyed(key, `pseudonym tag ${form.kind} ${form.length}`, body);
  const end = form.kind === 'digits' ? digits(hash, tag) : characters(hash, tag);
  return `${body}${end}${form.kind === 'e-mail' ? DOMAIN : ''}`;
}

/** The part that stands for the value. A number that begins with 0 would lose it in a numeric column. */
function written({ kind }: PseudonymForm, hash: Buffer, length: number): string {
  if (kind !== 'digits') return characters(hash, length);
  const smallest = 10n ** BigInt(length - 1);
  return String(smallest + (BigInt(`0x${hash.toString('hex')}`) % (9n * smallest)));
}

function digits(hash: Buffer, length: number): string {
  return String(BigInt(`0x${hash.toString('hex')}`) % 10n ** BigInt(length)).padStart(length, '0');
}

function characters(hash: Buffer, length: number): string {
  return [...hash.subarray(0, length)].map((byte) => ALPHABET[byte % ALPHABET.length]).join('');
}

function signed(body: string, key: Uint8Array): string {
  return `${body}.${keyed(key, 'pseudonym tag', body).subarray(0, 8).toString('base64url')}`;
}

function isEqual(text: string, other: string): boolean {
  return timingSafeEqual(Buffer.from(text), Buffer.from(other));
}

function keyed(key: Uint8Array, purpose: string, text: string): Buffer {
  return createHmac('sha256', secretKey(key)).update(`tenure ${purpose} v1\0${text}`).digest();
}
