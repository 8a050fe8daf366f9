import { expect, test } from 'vitest';
import type { Mask } from '../../../shared/domain/record/masks.ts';
import { isDocumentFieldMasked, maskDocumentField } from '../../../shared/stores/document-dates.ts';
import { KEY } from '../../support/masked-text.ts';

const cutTo = (to: 'year' | 'month' | 'day', zone?: string): Mask =>
  zone === undefined ? { kind: 'truncate-date', to } : { kind: 'truncate-date', to, zone };

test.each([
  // Local midnight of 1 January 1980 and 17 May 1980 in Almaty.
  ['1979-12-31T18:00:00Z', 'year', 'Asia/Almaty', '1979-12-31T18:00:00Z'],
  ['1980-05-16T18:00:00.000Z', 'year', 'Asia/Almaty', '1979-12-31T18:00:00.000Z'],
  ['1980-05-16T18:00:00.000Z', 'day', 'Asia/Almaty', '1980-05-16T18:00:00.000Z'],
  ['1980-05-17 03:30:00.123456+00:00', 'month', 'America/New_York', '1980-05-01 04:00:00.000000+00:00'],
  ['1980-05-01T03:30:00+0000', 'month', 'America/New_York', '1980-04-01T05:00:00+0000'],
  ['1980-05-17T21:30Z', 'day', 'Europe/Berlin', '1980-05-16T22:00Z'],
  ['1980-05-17T21:30-00:00', 'day', 'UTC', '1980-05-17T00:00-00:00'],
  ['1850-06-01T12:00Z', 'year', 'Europe/Paris', '1849-12-31T23:50:39Z'],
  // A date that was written as its midnight in UTC.
  ['1980-01-01T00:00:00Z', 'year', 'America/New_York', '1980-01-01T00:00:00Z'],
  // The offset of its place, or none: the date is the one that is written.
  ['1980-01-01T00:30:00+06:00', 'year', 'Europe/London', '1980-01-01T00:00:00+06:00'],
  ['1980-12-31T23:30:00', 'month', 'Asia/Almaty', '1980-12-01T00:00:00'],
  ['1980-12-31', 'year', 'Asia/Almaty', '1980-01-01'],
] as const)('the text %s cut to the %s in %s is %s, once and for all', (text, to, zone, cut) => {
  const mask = cutTo(to, zone);
  expect(maskDocumentField(text, mask, KEY)).toEqual({ fits: true, value: cut });
  expect(isDocumentFieldMasked(cut, mask, KEY)).toBe(true);
  expect(isDocumentFieldMasked(text, mask, KEY)).toBe(text === cut);
  expect(maskDocumentField(cut, mask, KEY)).toEqual({ fits: true, value: cut });
});

test('without a zone a date-time is cut as it stands', () => {
  expect(maskDocumentField('1980-05-16T18:00:00Z', cutTo('year'), KEY)).toEqual({
    fits: true,
    value: '1980-01-01T00:00:00Z',
  });
});

test.each([undefined, 1980, true, 'in May 1980', '1980-13-01T00:00:01Z', '1980-02-30T00:00:01Z'])(
  'what is not a date is neither cut nor taken as cut: %s',
  (value) => {
    const mask = cutTo('year', 'Asia/Almaty');
    expect(isDocumentFieldMasked(value, mask, KEY)).toBe(false);
    if (value !== '1980-02-30T00:00:01Z') expect(maskDocumentField(value, mask, KEY).fits).toBe(false);
  },
);
