import * as z from 'zod';
import { didYouMean } from '../domain/suggest.ts';
import type { Mask } from '../domain/record/masks.ts';
import { maskOfPseudonym } from './pseudonym-form.ts';

const WORDS = ['clear', 'pseudonym', 'truncate to year', 'truncate to month', 'truncate to day'] as const;
const IF_PRESENT = ' if present';
const RIGHT = `write ${WORDS.map((word) => `\`${word}\``).join(', ')} or \`{ constant: … }\``;

/** The mask of one field: a word, or a constant to put in its place. */
export function maskField(): z.ZodType<Mask, unknown> {
  return z.unknown().transform((value, context) => {
    const mask = maskOf(value);
    if (typeof mask !== 'string') return mask;
    context.addIssue({ code: 'custom', message: mask });
    return z.NEVER;
  });
}

/** The mask, or what is wrong. An empty value could be an unfinished line: nothing is destroyed on a guess. */
function maskOf(value: unknown): Mask | string {
  if (value === null || value === undefined) return `found nothing; ${RIGHT} (\`clear\` empties the field)`;
  if (typeof value === 'object' && !Array.isArray(value)) return constantOf(value);
  const text = typeof value === 'string' ? value : JSON.stringify(value).slice(0, 60);
  const isOptional = text.endsWith(IF_PRESENT);
  const word = isOptional ? text.slice(0, -IF_PRESENT.length) : text;
  const mask = maskOfWord(word) ?? maskOfPseudonym(word);
  if (typeof mask === 'string') return mask;
  if (mask !== undefined) return isOptional ? { ...mask, ifPresent: true } : mask;
  const known = [...WORDS, ...WORDS.map((word) => word + IF_PRESENT)];
  return `"${text}" is not a mask${didYouMean(text, known) || `; ${RIGHT}`}`;
}

function maskOfWord(word: string): Mask | undefined {
  switch (word) {
    case 'clear':
      return { kind: 'null' };
    case 'pseudonym':
      return { kind: 'pseudonym' };
    case 'truncate to year':
      return { kind: 'truncate-date', to: 'year' };
    case 'truncate to month':
      return { kind: 'truncate-date', to: 'month' };
    case 'truncate to day':
      return { kind: 'truncate-date', to: 'day' };
  }
  return undefined;
}

function constantOf(value: object): Mask | string {
  const { constant, 'if present': ifPresent, ...others } = value as Record<string, unknown>;
  if (!Object.hasOwn(value, 'constant') || Object.keys(others).length > 0) {
    return `the only mapping allowed here is \`{ constant: … }\`; ${RIGHT}`;
  }
  if (Object.hasOwn(value, 'if present') && ifPresent !== true) {
    return 'write `if present: true` if records may lack the field; otherwise leave it out';
  }
  if (typeof constant === 'string' || typeof constant === 'boolean' || Number.isFinite(constant)) {
    const mask = { kind: 'constant', value: constant as string | number | boolean } as const;
    return ifPresent === true ? { ...mask, ifPresent } : mask;
  }
  return 'a constant must be text, a number, `true` or `false`; to empty the field write `clear`';
}
