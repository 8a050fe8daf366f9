import fc from 'fast-check';
import { expect, test } from 'vitest';
import { maskField } from '../../../shared/domain/record/masks.ts';
import {
  EMAIL_LENGTH,
  FORM_LENGTHS,
  isPseudonym,
  type PseudonymForm,
  pseudonymLength,
  pseudonymOf,
} from '../../../shared/domain/record/pseudonym.ts';

const key = new Uint8Array(32).fill(7);
const otherKey = new Uint8Array(32).fill(8);
const KINDS = ['characters', 'digits', 'e-mail'] as const;
const SHAPES = {
  characters: /^[a-z2-7]+$/,
  digits: /^[1-9]\d+$/,
  'e-mail': /^[a-z2-7]+@p\.invalid$/,
} as const;

const forms = fc
  .constantFrom(...KINDS)
  .chain((kind) =>
    fc
      .integer({ min: FORM_LENGTHS[kind].least, max: FORM_LENGTHS[kind].most })
      .map((length) => ({ kind, length })),
  );
const safeForms = forms.filter(({ kind, length }) => length >= FORM_LENGTHS[kind].safe);
const texts = fc.string({ unit: 'binary' });

test('a pseudonym has the form and the length that were asked for, and is recognised by its own key', () => {
  fc.assert(
    fc.property(texts, forms, (text, form) => {
      const pseudonym = pseudonymOf(text, key, form);
      expect(pseudonym).toHaveLength(pseudonymLength(form));
      expect(pseudonym).toMatch(SHAPES[form.kind]);
      expect(isPseudonym(pseudonym, key, form)).toBe(true);
      expect(isPseudonym(pseudonym, otherKey, form)).toBe(false);
      expect(pseudonymOf(text, key, form)).toBe(pseudonym);
    }),
  );
});

test('a policy that changes the form masks no pseudonym again, except one of a form that may collide', () => {
  fc.assert(
    fc.property(texts, forms, fc.option(safeForms, { nil: undefined }), (text, former, form) => {
      fc.pre(form?.kind !== former.kind || form.length !== former.length);
      const isSafe = former.length >= FORM_LENGTHS[former.kind].safe;
      const pseudonym = pseudonymOf(text, key, former);
      expect(isPseudonym(pseudonym, key, form)).toBe(isSafe);
      expect(isPseudonym(pseudonym, otherKey, form)).toBe(false);
      const mask = form === undefined ? { kind: 'pseudonym' as const } : { kind: 'pseudonym' as const, form };
      if (isSafe) expect(maskField(pseudonym, mask, key)).toEqual({ fits: true, value: pseudonym });
      expect(isPseudonym(pseudonymOf(text, key), key, form)).toBe(true);
    }),
  );
});

test('a safe pseudonym is another one for another value or key, and one that is changed is not recognised', () => {
  fc.assert(
    fc.property(texts, texts, safeForms, fc.nat(), (one, two, form, at) => {
      const pseudonym = pseudonymOf(one, key, form);
      expect(pseudonymOf(two, key, form) === pseudonym).toBe(one === two);
      expect(pseudonymOf(one, otherKey, form)).not.toBe(pseudonym);
      expect(isPseudonym(pseudonym, otherKey, form)).toBe(false);
      const place = at % pseudonym.length;
      const forged = `${pseudonym.slice(0, place)}${pseudonym[place] === '3' ? '4' : '3'}${pseudonym.slice(place + 1)}`;
      expect(isPseudonym(forged, key, form)).toBe(false);
      expect(isPseudonym(`${pseudonym}\n`, key, form)).toBe(false);
    }),
  );
});

test('the shortest safe form has no collision among 20,000 values, and takes none of them for its own', () => {
  for (const kind of KINDS) {
    const form: PseudonymForm = { kind, length: FORM_LENGTHS[kind].safe };
    const seen = new Set<string>();
    for (let value = 0; value < 20_000; value += 1) {
      seen.add(pseudonymOf(`person-${value}`, key, form));
      const domain = kind === 'e-mail' ? '@p.invalid' : '';
      const like = kind === 'digits' ? String(10n ** 24n + BigInt(value)) : `a${'b'.repeat(15)}`;
      expect(isPseudonym(like + domain, key, form)).toBe(false);
    }
    expect(seen.size).toBe(20_000);
  }
});

test('every character of a form occurs about equally often', () => {
  for (const [kind, alphabet] of [
    ['characters', 32],
    ['digits', 10],
  ] as const) {
    const counts = new Map<string, number>();
    for (let value = 0; value < 2000; value += 1) {
      const [, ...rest] = pseudonymOf(String(value), key, { kind, length: 31 });
      for (const character of rest) counts.set(character, (counts.get(character) ?? 0) + 1);
    }
    expect(counts.size).toBe(alphabet);
    for (const count of counts.values()) expect(Math.abs((count * alphabet) / 60_000 - 1)).toBeLessThan(0.15);
  }
});

test('the forms are published: what a release wrote, the next one recognises', () => {
  const published = (kind: PseudonymForm['kind'], length: number) =>
    pseudonymOf('ada@example.org', key, { kind, length });
  expect([
    published('characters', 20),
    published('digits', 25),
    published('digits', 15),
    published('e-mail', EMAIL_LENGTH),
  ]).toMatchInlineSnapshot(`
    [
      "2dl7ezzreilk7hdzzzya",
      "3652483631501290267516775",
      "842000697482478",
      "ff22cymdpe4gn6qak2izjcwlnde5khrmbtkld6u@p.invalid",
    ]
  `);
});
