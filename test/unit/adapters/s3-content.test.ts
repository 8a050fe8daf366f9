import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Masks } from '../../../shared/domain/record/masks.ts';
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

test('masks top-level fields of objects only, and leaves numbers, order and white space', () => {
  const text =
    '\uFEFF {"id": 12345678901234567890, "mail" : "a@b" ,"deep":{"mail":"c@d"}, "n":1.50, "score":7}\n';
  expect(masked(jsonMasker, text)).toBe(
    '\uFEFF {"id": 12345678901234567890, "mail" : null ,"deep":{"mail":"c@d"}, "n":1.50, "score":0}\n',
  );
});

test('masks a field that is there twice, twice', () => {
  expect(masked(jsonMasker, '{"mail":"a@b","mail":null,"m\\u0061il":"c@d"}')).toBe(
    '{"mail":null,"mail":null,"m\\u0061il":null}',
  );
});

test('lists and objects take null and constants, and no pseudonym or date', () => {
  expect(masked(jsonMasker, '{"mail":["a@b",{"x":"}"}],"score":{"of":[1,2]}}')).toBe(
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

test('what is masked already, or has no such field, is untouched', () => {
  expect(isUntouched(jsonMasker, '{"mail":null,"score":0,"born":"1980-01-01"}')).toBe(true);
  expect(isUntouched(jsonMasker, '[]')).toBe(true);
  expect(isUntouched(jsonMasker, '[ {} , {"other":1} ]')).toBe(true);
  expect(isUntouched(jsonLinesMasker, '{}\n\n{"mail":null}')).toBe(true);
  expect(isUntouched(jsonLinesMasker, '')).toBe(true);
  expect(isUntouched(csvMasker, 'mail,score,born\r\n,0,1980-01-01\r\n')).toBe(true);
  expect(isUntouched(csvMasker, '')).toBe(true);
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
