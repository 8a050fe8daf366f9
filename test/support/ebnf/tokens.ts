import type { Token } from '../../../shared/domain/rule/lexer.ts';
import { isKeyword } from '../../../shared/domain/rule/words.ts';

/** Gives a whole number from 0 and below the limit. */
export type Draw = (below: number) => number;

interface TokenClass {
  readonly has: (token: Token) => boolean;
  /** One wording of the class, as a person would write it. */
  readonly draw: (draw: Draw) => string;
}

const pick = (draw: Draw, from: readonly string[]): string => from[draw(from.length)] ?? '';
const two = (value: number): string => String(value).padStart(2, '0');

const EVENTS = [
  'contract.ended',
  'invoice.issued',
  'a.b',
  'x.y',
  'child.born',
  'audit_run.done',
  'Straße.ende',
];
const WORDS = ['login', 'membership', 'x', 'Vertrag', 'ticket_id', 'plan-b', 'pay', 'urgent'];
const LABELS = ['live', 'backups', 'delete', 'X', 'stage'];
const TEXTS = ['"free"', '"Code § 257"', '"say \\"no\\""', '"1"'];
const ZONES = ['Europe/Berlin', 'America/Argentina/Buenos_Aires', 'Etc/GMT+5', 'UTC'];
const SETTINGS = ['{grace period}', '{x}'];

const monthDay = (draw: Draw): string => `${two(1 + draw(12))}-${two(1 + draw(28))}`;
const suffixed = (count: number): string => {
  const teen = count % 100 >= 11 && count % 100 <= 13;
  return `${count}${teen ? 'th' : (['th', 'st', 'nd', 'rd'][count % 10] ?? 'th')}`;
};

/** What the grammar writes between question marks. */
const CLASSES: Readonly<Record<string, TokenClass>> = {
  'any word': { has: ({ kind }) => kind === 'word', draw: (draw) => pick(draw, LABELS) },
  'a word that the language does not reserve': {
    has: (token) => token.kind === 'word' && !token.text.includes('.') && !isKeyword(token.lower),
    draw: (draw) => pick(draw, WORDS),
  },
  'words joined by dots': {
    has: (token) => token.kind === 'word' && token.text.includes('.'),
    draw: (draw) => pick(draw, EVENTS),
  },
  digits: { has: ({ kind }) => kind === 'number', draw: (draw) => String(1 + draw(28)) },
  'digits with st, nd, rd or th': {
    has: ({ kind }) => kind === 'ordinal',
    draw: (draw) => suffixed(1 + draw(28)),
  },
  YYYY: {
    has: ({ kind, text }) => kind === 'number' && text.length === 4,
    draw: (draw) => String(1990 + draw(100)),
  },
  'YYYY-MM-DD': {
    has: ({ kind }) => kind === 'date',
    draw: (draw) => `20${two(draw(60))}-${monthDay(draw)}`,
  },
  'MM-DD': { has: ({ kind }) => kind === 'day', draw: monthDay },
  'HH:MM': { has: ({ kind }) => kind === 'time', draw: (draw) => `${two(draw(24))}:${two(draw(60))}` },
  'a text in straight quotation marks': {
    has: ({ kind }) => kind === 'string',
    draw: (draw) => pick(draw, TEXTS),
  },
  'a time zone': {
    has: (token) => token.kind === 'zone' || (token.kind === 'word' && token.lower === 'utc'),
    draw: (draw) => pick(draw, ZONES),
  },
  'a name in braces': { has: ({ kind }) => kind === 'setting', draw: (draw) => pick(draw, SETTINGS) },
};

/** A description that is not in the table is a mistake in the grammar. */
export function tokenClass(description: string): TokenClass {
  const found = CLASSES[description];
  if (found === undefined)
    throw new Error(`the grammar: test/support/ebnf/tokens.ts does not know ? ${description} ?`);
  return found;
}

const NUMBER_WORD =
  /^(?:a|hundred(?:th)?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen(?:th)?|(?:twen|thir|for|fif|six|seven|eigh|nine)t(?:y|ieth)|first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth)$/;

/** Whether it may be part of a number that is written with hyphens. */
export function isNumberWord(lower: string): boolean {
  return NUMBER_WORD.test(lower);
}
