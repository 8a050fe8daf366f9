import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Masks } from '../../../shared/domain/record/masks.ts';
import { csvMasker } from '../../../shared/stores/s3/s3-csv.ts';
import { UnfitContent } from '../../../shared/stores/s3/s3-masker.ts';
import { CLEAR, isUntouched, KEY, MAIL, masked, OPTIONAL } from '../../support/masked-text.ts';

test('CSV has no fields inside fields', () => {
  expect(() => csvMasker({ 'profile.email': CLEAR }, KEY)).toThrow(UnfitContent);
});

test.each([
  ['n,mail\n1,a@b\n2,c@d\n', 'n,mail\n1,\n2,\n'],
  ['n,mail\r\n1,a@b', 'n,mail\r\n1,'],
  ['mail\na@b\n\nc@d\n', 'mail\n\n\n\n'],
  ['mail,n\na@b,1\n\n', 'mail,n\n,1\n\n'],
  ['\uFEFFmail,n\n"a ""b"", c\n@d",1\n', '\uFEFFmail,n\n"",1\n'],
  ['"mail",mail\na@b,c@d\n', '"mail",mail\n,\n'],
  ['n,"mail"\n"x,y",a@b\n', 'n,"mail"\n"x,y",\n'],
  [
    'n,mail\n"two\nlines, ""mail""\r\n",a@b\n00501,"a@b\n"\n',
    'n,mail\n"two\nlines, ""mail""\r\n",\n00501,""\n',
  ],
  ['\r\n\nmail,n\na@b,=1+1\n', '\r\n\nmail,n\n,=1+1\n'],
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
  'm\0a\0i\0l\0\n\0a\0@\0b\0',
])('a table whose column cannot be masked reliably is refused: %j', (text) => {
  expect(() => masked(csvMasker, text, MAIL)).toThrow(UnfitContent);
});

const word = fc.constantFrom('', 'a@b', '\\', '"', '{', '}]', ',', '\n', 'é👩‍👧', '1980-05-17', 'null');

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
  'n;mail\n1;a@b\n',
  '"n"\tmail\n1\ta@b\n',
  'n|mail\n1|a@b\n',
  '\nn;mail\n1;a@b\n',
  'n\u0001mail\n1\u0001a@b\n',
  'n, mail\n1, a@b\n',
  '"mail ",n\na@b,1\n',
  'n,\u00A0mail\n1,a@b\n',
  'PAR1\0\x15mail',
])('a table that is separated by something else is refused, even with `if present`: %j', (text) => {
  expect(() => masked(csvMasker, text, OPTIONAL)).toThrow(UnfitContent);
});
