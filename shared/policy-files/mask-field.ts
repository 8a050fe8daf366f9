import * as z from 'zod';
import { didYouMean } from '../domain/suggest.ts';
import type { Mask } from '../domain/record/masks.ts';

const WORDS = ['clear', 'pseudonym', 'truncate to year', 'truncate to month', 'truncate to day'] as const;
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
  switch (value) {
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
    default: {
      const word = typeof value === 'string' ? value : JSON.stringify(value).slice(0, 60);
      return `"${word}" is not a mask${didYouMean(word, WORDS) || `; ${RIGHT}`}`;
    }
  }
}

function constantOf(value: object): Mask | string {
  const [entry, ...others] = Object.entries(value) as [string, unknown][];
  if (entry === undefined || others.length > 0 || entry[0] !== 'constant') {
    return `the only mapping allowed here is \`{ constant: … }\`; ${RIGHT}`;
  }
  const constant = entry[1];
  if (typeof constant === 'string' || typeof constant === 'boolean' || Number.isFinite(constant)) {
    return { kind: 'constant', value: constant as string | number | boolean };
  }
  return 'a constant must be text, a number, `true` or `false`; to empty the field write `clear`';
}
