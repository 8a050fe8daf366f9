import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Mask, Masks } from '../../../shared/domain/record/masks.ts';
import { maskedText, maskerFor } from '../../../shared/stores/s3/s3-content.ts';
import { csvMasker } from '../../../shared/stores/s3/s3-csv.ts';
import { jsonLinesMasker, jsonMasker } from '../../../shared/stores/s3/s3-json.ts';
import { LONGEST_RECORD, type Masker, UnfitContent } from '../../../shared/stores/s3/s3-masker.ts';

const KEY = new Uint8Array(32).fill(9);
const MASKS: Masks = {
  mail: { kind: 'null' },
  score: { kind: 'constant', value: 0 },
  born: { kind: 'truncate-date', to: 'year' },
};

type Make = (masks: Masks, key: Uint8Array) => Masker;

function masked(make: Make, text: string, masks: Masks = MASKS, size = text.length): string {
  const masker = make(masks, KEY);
  let out = '';
  for (let at = 0; at < text.length; at += Math.max(size, 1))
    out += masker.write(text.slice(at, at + Math.max(size, 1)));
  return out + masker.end();
}

function isUntouched(make: Make, text: string, masks: Masks = MASKS): boolean {
  const masker = make(masks, KEY);
  const out = masker.write(text) + masker.end();
  expect(out).toBe(text);
  return !masker.isChanged();
}

/** The same masks for records that may lack the fields. */
const OPTIONAL: Masks = Object.fromEntries(
  Object.entries(MASKS).map(([field, mask]) => [field, { ...mask, ifPresent: true }]),
);

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
  expect(isUntouched(jsonLinesMasker, '')).toBe(true);
  expect(isUntouched(csvMasker, 'mail,score,born\r\n,0,1980-01-01\r\n')).toBe(true);
  expect(isUntouched(csvMasker, '')).toBe(true);
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

const CLEAR = { kind: 'null' } as const;

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

test('CSV has no fields inside fields', () => {
  expect(() => csvMasker({ 'profile.email': CLEAR }, KEY)).toThrow(UnfitContent);
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
  '',
  ' ',
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

test.each(['{}\n[]', '{}\nx', '{}{}', '"a"', '{}\n{'])(
  'content other than lines of JSON objects is refused: %j',
  (text) => {
    expect(() => masked(jsonLinesMasker, text)).toThrow(UnfitContent);
  },
);

const MAIL: Masks = { mail: { kind: 'null' } };

test.each([
  ['n,mail\n1,a@b\n2,c@d\n', 'n,mail\n1,\n2,\n'],
  ['n,mail\r\n1,a@b', 'n,mail\r\n1,'],
  ['mail\na@b\n\nc@d\n', 'mail\n\n\n\n'],
  ['mail,n\na@b,1\n\n', 'mail,n\n,1\n\n'],
  ['\uFEFFmail,n\n"a ""b"", c\n@d",1\n', '\uFEFFmail,n\n"",1\n'],
  ['"mail",mail\na@b,c@d\n', '"mail",mail\n,\n'],
  ['n,"mail"\n"x,y",a@b\n', 'n,"mail"\n"x,y",\n'],
])('masks the column of a table: %j', (text, expected) => {
  expect(masked(csvMasker, text, MAIL)).toBe(expected);
});

test('a constant with commas and quotes is quoted', () => {
  const masks: Masks = { mail: { kind: 'constant', value: 'gone, "all"' } };
  const once = masked(csvMasker, 'mail\na@b\n', masks);
  expect(once).toBe('mail\n"gone, ""all"""\n');
  expect(isUntouched(csvMasker, once, masks)).toBe(true);
});

test.each([
  'n,other\n1,a@b\n',
  'a@b,1\n',
  'mail,n\na@b\n',
  'mail,n\na@b,1,2\n',
  'mail;n\na@b;1\n',
  'mail\n"a@b\n',
  'mail\na"b\n',
  'mail\n"a"b\n',
  'mail\ra@b\r',
  '\n',
])('a table whose column cannot be masked reliably is refused: %j', (text) => {
  expect(() => masked(csvMasker, text, MAIL)).toThrow(UnfitContent);
});

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

test('CSV comes out the same however it is cut, masked once or twice', () => {
  const cell = word.map((text) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text));
  fc.assert(
    fc.property(
      fc.array(fc.tuple(cell, cell)),
      fc.constantFrom('\n', '\r\n'),
      fc.integer({ min: 1, max: 7 }),
      (rows, ending, size) => {
        const text = ['n,mail', ...rows.map((row) => row.join(','))].map((line) => line + ending).join('');
        const whole = masked(csvMasker, text, MAIL);
        expect(masked(csvMasker, text, MAIL, size)).toBe(whole);
        expect(isUntouched(csvMasker, whole, MAIL)).toBe(true);
        expect(whole.includes('a@b')).toBe(rows.some(([n]) => n === 'a@b'));
      },
    ),
  );
});

test.each([
  ['application/json', undefined, true],
  ['Application/JSON; Charset="UTF-8"', '', true],
  ['application/ld+json', 'identity', true],
  ['application/x-ndjson', undefined, true],
  ['text/csv;header=present', 'aws-chunked', true],
  ['text/csv;header=absent', undefined, false],
  ['text/csv', 'gzip', false],
  ['application/json; charset=latin1', undefined, false],
  ['image/png', undefined, false],
  ['text/html', undefined, false],
  ['', undefined, false],
  [undefined, undefined, false],
])('%s with encoding %s can be masked: %s', (type, encoding, expected) => {
  expect(maskerFor(type, encoding, MAIL, KEY) !== undefined).toBe(expected);
});

test('characters cut in two come out whole, and bytes that are not UTF-8 are refused', async () => {
  const bytes = Buffer.from('{"mail":"👩‍👧","n":"👩‍👧 é"}');
  const cut = async function* (): AsyncGenerator<Uint8Array> {
    for (const byte of bytes) yield Uint8Array.of(byte);
  };
  let out = '';
  for await (const text of maskedText(cut(), jsonMasker(MAIL, KEY))) out += text;
  expect(out).toBe('{"mail":null,"n":"👩‍👧 é"}');
  const broken = async function* (): AsyncGenerator<Uint8Array> {
    yield Buffer.from([0x7b, 0xff, 0x7d]);
  };
  const read = async () => {
    for await (const text of maskedText(broken(), jsonMasker(MAIL, KEY))) out += text;
  };
  await expect(read()).rejects.toThrow(UnfitContent);
});
