import type { Instant } from '../../../shared/domain/record/ids.ts';
import type { Fields } from '../../../shared/stores/memory-store.ts';
import type { Place, RegisterOptions, Subject, Producers } from './simulation-producers.ts';

const DAY = 86_400_000;
/** One that many are interested in. */
const FAIR = 'occasion-fair';
const ZONES = ['Europe/Berlin', 'America/Sao_Paulo', 'Asia/Tokyo', 'Pacific/Auckland'];

/** One record of a life: it is registered again when the life starts again. */
interface Kept {
  readonly producer: string;
  readonly place: Place;
  readonly options: RegisterOptions;
  readonly fields: Fields;
}

/** One subject's life from `born` to `end`: what its applications keep about it, and what happens. */
type History = (producers: Producers, n: number, born: Instant, end: Instant) => void;

function registerAll(producers: Producers, records: readonly Kept[], at: Instant): void {
  const { chance } = producers;
  for (const { producer, place, options, fields } of records) {
    producers.register(producer, place, options, fields, at + chance.between(0, DAY / 4));
    if (chance.happens(0.03)) producers.remove(place, at + chance.between(DAY, 900 * DAY));
    if (chance.happens(0.04))
      producers.register(producer, place, options, fields, at + chance.between(1, 500 * DAY));
    if (chance.happens(0.06)) changes(producers, { producer, place, options, fields }, at);
    if (!chance.happens(0.06)) continue;
    const end = at + chance.between(DAY, 700 * DAY);
    producers.withdraw(producer, place, end);
    if (chance.happens(0.5)) producers.remove(place, end + chance.between(0, DAY));
  }
}

/** Attributes are changed by a withdrawal and a registration; the record stays as it is. */
function changes({ chance, ...producers }: Producers, { producer, place, options }: Kept, at: Instant): void {
  const when = at + chance.between(DAY, 600 * DAY);
  const { jurisdiction } = options;
  const moved = jurisdiction === undefined ? {} : { jurisdiction: jurisdiction === 'EU' ? 'US' : 'EU' };
  producers.withdraw(producer, place, when);
  const changed = { ...options, zone: chance.pick(ZONES), ...moved };
  producers.register(producer, place, changed, undefined, when + chance.between(0, 2000));
}

function zoned(producers: Producers): { readonly zone?: string } {
  return producers.chance.happens(0.15) ? { zone: producers.chance.pick(ZONES) } : {};
}

/** An end that is undone again and again; what was kept is kept again after most of the undoings. */
function endsAndReturns(
  producers: Producers,
  producer: string,
  subject: Subject,
  [ended, undone]: readonly [string, string],
  records: readonly Kept[],
  { born, end, years, again }: { born: Instant; end: Instant; years: number; again: number },
): void {
  const { chance } = producers;
  for (let at = born; ;) {
    at += chance.between(5 * DAY, years * 2 * 365 * DAY);
    if (at > end) return;
    const announced = chance.happens(0.25) ? chance.between(DAY, 90 * DAY) : 0;
    producers.send(producer, ended, subject, at + announced, announced > 0 ? at : undefined);
    if (!chance.happens(again)) return;
    at += chance.between(DAY / 2, chance.happens(0.7) ? 45 * DAY : 400 * DAY);
    producers.send(producer, undone, subject, at);
    if (chance.happens(0.8)) registerAll(producers, records, at + chance.between(0, 3 * DAY));
  }
}

const parties: History = (producers, n, born, end) => {
  const { chance } = producers;
  const producer = 'paloma-parties';
  const account: Subject = { type: 'account', id: `account-${n}` };
  const marketing = chance.happens(0.3) ? ['marketing-contact'] : [];
  const options = { categories: ['external-profile', ...marketing], about: [account], ...zoned(producers) };
  const records: Kept[] = [
    {
      producer,
      options,
      place: { store: 'parties-profiles', locator: [`user-${n}`] },
      fields: { name: `user ${n}` },
    },
  ];
  for (let form = 0; form < chance.between(0, 2); form += 1) {
    records.push({
      producer,
      place: { store: 'parties-forms', locator: [n * 10 + form] },
      options: { categories: ['event-form-data'], about: [account] },
      fields: { answer: 'vegetarian' },
    });
  }
  registerAll(producers, records, born);
  const events = ['account.disconnected', 'account.reconnected'] as const;
  endsAndReturns(producers, producer, account, events, records, { born, end, years: 1, again: 0.5 });
  if (chance.happens(0.15))
    producers.send(producer, 'account.deleted', account, born + chance.between(DAY, 3000 * DAY));
  if (!chance.happens(0.3)) return;
  const withdrawn = born + chance.between(DAY, 2000 * DAY);
  producers.send(producer, 'consent.withdrawn', account, withdrawn);
  if (chance.happens(0.5)) {
    producers.send(producer, 'consent.given', account, withdrawn + chance.between(DAY / 24, 300 * DAY));
  }
};

const paloma365: History = (producers, n, born, end) => {
  const { chance } = producers;
  const producer = 'paloma365';
  const contract: Subject = { type: 'contract', id: `contract-${n}` };
  const before: Subject = { type: 'contract', id: `contract-${n}-before` };
  const uuid = (k: number) => `${String(n).padStart(8, '0')}-0000-4000-8000-${String(k).padStart(12, '0')}`;
  const all = ['registration-data', 'usage-data', 'technical-data'];
  const isSecond = chance.happens(0.2);
  const records: Kept[] = Array.from({ length: chance.between(1, 3) }, (_, k) => ({
    producer,
    place: { store: 'paloma365-customers', locator: [uuid(k)] },
    options: {
      categories: chance.shuffled(all).slice(0, chance.between(1, 3)),
      about: isSecond ? [contract, before] : [contract],
      ...zoned(producers),
    },
    fields: { name: `customer ${n}` },
  }));
  registerAll(producers, records, born);
  if (isSecond)
    producers.send(producer, 'contract.ended', before, born + chance.between(-90 * DAY, 900 * DAY), born);
  const events = ['contract.ended', 'contract.renewed'] as const;
  endsAndReturns(producers, producer, contract, events, records, { born, end, years: 1.5, again: 0.6 });
  for (let k = 0; k < chance.between(0, 4); k += 1) {
    const at = born + chance.between(0, 1500 * DAY);
    const payment: Subject = { type: 'payment', id: `payment-${n}-${k}` };
    const place = { store: 'paloma365-payments', locator: [uuid(100 + k)] };
    const options = { categories: ['payment-data'], about: [payment] };
    registerAll(
      producers,
      [{ producer, place, options, fields: { card_number: '4111111111111111', amount: k } }],
      at,
    );
    producers.send(producer, 'payment.completed', payment, at + chance.between(-DAY, DAY), at + 2 * DAY);
  }
};

const paltalk: History = (producers, n, born, end) => {
  const { chance } = producers;
  const brands = chance.happens(0.3)
    ? ['paltalk', 'camfrog']
    : [chance.pick(['paltalk', 'camfrog', 'tinychat'])];
  const isJoint = brands.length > 1;
  const person: Subject = { type: 'person', id: `person-${n >> 1}@example.org`, shared: true };
  for (const producer of brands) {
    const account: Subject = { type: 'account', id: `member-${n}` };
    const member = isJoint ? `joint#${n}` : `${producer}#${n}`;
    const jurisdiction = chance.pick(['EU', 'EU', 'US', undefined]);
    const known = { ...zoned(producers), ...(jurisdiction === undefined ? {} : { jurisdiction }) };
    const fields = {
      nickname: `member ${n}`,
      ipAddress: '192.0.2.1',
      deviceId: `device ${n}`,
      lastSeen: '2026-05-17',
    };
    const records: Kept[] = [
      {
        producer,
        fields,
        place: { store: 'paltalk-members', locator: [member] },
        options: { categories: ['member-profile'], about: [account], ...known },
      },
      {
        producer,
        fields,
        place: { store: 'paltalk-devices', locator: [member, chance.between(1, 3)] },
        options: { categories: ['device-data'], about: [account], ...known },
      },
    ];
    if (chance.happens(0.6)) {
      records.push({
        producer,
        fields,
        place: { store: 'paltalk-marketing', locator: [member] },
        options: { categories: ['member-marketing'], about: [account, person], ...known },
      });
    }
    registerAll(producers, records, born + chance.between(0, 30 * DAY));
    const events = ['account.closed', 'account.reopened'] as const;
    endsAndReturns(producers, producer, account, events, records, { born, end, years: 1.5, again: 0.4 });
    if (!chance.happens(0.3)) continue;
    const objected = born + chance.between(DAY, 2000 * DAY);
    producers.send(producer, 'marketing.objected', person, objected);
    if (chance.happens(0.4)) {
      producers.send(producer, 'marketing.allowed', person, objected + chance.between(DAY, 300 * DAY));
    }
  }
};

const calendera: History = (producers, n, born, end) => {
  const { chance } = producers;
  const producer = 'calendera';
  const subscription: Subject = { type: 'subscription', id: `subscription-${n}` };
  const usage = chance.happens(0.5) ? ['usage-information'] : [];
  const records: Kept[] = [
    {
      producer,
      place: { store: 'calendera-accounts', locator: [n] },
      options: { categories: ['account-data', ...usage], about: [subscription], ...zoned(producers) },
      fields: { name: `business ${n}` },
    },
  ];
  for (let k = 0; k < chance.between(0, 3); k += 1) {
    records.push({
      producer,
      place: { store: 'calendera-bookings', locator: [`business-${n}`, `booking-${k}`] },
      options: { categories: ['booking-data'], about: [subscription] },
      fields: { customer: `customer ${k}` },
    });
  }
  registerAll(producers, records, born);
  const events = ['subscription.ended', 'subscription.renewed'] as const;
  endsAndReturns(producers, producer, subscription, events, records, { born, end, years: 0.5, again: 0.85 });
  for (let k = 0; k < chance.between(0, 3); k += 1) {
    const at = born + chance.between(0, 2500 * DAY);
    const invoice: Subject = { type: 'invoice', id: `invoice-${n}-${k}` };
    const place = { store: 'calendera-invoices', locator: [n * 10 + k] };
    const options = { categories: ['billing-records'], about: [invoice] };
    registerAll(producers, [{ producer, place, options, fields: { amount: k } }], at);
    producers.send(producer, 'invoice.issued', invoice, at);
  }
};

const odoo: History = (producers, n, born, end) => {
  const { chance } = producers;
  const producer = 'odoo-events';
  const account: Subject = { type: 'account', id: `account-${n}` };
  const occasion: Subject = { type: 'occasion', id: chance.happens(0.5) ? FAIR : `occasion-${n}` };
  const isInterested = chance.happens(0.4);
  const interest = isInterested ? ['event-interest'] : [];
  const fields = { userName: `user ${n}`, ipAddress: '192.0.2.7', day: '2027-03-14' };
  const records: Kept[] = [
    {
      producer,
      fields,
      place: { store: 'odoo-contacts', locator: [n] },
      options: {
        categories: ['account-and-contact-data', ...interest],
        about: isInterested ? [account, occasion] : [account],
        ...zoned(producers),
      },
    },
    {
      producer,
      fields,
      place: { store: 'odoo-usage', locator: [`account-${n}`, 'usage'] },
      options: { categories: ['usage-analytics'], about: [account] },
    },
  ];
  registerAll(producers, records, born);
  const closing = ['account.closed', 'account.reopened'] as const;
  endsAndReturns(producers, producer, account, closing, records, { born, end, years: 1, again: 0.5 });
  if (occasion.id !== FAIR || chance.happens(0.05)) {
    const moved = ['occasion.ended', 'occasion.postponed'] as const;
    endsAndReturns(producers, producer, occasion, moved, [], { born, end, years: 1, again: 0.3 });
  }
  if (!chance.happens(0.4)) return;
  const invoice: Subject = { type: 'invoice', id: `invoice-${n}` };
  const options = { categories: ['invoices'], about: [invoice] };
  registerAll(
    producers,
    [{ producer, place: { store: 'odoo-invoices', locator: [n] }, options, fields }],
    born,
  );
  producers.send(producer, 'invoice.issued', invoice, born + chance.between(0, 30 * DAY));
};

const HISTORIES = [parties, paloma365, paltalk, calendera, odoo];

/** `count` random lives, the same number of each policy, that begin at random times. */
export function sendAll(producers: Producers, count: number, from: Instant, to: Instant): void {
  for (let n = 1; n <= count; n += 1) {
    const born = from + Math.floor(producers.chance.next() ** 1.5 * (to - from) * 0.95);
    HISTORIES[n % HISTORIES.length]?.(producers, n, born, to);
  }
}
