import type { Instant } from '../../../shared/domain/record/ids.ts';
import type { Duration } from '../../../shared/domain/calendar/units.ts';

/**
 * The five example policies once more, read by a person from their texts and settings: independent of the files, the
 * rule language and its evaluator.
 */
export interface PlainRule {
  readonly action: 'anonymise' | 'delete';
  readonly bound: 'at least' | 'at most';
  readonly event: string;
  readonly period: Duration;
  /** The start is rounded to the end of the year that it lies in, which ends on this day. */
  readonly yearEnds?: string;
}

export interface PlainPolicy {
  readonly name: string;
  readonly zone: string;
  readonly lead: number;
  /** Event to what undoes it. */
  readonly undone: Readonly<Record<string, string>>;
  readonly entity: Readonly<Record<string, string>>;
  /** `undefined`: the rules cannot be chosen without knowing the jurisdiction. */
  readonly rules: Readonly<Record<string, (jurisdiction?: string) => readonly PlainRule[] | undefined>>;
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const least = (event: string, period: Duration, yearEnds?: string): PlainRule => ({
  action: 'delete',
  bound: 'at least',
  event,
  period,
  ...(yearEnds === undefined ? {} : { yearEnds }),
});
const most = (event: string, period: Duration, action: PlainRule['action'] = 'delete'): PlainRule => ({
  action,
  bound: 'at most',
  event,
  period,
});

/** The operator of Calendera changes what `reasonable period` means. */
export const REASONABLE_PERIODS = [90, 120, 60] as const;
const calenderaWith = (days: number): PlainPolicy => ({
  name: 'calendera',
  zone: 'America/Chicago',
  lead: DAY,
  undone: { 'subscription.ended': 'subscription.renewed' },
  entity: { 'subscription.ended': 'subscription', 'invoice.issued': 'invoice' },
  rules: {
    'account-data': () => [least('subscription.ended', { days })],
    'usage-information': () => [least('subscription.ended', { days })],
    'booking-data': () => [least('subscription.ended', { years: 2 }), least('subscription.ended', { days })],
    'billing-records': () => [least('invoice.issued', { years: 4 }, '12-31')],
  },
});

const odoo: PlainPolicy = {
  name: 'odoo-events',
  zone: 'Europe/Brussels',
  lead: DAY,
  undone: { 'account.closed': 'account.reopened', 'occasion.ended': 'occasion.postponed' },
  entity: { 'account.closed': 'account', 'occasion.ended': 'occasion', 'invoice.issued': 'invoice' },
  rules: {
    'account-and-contact-data': () => [most('account.closed', { years: 1 })],
    'event-interest': () => [least('occasion.ended', { months: 6 })],
    'usage-analytics': () => [most('account.closed', { months: 13 }, 'anonymise')],
    invoices: () => [least('invoice.issued', { years: 7 }, '06-30')],
  },
};

const disconnected = most('account.disconnected', { days: 30 });
const erased = most('account.deleted', { hours: 24 });
const parties: PlainPolicy = {
  name: 'paloma-parties',
  zone: 'America/Toronto',
  lead: 3 * DAY,
  undone: { 'account.disconnected': 'account.reconnected', 'consent.withdrawn': 'consent.given' },
  entity: {
    'account.disconnected': 'account',
    'account.deleted': 'account',
    'consent.withdrawn': 'account',
  },
  rules: {
    'external-profile': () => [disconnected, erased],
    'event-form-data': () => [disconnected, erased],
    'marketing-contact': () => [most('consent.withdrawn', { hours: 1 }), disconnected, erased],
  },
};

const term = (): readonly PlainRule[] => [least('contract.ended', { years: 3 })];
const paloma365: PlainPolicy = {
  name: 'paloma365',
  zone: 'Asia/Almaty',
  lead: DAY,
  undone: { 'contract.ended': 'contract.renewed' },
  entity: { 'contract.ended': 'contract', 'payment.completed': 'payment' },
  rules: {
    'registration-data': term,
    'usage-data': term,
    'technical-data': term,
    'payment-data': () => [
      most('payment.completed', { hours: 1 }, 'anonymise'),
      least('payment.completed', { years: 5 }, '12-31'),
    ],
  },
};

const capOf = (jurisdiction: string): Duration => (jurisdiction === 'EU' ? { days: 30 } : { years: 2 });
const knowing =
  (rules: (cap: Duration) => readonly PlainRule[]): PlainPolicy['rules'][string] =>
  (jurisdiction) =>
    jurisdiction === undefined ? undefined : rules(capOf(jurisdiction));
const paltalk: PlainPolicy = {
  name: 'paltalk',
  zone: 'America/New_York',
  lead: DAY,
  undone: { 'account.closed': 'account.reopened', 'marketing.objected': 'marketing.allowed' },
  entity: { 'account.closed': 'account', 'marketing.objected': 'person' },
  rules: {
    'member-profile': knowing((cap) => [most('account.closed', cap)]),
    'member-marketing': knowing((cap) => [
      most('marketing.objected', { days: 1 }),
      most('account.closed', cap),
    ]),
    'device-data': knowing((cap) => [most('account.closed', cap, 'anonymise')]),
  },
};

/** The policy of each category, as of one instant. */
export type Rulebook = (category: string) => PlainPolicy;

/** When each period of `REASONABLE_PERIODS` comes into effect; the first one from the beginning. */
export type Changes = readonly Instant[];

/** As of `at`. */
export function rulebook(changes: Changes, at: Instant): Rulebook {
  const days = REASONABLE_PERIODS[changes.filter((from) => from <= at).length] ?? REASONABLE_PERIODS[0];
  const all = booksOf(days);
  return (category) => {
    const policy = all.find(({ rules }) => category in rules);
    if (policy === undefined) throw new Error(`no policy has the category ${category}`);
    return policy;
  };
}

const books = new Map<number, readonly PlainPolicy[]>();
function booksOf(days: number): readonly PlainPolicy[] {
  const known = books.get(days) ?? [calenderaWith(days), odoo, parties, paloma365, paltalk];
  books.set(days, known);
  return known;
}
