import { describe, expect, test } from 'vitest';
import { answersTo, compiled, goodConfig } from '../../support/rules/configuration-text.ts';

type Contacts = NonNullable<ReturnType<typeof goodConfig>['stores']['contacts']>;

function withLimits(limits: Partial<Contacts>): string[] {
  return answersTo(({ stores }) => void Object.assign(stores['contacts']!, limits));
}

describe('limits of a lane', () => {
  test('are taken as they are written, and are absent by default', () => {
    const config = goodConfig();
    expect(compiled(config).stores['contacts']).not.toHaveProperty('recordsPerMinute');
    expect(compiled(config).stores['contacts']).not.toHaveProperty('quietHours');
    expect(compiled(config).stores['contacts']).not.toHaveProperty('canary');
    const limits = {
      canary: 10,
      dryRun: true,
      breaker: { recordsPerDay: 2000, share: 0.05 },
      recordsPerMinute: 60,
      quietHours: { zone: 'Europe/Vienna', hours: [{ from: '08:00', to: '18:00', days: ['mon'] as const }] },
    };
    Object.assign(config.stores['contacts']!, limits);
    expect(compiled(config).stores['contacts']).toMatchObject(limits);
  });

  test.for([
    [
      'a rate of nothing',
      { recordsPerMinute: 0 },
      'stores.contacts.recordsPerMinute: found the number 0; write how many records may be disposed of per minute, from 1 to 1000000',
    ],
    [
      'a breaker without a limit',
      { breaker: {} },
      'stores.contacts.breaker: without a limit it stops nothing; write `recordsPerDay`, `share` or both, or omit the breaker',
    ],
    [
      'a share of more than everything',
      { breaker: { share: 5 } },
      "stores.contacts.breaker.share: found the number 5; write which part of the store's records one rule may dispose of in a day, above 0 and up to 1, such as 0.05",
    ],
    [
      'a time that is none',
      { quietHours: { zone: 'UTC', hours: [{ from: '8:00', to: '18:00' }] } },
      'stores.contacts.quietHours.hours.0.from: found "8:00"; write a local time such as `08:00`',
    ],
    [
      'a zone that is none',
      { quietHours: { zone: 'Vienna', hours: [{ from: '08:00', to: '18:00' }] } },
      'stores.contacts.quietHours: "Vienna" is not a time zone; write one such as `Europe/Vienna`',
    ],
    [
      'hours around the clock',
      { quietHours: { zone: 'UTC', hours: [{ from: '00:00', to: '24:00' }] } },
      'stores.contacts.quietHours: these quiet hours leave the lane no hour of the week in which it can work; leave at least one hour free',
    ],
  ] as const)('are refused: %s', ([, limits, answer]) => {
    expect(withLimits(limits as unknown as Partial<Contacts>)).toEqual([answer]);
  });
});

describe('after-care of a store', () => {
  test('has the days in their order, and the first one on which no backup has the record', () => {
    const config = goodConfig();
    expect(compiled(config).stores['contacts']).not.toHaveProperty('afterCare');
    Object.assign(config.stores['contacts']!, { afterCare: [7, 1, 7], backupDays: 35 });
    expect(compiled(config).stores['contacts']).toMatchObject({ afterCare: [1, 7, 36] });
  });

  const WHAT =
    'list after how many days, from 1 to 36500, a deleted record is looked at again, at most 10 times, such as `[1, 7]`';
  test.for([
    ['what is not a list', { afterCare: 7 }, `stores.contacts.afterCare: found the number 7; ${WHAT}`],
    ['the day itself', { afterCare: [1, 0] }, `stores.contacts.afterCare.1: found the number 0; ${WHAT}`],
    ['half a day', { afterCare: [0.5] }, `stores.contacts.afterCare.0: found the number 0.5; ${WHAT}`],
    ['a text', { afterCare: ['1 day'] }, `stores.contacts.afterCare.0: found "1 day"; ${WHAT}`],
  ] as const)('refuses %s', ([, limits, answer]) => {
    expect(withLimits(limits as unknown as Partial<Contacts>)).toEqual([answer]);
  });

  test('refuses more than ten days', () => {
    const afterCare = Array.from({ length: 11 }, (_none, day) => day + 1);
    const [answer = ''] = withLimits({ afterCare });
    expect(answer).toMatch(/^stores\.contacts\.afterCare: .*at most 10 times/);
  });
});
