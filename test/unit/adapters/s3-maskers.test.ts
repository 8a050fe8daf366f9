import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Mask, Masks } from '../../../shared/domain/record/masks.ts';
import { csvMasker } from '../../../shared/stores/s3/s3-csv.ts';
import { jsonLinesMasker, jsonMasker } from '../../../shared/stores/s3/s3-json.ts';
import { LONGEST_RECORD, UnfitContent } from '../../../shared/stores/s3/s3-masker.ts';
import {
  CLEAR,
  isUntouched,
  KEY,
  MAIL,
  type Make,
  masked,
  MASKS,
  OPTIONAL,
} from '../../support/masked-text.ts';

test('masks the fields that are named and no others, and leaves numbers, order and white space', () => {
  const text =
    '\uFEFF {"id": 12345678901234567890, "mail" : "a@b" ,"deep":{"mail":"c@d"}, "n":1.50, "score":7}\n';
  expect(masked(jsonMasker, text, OPTIONAL)).toBe(
    '\uFEFF {"id": 12345678901234567890, "mail" : null ,"deep":{"mail":"c@d"}, "n":1.50, "score":0}\n',
  );
});

test('masks a field that is there twice, twice', () => {
  expect(masked(jsonMasker, '{"mail":"a@b","mail":null,"m\\u0061il":"c@d"}', OPTIONAL)).toBe(
    '{"mail":null,"mail":null,"m\\u0061il":null}',
  );
});

test('lists and objects take null and constants, and no pseudonym or date', () => {
  expect(masked(jsonMasker, '{"mail":["a@b",{"x":"}"}],"score":{"of":[1,2]}}', OPTIONAL)).toBe(
    '{"mail":null,"score":0}',
  );
  for (const kind of ['pseudonym', 'truncate-date'] as const) {
    const masks: Masks = { mail: kind === 'pseudonym' ? { kind } : { kind, to: 'year' } };
    expect(() => masked(jsonMasker, '{"mail":["a@b"]}', masks)).toThrow(UnfitContent);
  }
});

test('numbers that JavaScript cannot hold are masked by their digits, and never taken for a constant', () => {
  const masks: Masks = { id: { kind: 'constant', value: 9007199254740992 } };
  expect(masked(jsonMasker, '{"id":9007199254740993}', masks)).toBe('{"id":9007199254740992}');
  const one = masked(jsonMasker, '{"id":9007199254740993}', { id: { kind: 'pseudonym' } });
  const other = masked(jsonMasker, '{"id":9007199254740992}', { id: { kind: 'pseudonym' } });
  expect(one).toMatch(/^\{"id":"p1\./);
  expect(one).not.toBe(other);
  expect(masked(jsonMasker, '{"id":"9007199254740993"}', { id: { kind: 'pseudonym' } })).toBe(one);
});

test('what is masked already, or has no record, is untouched', () => {
  expect(isUntouched(jsonMasker, '{"mail":null,"score":0,"born":"1980-01-01"}')).toBe(true);
  expect(isUntouched(jsonMasker, '[]')).toBe(true);
  expect(isUntouched(csvMasker, 'mail,score,born\r\n,0,1980-01-01\r\n')).toBe(true);
  expect(isUntouched(csvMasker, 'mail,score,born')).toBe(true);
});

test.each(['', '\n', '\r\n', ' \t', '\n\n\n', '\uFEFF', '\uFEFF\r\n'])(
  'text without any character but white space has nothing to mask: %j',
  (text) => {
    for (const make of [jsonMasker, jsonLinesMasker, csvMasker]) {
      expect(isUntouched(make, text)).toBe(true);
      expect(isUntouched(make, text, { mail: { kind: 'pseudonym' } })).toBe(true);
    }
  },
);

test.each([
  ['{"mail":"a@b","n":1}{"mail":"c@d","n":2}', '{"mail":null,"n":1}{"mail":null,"n":2}'],
  ['{"mail":"}{","n":1}\r\n\r\n{"n":"{","mail":"\\\\"}', '{"mail":null,"n":1}\r\n\r\n{"n":"{","mail":null}'],
  ['{\n "mail": "a@b"\n}\n{\n "mail": ["a@b"]\n}\n', '{\n "mail": null\n}\n{\n "mail": null\n}\n'],
  ['\uFEFF{"mail":"a@b"} {"mail":null}', '\uFEFF{"mail":null} {"mail":null}'],
])(
  'objects one after the other are masked with or without line breaks between them: %j',
  (text, expected) => {
    for (const size of [text.length, 1, 2, 3])
      expect(masked(jsonLinesMasker, text, MAIL, size)).toBe(expected);
  },
);

test('nesting of ten thousand levels is masked, and kept where it is not masked', () => {
  const deep = '[{"x":'.repeat(10_000) + '"a@b"' + '}]'.repeat(10_000);
  expect(masked(jsonMasker, `{"mail":${deep},"kept":${deep}}`, MAIL, 1000)).toBe(
    `{"mail":null,"kept":${deep}}`,
  );
});

test('half of a character that is written as an escape stays as it is, or is masked', () => {
  const text = String.raw`{"mail":"\ud800","n":"\ud83d","\udc00":1}`;
  expect(masked(jsonMasker, text, MAIL)).toBe(text.replace(String.raw`"\ud800"`, 'null'));
  expect(masked(jsonMasker, text, { mail: { kind: 'pseudonym' } })).toMatch(/^\{"mail":"p1\./);
});

test('numbers that JavaScript would write otherwise stay as they are', () => {
  const numbers =
    '"id":12345678901234567890,"price":1.10,"e":1E400,"z":-0.0,"f":0.1000000000000000055511151231257827';
  expect(masked(jsonMasker, `{"mail":1E400,${numbers}}`, MAIL)).toBe(`{"mail":null,${numbers}}`);
});

test.each<[string, Make, string]>([
  ['an object', jsonMasker, '{"score":0,"born":null}'],
  ['one object of a list', jsonMasker, '[{"mail":"a@b","score":1,"born":null},{"score":0,"born":null}]'],
  ['one line', jsonLinesMasker, '{"mail":"a@b","score":1,"born":null}\n\n{"score":0,"born":null}'],
  ['a table', csvMasker, 'score,born\n1,\n'],
])('a field that is missing in %s is refused, unless its mask says `if present`', (_, make, text) => {
  expect(() => masked(make, text)).toThrow(UnfitContent);
  expect(masked(make, text, OPTIONAL)).not.toContain('a@b');
  expect(isUntouched(make, masked(make, text, OPTIONAL), OPTIONAL)).toBe(true);
});

test('records without any of the fields are untouched if every mask says `if present`', () => {
  expect(isUntouched(jsonMasker, '[ {} , {"other":1} ]', OPTIONAL)).toBe(true);
  expect(isUntouched(jsonLinesMasker, '{}\n\n{"mail":null}', OPTIONAL)).toBe(true);
  expect(isUntouched(csvMasker, 'n\n1\n', OPTIONAL)).toBe(true);
});

test('masks fields inside fields and inside the elements of lists, and leaves the rest as written', () => {
  const masks: Masks = {
    'profile.email': CLEAR,
    'profile.contact.phones[]': { kind: 'constant', value: '-' },
    'addresses[].street': CLEAR,
    'rows[][].x': CLEAR,
  };
  const text = `{ "profile" : {"email": "a@b" , "n":1.50,
    "contact":{"phones":[ "1" ,{"no":"2"},[3] ] , "email":"c@d"}},
  "addresses":[ {"street":"Ada Road","city":"London, [{\\"}]"}, {"city":"Paris","stre\\u0065t":"Rue"} ],"rows":[[{"x":1}],[]]}`;
  const expected = `{ "profile" : {"email": null , "n":1.50,
    "contact":{"phones":[ "-" ,"-","-" ] , "email":"c@d"}},
  "addresses":[ {"street":null,"city":"London, [{\\"}]"}, {"city":"Paris","stre\\u0065t":null} ],"rows":[[{"x":null}],[]]}`;
  expect(masked(jsonMasker, text, masks)).toBe(expected);
  expect(masked(jsonMasker, text, masks, 1)).toBe(expected);
  expect(isUntouched(jsonMasker, expected, masks)).toBe(true);
});

test('a name with a dot is written with a backslash', () => {
  expect(masked(jsonMasker, '{"a.b":"x","a":{"b":"y"}}', { [String.raw`a\.b`]: CLEAR })).toBe(
    '{"a.b":null,"a":{"b":"y"}}',
  );
  expect(masked(csvMasker, 'a.b,c\nx,y\n', { [String.raw`a\.b`]: CLEAR })).toBe('a.b,c\n,y\n');
});

test.each([
  '{}',
  '{"profile":{}}',
  '{"profile":null}',
  '{"profile":{"email":null}}',
  '{"profile":{"email":null},"addresses":null}',
  '{"profile":{"email":null},"addresses":[null]}',
  '{"profile":{"email":null},"addresses":[{"street":null},{}]}',
])('a field that is not inside counts as missing: %s', (text) => {
  const masks: Masks = { 'profile.email': CLEAR, 'addresses[].street': CLEAR };
  const optional: Masks = {
    'profile.email': { ...CLEAR, ifPresent: true },
    'addresses[].street': { ...CLEAR, ifPresent: true },
  };
  expect(() => masked(jsonMasker, text, masks)).toThrow(UnfitContent);
  expect(isUntouched(jsonMasker, text, optional)).toBe(true);
});

test.each([
  '{"profile":"{\\"email\\":\\"a@b\\"}"}',
  '{"profile":["a@b"]}',
  '{"profile":1}',
  '{"profile":{"email":"a@b"},"profile":"a@b"}',
  '{"addresses":{"street":"Ada Road"}}',
  '{"addresses":"Ada Road"}',
  '{"addresses":[["Ada Road"]]}',
  '{"addresses":[{"street":"x"},"Ada Road"]}',
])('another type than the path says is refused, even with `if present`: %s', (text) => {
  const masks: Masks = {
    'profile.email': { ...CLEAR, ifPresent: true },
    'addresses[].street': { ...CLEAR, ifPresent: true },
  };
  expect(() => masked(jsonMasker, text, masks)).toThrow(UnfitContent);
});

test('masks that cannot be read mask nothing', () => {
  for (const make of [jsonMasker, jsonLinesMasker, csvMasker])
    for (const path of ['', 'a..b', 'a[0]']) expect(() => make({ [path]: CLEAR }, KEY)).toThrow(UnfitContent);
});

test('a field that is called __proto__ is a field', () => {
  const masks = JSON.parse('{"__proto__":{"kind":"null"}}') as Masks;
  expect(masked(jsonMasker, '{"__proto__":"a@b","toString":"c"}', masks)).toBe(
    '{"__proto__":null,"toString":"c"}',
  );
});

test.each([
  '{',
  '[',
  '[{}',
  '{}{}',
  '[{},]',
  '[,{}]',
  '[{} {}]',
  '[1]',
  '[null]',
  '[[{}]]',
  '"a"',
  'null',
  '{"a":01}',
  '{a:1}',
  '{}]',
  '[{}]]',
  '{"a":"\n"}',
])('content other than JSON objects is refused: %j', (text) => {
  expect(() => masked(jsonMasker, text)).toThrow(UnfitContent);
});

test.each(['{}\n[]', '{}\nx', '[{}]', '{},{}', '{}\u00a0{}', '"a"', '{}\n{'])(
  'content other than lines of JSON objects is refused: %j',
  (text) => {
    expect(() => masked(jsonLinesMasker, text)).toThrow(UnfitContent);
  },
);

test('a record that is longer than what may be held is refused', () => {
  const long = 'x'.repeat(LONGEST_RECORD);
  for (const [make, text] of [
    [jsonMasker, `{"mail":"${long}"}`],
    [jsonLinesMasker, `{"mail":"${long}"}`],
    [csvMasker, `mail\n"${long}"\n`],
  ] as const) {
    expect(() => masked(make, text, MAIL, 65_536)).toThrow(UnfitContent);
  }
});

const word = fc.constantFrom('', 'a@b', '\\', '"', '{', '}]', ',', '\n', 'é👩‍👧', '1980-05-17', 'null');
const person = fc.record({
  mail: fc.oneof(word, fc.constant(null)),
  score: fc.integer(),
  born: fc.constant(null),
  other: fc.anything().map(() => 'x'),
});

test('JSON comes out the same however it is cut, masked once or twice', () => {
  fc.assert(
    fc.property(
      fc.array(person),
      fc.constantFrom(0, 1, 2),
      fc.integer({ min: 1, max: 7 }),
      (people, indent, size) => {
        const text = JSON.stringify(people, null, indent);
        const whole = masked(jsonMasker, text);
        expect(masked(jsonMasker, text, MASKS, size)).toBe(whole);
        expect(JSON.parse(whole)).toEqual(people.map((one) => ({ ...one, mail: null, score: 0 })));
        expect(isUntouched(jsonMasker, whole)).toBe(true);
        const lines = people.map((one) => `${JSON.stringify(one)}\n`).join('');
        expect(masked(jsonLinesMasker, lines, MASKS, size)).toBe(masked(jsonLinesMasker, lines));
      },
    ),
  );
});

/** Everything that the path leads to. What is not of the type that the path says may hide a value, so it counts. */
function valuesAt(value: unknown, path: string): unknown[] {
  let found = [value];
  for (const step of path.match(/\[\]|\w+/g) ?? []) {
    found = found.flatMap((one) => {
      if (one === null) return [];
      if (step === '[]') return Array.isArray(one) ? (one as unknown[]) : [one];
      if (typeof one !== 'object' || Array.isArray(one)) return [one];
      return Object.hasOwn(one, step) ? [(one as Record<string, unknown>)[step]] : [];
    });
  }
  return found;
}

/** The value with a star where the path leads. */
function withoutAt(value: unknown, [step, ...rest]: readonly string[]): unknown {
  if (step === undefined) return '*';
  if (step === '[]' && Array.isArray(value)) return value.map((one) => withoutAt(one, rest));
  if (step === '[]' || typeof value !== 'object' || value === null || !Object.hasOwn(value, step))
    return value;
  return { ...value, [step]: withoutAt((value as Record<string, unknown>)[step], rest) };
}

test('a nested value never stays in JSON that counts as masked, and nothing else changes', () => {
  const secret = 'secret-7d1f';
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom(secret, null, '', `{"a":"${secret}"}`, 1.5),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom('a', 'b'), tie('value'), { maxKeys: 2 }),
    ),
  }));
  const path = fc.constantFrom('f', 'f.a', 'f[]', 'f[].a', 'f.a.b', 'f.a[]', 'f[][]', 'f[].a[].b');
  const kind = fc.constantFrom<Mask>(CLEAR, { kind: 'constant', value: '-' }, { kind: 'pseudonym' });
  const one = fc.tuple(kind, fc.boolean()).map(([mask, ifPresent]) => ({ ...mask, ifPresent }));
  fc.assert(
    fc.property(value, path, one, fc.constantFrom(0, 2), (f, at, mask, indent) => {
      const record = { b: 1, f, g: secret };
      const text = JSON.stringify(record, null, indent);
      const masks: Masks = { [at]: mask };
      let once: string;
      try {
        once = masked(jsonMasker, text, masks);
      } catch (error) {
        expect(error).toBeInstanceOf(UnfitContent);
        return;
      }
      const after = JSON.parse(once) as typeof record;
      const steps = at.match(/\[\]|\w+/g) ?? [];
      expect(JSON.stringify(valuesAt(after, at))).not.toContain(secret);
      expect(withoutAt(after, steps)).toEqual(withoutAt(record, steps));
      expect(isUntouched(jsonMasker, once, masks)).toBe(true);
      if (valuesAt(record, at).length === 0 && !at.includes('[]')) expect(mask.ifPresent).toBe(true);
      expect(masked(jsonLinesMasker, JSON.stringify(record), masks)).toBe(
        masked(jsonMasker, JSON.stringify(record), masks),
      );
    }),
    { numRuns: 1000 },
  );
});
