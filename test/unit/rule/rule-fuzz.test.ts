import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LONGEST_RULE } from '../../../shared/domain/rule/lexer.ts';
import { parseRule } from '../../../shared/domain/rule/parse.ts';
import { printRule } from '../../../shared/domain/rule/print.ts';
import { ALL_WORDS } from '../../../shared/domain/rule/words.ts';

const PIECES = [
  ...ALL_WORDS,
  '30',
  '21st',
  '10:00',
  '01-31',
  '(',
  ')',
  ',',
  ';',
  ':',
  'x.y',
  '2030-01-01',
  '"r"',
  '{s}',
];
const RULES = [
  'if x.y has occurred within 6 weeks after a.b, 3 years after the later of a.b and c.d if any, otherwise keep permanently',
  'live: delete 2 years after x.y, held from a.a until b.b; backups: notify 30 days before stage live, then delete 30 days thereafter',
  'the 5th v.m after the end of the fiscal year of x.y plus 10 working days except 2024-12-25',
  '(3 years after x.y unless "law" requires the 21st birthday of p.b), at the next run on Monday at 10:00',
];

function answers(text: string): void {
  const result = parseRule(text);
  if (!result.ok) {
    expect(result.error.message).not.toBe('');
    expect(result.error.offset).toBeLessThanOrEqual(text.length);
    return;
  }
  const again = parseRule(printRule(result.rule));
  if (again.ok) expect(again.rule).toEqual(result.rule);
  // Only the canonical wording of a rule that was nearly too long may be too long.
  else expect(again.error.code).toMatch(/RULE_TOO_(LONG|DEEP)/);
}

test('ten kilobytes of any two pieces of the language are answered', () => {
  for (const [index, piece] of PIECES.entries()) {
    for (const other of [piece, PIECES[(index * 7 + 3) % PIECES.length] ?? '', 'x.y', '1 day after', '(']) {
      answers(`${piece} ${other} `.repeat(LONGEST_RULE).slice(0, LONGEST_RULE));
    }
  }
});

test('a rule with words taken out, doubled, exchanged or put in is answered', () => {
  const change = fc.record({ at: fc.nat(), how: fc.nat(3), piece: fc.constantFrom(...PIECES) });
  fc.assert(
    fc.property(
      fc.constantFrom(...RULES),
      fc.array(change, { minLength: 1, maxLength: 4 }),
      (rule, changes) => {
        const words = rule.split(' ');
        for (const { at, how, piece } of changes) {
          const place = at % words.length;
          const word = words[place] ?? '';
          words.splice(place, 1, ...([[], [word, word], [piece], [word, piece]][how % 4] ?? []));
          if (words.length === 0) words.push(piece);
        }
        answers(words.join(' '));
      },
    ),
    { numRuns: 20_000 },
  );
});
