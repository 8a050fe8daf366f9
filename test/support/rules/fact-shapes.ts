import type { Fact } from '../../../shared/domain/facts/facts.ts';
import { factOf } from './arbitrary-facts.ts';

const many = (count: number, one: (n: number) => Fact): Fact[] =>
  Array.from({ length: count }, (_, n) => one(n));
/** Every five hours, for years. */
const hourly = (n: number): string => new Date(Date.UTC(2000, 0, 1, n * 5)).toISOString();
const event = (n: number, type = 'contract.ended'): Fact =>
  factOf(`e${n}`, {
    kind: 'event',
    type,
    occurred: hourly((n * 7919) % 16_001),
    sent: (n * 104_729) % 50_021,
  });
const about = (id: string, n: number): string => (n === 0 ? 'e0' : `${id}${n - 1}`);

/** Histories of a given number of facts, in the shapes that make a careless fold slow. */
export const FACT_SHAPES: Readonly<Record<string, (count: number) => readonly Fact[]>> = {
  'ends of a contract': (count) => many(count, (n) => event(n)),
  'ends and renewals': (count) =>
    many(count, (n) => event(n, n % 3 === 0 ? 'contract.renewed' : 'contract.ended')),
  'payments, each of which may decide': (count) => many(count, (n) => event(n, 'payment.made')),
  'ends that were announced further and further ahead, all of which are needed': (count) =>
    many(count, (n) => factOf(`e${n}`, { kind: 'event', occurred: hourly(n), sent: -n })),
  'a chain of corrections': (count) => [
    event(0),
    ...many(count - 1, (n) => factOf(`c${n}`, { kind: 'correction', about: about('c', n), sent: n })),
  ],
  'corrections of one event': (count) => [
    event(0),
    ...many(count - 1, (n) => factOf(`c${n}`, { kind: 'correction', about: 'e0', sent: n })),
  ],
  'a chain of retractions': (count) => [
    event(0),
    ...many(count - 1, (n) => factOf(`r${n}`, { kind: 'retraction', about: about('r', n), sent: n })),
  ],
  'retractions of one event': (count) => [
    event(0),
    ...many(count - 1, (n) => factOf(`r${n}`, { kind: 'retraction', about: 'e0', sent: n })),
  ],
  'corrections, each retracted': (count) => [
    event(0),
    ...many(Math.floor((count - 1) / 2), (n) =>
      factOf(`c${n}`, { kind: 'correction', about: about('c', n), sent: n }),
    ),
    ...many(Math.floor((count - 1) / 2), (n) =>
      factOf(`r${n}`, { kind: 'retraction', about: `c${n}`, sent: n }),
    ),
  ],
  'corrections of what is not there': (count) =>
    many(count, (n) => factOf(`c${n}`, { kind: 'correction', about: `typo${n}`, sent: n })),
  'corrections in a circle': (count) =>
    many(count, (n) => factOf(`c${n}`, { kind: 'correction', about: `c${(n + 1) % count}`, sent: n })),
};
