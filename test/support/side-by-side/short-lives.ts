import type { Instant } from '../../../shared/domain/record/ids.ts';
import type { Fields } from '../../../shared/stores/memory-store.ts';
import type { Place, Producers, RegisterOptions, Subject } from '../simulation/simulation-producers.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

interface Record extends Place {
  readonly options: RegisterOptions;
  readonly fields: Fields;
}

/** What is kept about one subject, what ends its use, and after how many days the data is due. */
interface Life {
  readonly producer: string;
  readonly subject: Subject;
  readonly ended: string;
  readonly undone?: string;
  readonly days: number;
  readonly records: readonly Record[];
}

const uuid = (n: number, k: number): string =>
  `${String(n).padStart(8, '0')}-0000-4000-8000-${String(k).padStart(12, '0')}`;
const MASKED = { ipAddress: '192.0.2.1', deviceId: 'device', lastSeen: '2024-05-17' };

const LIVES: readonly ((n: number) => Life)[] = [
  (n) => {
    const subject: Subject = { type: 'account', id: `account-${n}` };
    const options = { categories: ['external-profile'], about: [subject] };
    return {
      producer: 'paloma-parties',
      subject,
      ended: 'account.disconnected',
      undone: 'account.reconnected',
      days: 27,
      records: [
        { store: 'parties-profiles', locator: [`user-${n}`], options, fields: { name: `user ${n}` } },
        {
          store: 'parties-forms',
          locator: [n],
          options: { categories: ['event-form-data'], about: [subject] },
          fields: { answer: 'vegetarian' },
        },
      ],
    };
  },
  (n) => {
    const subject: Subject = { type: 'contract', id: `contract-${n}` };
    return {
      producer: 'paloma365',
      subject,
      ended: 'contract.ended',
      undone: 'contract.renewed',
      days: 1096,
      records: [0, 1].map((k) => ({
        store: 'paloma365-customers',
        locator: [uuid(n, k)],
        options: {
          categories: k === 0 ? ['registration-data', 'usage-data'] : ['usage-data'],
          about: [subject],
        },
        fields: { name: `customer ${n}` },
      })),
    };
  },
  (n) => {
    const subject: Subject = { type: 'payment', id: `payment-${n}` };
    const options = { categories: ['payment-data'], about: [subject] };
    const fields = { card_number: '4111111111111111', amount: n };
    return {
      producer: 'paloma365',
      subject,
      ended: 'payment.completed',
      days: 0,
      records: [{ store: 'paloma365-payments', locator: [uuid(n, 9)], options, fields }],
    };
  },
  (n) => {
    const producer = n % 2 === 0 ? 'paltalk' : 'camfrog';
    const subject: Subject = { type: 'account', id: `member-${n}` };
    const place = n % 3 === 0 ? `joint#${n}` : `${producer}#${n}`;
    const about = { about: [subject], jurisdiction: 'EU' };
    return {
      producer,
      subject,
      ended: 'account.closed',
      undone: 'account.reopened',
      days: 29,
      records: [
        {
          store: 'paltalk-members',
          locator: [place],
          options: { categories: ['member-profile'], ...about },
          fields: { nickname: `member ${n}`, ...MASKED },
        },
        {
          store: 'paltalk-devices',
          locator: [place, 1],
          options: { categories: ['device-data'], ...about },
          fields: { nickname: `member ${n}`, ...MASKED },
        },
      ],
    };
  },
  (n) => {
    const subject: Subject = { type: 'subscription', id: `subscription-${n}` };
    const options = { categories: ['account-data', 'usage-information'], about: [subject] };
    return {
      producer: 'calendera',
      subject,
      ended: 'subscription.ended',
      undone: 'subscription.renewed',
      days: 90,
      records: [{ store: 'calendera-accounts', locator: [n], options, fields: { name: `business ${n}` } }],
    };
  },
  (n) => {
    const subject: Subject = { type: 'account', id: `account-${n}` };
    const fields = { userName: `user ${n}`, ipAddress: '192.0.2.7', day: '2024-03-14' };
    return {
      producer: 'odoo-events',
      subject,
      ended: 'account.closed',
      undone: 'account.reopened',
      days: 365,
      records: [
        {
          store: 'odoo-contacts',
          locator: [n],
          options: { categories: ['account-and-contact-data'], about: [subject] },
          fields,
        },
        {
          store: 'odoo-usage',
          locator: [`account-${n}`, 'usage'],
          options: { categories: ['usage-analytics'], about: [subject] },
          fields,
        },
      ],
    };
  },
];

/**
 * Lives of days instead of years: what ended did so long before it is told, so that its data is due within days. Some
 * ends are undone, some records are kept again after they were disposed of, some are withdrawn.
 */
export function shortLives(producers: Producers, count: number, from: Instant, to: Instant): void {
  const { chance } = producers;
  for (let n = 1; n <= count; n += 1) {
    const life = LIVES[n % LIVES.length]?.(n);
    if (life === undefined) throw new TypeError('there is a life for every number');
    const born = from + Math.floor(chance.next() * (to - from) * 0.6);
    const keep = (at: Instant): void => {
      for (const { options, fields, ...place } of life.records)
        producers.register(life.producer, place, options, fields, at + chance.between(0, HOUR));
    };
    keep(born);
    const { producer, subject, ended, undone, days } = life;
    const told = born + chance.between(0, 12 * HOUR);
    producers.send(producer, ended, subject, told - days * DAY + chance.between(-12 * HOUR, 2 * DAY), told);
    const again = told + chance.between(HOUR, 2 * DAY);
    if (undone !== undefined && chance.happens(0.3)) {
      producers.send(producer, undone, subject, again);
      if (chance.happens(0.5)) producers.send(producer, ended, subject, again + HOUR, again + DAY / 2);
    } else if (chance.happens(0.4)) keep(again);
    const [record] = life.records;
    if (record !== undefined && chance.happens(0.15))
      producers.withdraw(producer, record, born + chance.between(HOUR, 3 * DAY));
    if (record !== undefined && chance.happens(0.1))
      producers.remove(record, born + chance.between(HOUR, 3 * DAY));
  }
}
