import type { Instant } from '../../../shared/domain/record/ids.ts';
import type { Fields } from '../../../shared/stores/memory-store.ts';
import type { Place, RegisterOptions, Subject, Teller } from './simulation-teller.ts';

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
type Life = (teller: Teller, n: number, born: Instant, end: Instant) => void;

function keepAll(teller: Teller, records: readonly Kept[], at: Instant): void {
  const { chance } = teller;
  for (const { producer, place, options, fields } of records) {
    teller.keep(producer, place, options, fields, at + chance.between(0, DAY / 4));
    if (chance.happens(0.03)) teller.remove(place, at + chance.between(DAY, 900 * DAY));
    if (!chance.happens(0.06)) continue;
    const end = at + chance.between(DAY, 700 * DAY);
    teller.withdraw(producer, place, end);
    if (chance.happens(0.5)) teller.remove(place, end + chance.between(0, DAY));
  }
}

function zoned(teller: Teller): { readonly zone?: string } {
  return teller.chance.happens(0.15) ? { zone: teller.chance.pick(ZONES) } : {};
}

/** An end that is undone again and again; what was kept is kept again after most of the undoings. */
function endsAndReturns(
  teller: Teller,
  producer: string,
  subject: Subject,
  [ended, undone]: readonly [string, string],
  records: readonly Kept[],
  { born, end, years, again }: { born: Instant; end: Instant; years: number; again: number },
): void {
  const { chance } = teller;
  for (let at = born; ;) {
    at += chance.between(5 * DAY, years * 2 * 365 * DAY);
    if (at > end) return;
    const announced = chance.happens(0.25) ? chance.between(DAY, 90 * DAY) : 0;
    teller.tell(producer, ended, subject, at + announced, announced > 0 ? at : undefined);
    if (!chance.happens(again)) return;
    at += chance.between(DAY / 2, chance.happens(0.7) ? 45 * DAY : 400 * DAY);
    teller.tell(producer, undone, subject, at);
    if (chance.happens(0.8)) keepAll(teller, records, at + chance.between(0, 3 * DAY));
  }
}

const parties: Life = (teller, n, born, end) => {
  const { chance } = teller;
  const producer = 'paloma-parties';
  const account: Subject = { type: 'account', id: `account-${n}` };
  const marketing = chance.happens(0.3) ? ['marketing-contact'] : [];
  const options = { categories: ['external-profile', ...marketing], about: [account], ...zoned(teller) };
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
  keepAll(teller, records, born);
  const events = ['account.disconnected', 'account.reconnected'] as const;
  endsAndReturns(teller, producer, account, events, records, { born, end, years: 1, again: 0.5 });
  if (chance.happens(0.15))
    teller.tell(producer, 'account.deleted', account, born + chance.between(DAY, 3000 * DAY));
  if (!chance.happens(0.3)) return;
  const withdrawn = born + chance.between(DAY, 2000 * DAY);
  teller.tell(producer, 'consent.withdrawn', account, withdrawn);
  if (chance.happens(0.5)) {
    teller.tell(producer, 'consent.given', account, withdrawn + chance.between(DAY / 24, 300 * DAY));
  }
};

const paloma365: Life = (teller, n, born, end) => {
  const { chance } = teller;
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
      ...zoned(teller),
    },
    fields: { name: `customer ${n}` },
  }));
  keepAll(teller, records, born);
  if (isSecond)
    teller.tell(producer, 'contract.ended', before, born + chance.between(-90 * DAY, 900 * DAY), born);
  const events = ['contract.ended', 'contract.renewed'] as const;
  endsAndReturns(teller, producer, contract, events, records, { born, end, years: 1.5, again: 0.6 });
  for (let k = 0; k < chance.between(0, 4); k += 1) {
    const at = born + chance.between(0, 1500 * DAY);
    const payment: Subject = { type: 'payment', id: `payment-${n}-${k}` };
    const place = { store: 'paloma365-payments', locator: [uuid(100 + k)] };
    const options = { categories: ['payment-data'], about: [payment] };
    keepAll(
      teller,
      [{ producer, place, options, fields: { card_number: '4111111111111111', amount: k } }],
      at,
    );
    teller.tell(producer, 'payment.completed', payment, at + chance.between(-DAY, DAY), at + 2 * DAY);
  }
};

const paltalk: Life = (teller, n, born, end) => {
  const { chance } = teller;
  const brands = chance.happens(0.3)
    ? ['paltalk', 'camfrog']
    : [chance.pick(['paltalk', 'camfrog', 'tinychat'])];
  const isJoint = brands.length > 1;
  const person: Subject = { type: 'person', id: `person-${n >> 1}@example.org`, shared: true };
  for (const producer of brands) {
    const account: Subject = { type: 'account', id: `member-${n}` };
    const member = isJoint ? `joint#${n}` : `${producer}#${n}`;
    const jurisdiction = chance.pick(['EU', 'EU', 'US', undefined]);
    const known = { ...zoned(teller), ...(jurisdiction === undefined ? {} : { jurisdiction }) };
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
    keepAll(teller, records, born + chance.between(0, 30 * DAY));
    const events = ['account.closed', 'account.reopened'] as const;
    endsAndReturns(teller, producer, account, events, records, { born, end, years: 1.5, again: 0.4 });
    if (!chance.happens(0.3)) continue;
    const objected = born + chance.between(DAY, 2000 * DAY);
    teller.tell(producer, 'marketing.objected', person, objected);
    if (chance.happens(0.4)) {
      teller.tell(producer, 'marketing.allowed', person, objected + chance.between(DAY, 300 * DAY));
    }
  }
};

const calendera: Life = (teller, n, born, end) => {
  const { chance } = teller;
  const producer = 'calendera';
  const subscription: Subject = { type: 'subscription', id: `subscription-${n}` };
  const usage = chance.happens(0.5) ? ['usage-information'] : [];
  const records: Kept[] = [
    {
      producer,
      place: { store: 'calendera-accounts', locator: [n] },
      options: { categories: ['account-data', ...usage], about: [subscription], ...zoned(teller) },
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
  keepAll(teller, records, born);
  const events = ['subscription.ended', 'subscription.renewed'] as const;
  endsAndReturns(teller, producer, subscription, events, records, { born, end, years: 0.5, again: 0.85 });
  for (let k = 0; k < chance.between(0, 3); k += 1) {
    const at = born + chance.between(0, 2500 * DAY);
    const invoice: Subject = { type: 'invoice', id: `invoice-${n}-${k}` };
    const place = { store: 'calendera-invoices', locator: [n * 10 + k] };
    const options = { categories: ['billing-records'], about: [invoice] };
    keepAll(teller, [{ producer, place, options, fields: { amount: k } }], at);
    teller.tell(producer, 'invoice.issued', invoice, at);
  }
};

const odoo: Life = (teller, n, born, end) => {
  const { chance } = teller;
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
        ...zoned(teller),
      },
    },
    {
      producer,
      fields,
      place: { store: 'odoo-usage', locator: [`account-${n}`, 'usage'] },
      options: { categories: ['usage-analytics'], about: [account] },
    },
  ];
  keepAll(teller, records, born);
  const closing = ['account.closed', 'account.reopened'] as const;
  endsAndReturns(teller, producer, account, closing, records, { born, end, years: 1, again: 0.5 });
  if (occasion.id !== FAIR || chance.happens(0.05)) {
    const moved = ['occasion.ended', 'occasion.postponed'] as const;
    endsAndReturns(teller, producer, occasion, moved, [], { born, end, years: 1, again: 0.3 });
  }
  if (!chance.happens(0.4)) return;
  const invoice: Subject = { type: 'invoice', id: `invoice-${n}` };
  const options = { categories: ['invoices'], about: [invoice] };
  keepAll(teller, [{ producer, place: { store: 'odoo-invoices', locator: [n] }, options, fields }], born);
  teller.tell(producer, 'invoice.issued', invoice, born + chance.between(0, 30 * DAY));
};

const LIVES = [parties, paloma365, paltalk, calendera, odoo];

/** `count` random lives, as many of each policy, that begin at random times. */
export function liveAll(teller: Teller, count: number, from: Instant, to: Instant): void {
  for (let n = 1; n <= count; n += 1) {
    const born = from + Math.floor(teller.chance.next() ** 1.5 * (to - from) * 0.95);
    LIVES[n % LIVES.length]?.(teller, n, born, to);
  }
}
