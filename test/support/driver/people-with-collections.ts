import type { Holding } from '../../../shared/domain/record/holding.ts';
import { present } from '../../../shared/domain/present.ts';
import type { Driver, DriverOptions } from './driver.ts';
import { erasureAsked, happened, linked, registered, retracted, type Sending } from './envelopes.ts';
import { PRODUCER, SOURCE, STORE } from './world.ts';

/** An application whose contracts are how it knows people; its records carry ids of contracts, or of people. */
export const PEOPLE: DriverOptions = {
  start: '2026-03-03T08:30:00Z',
  rules: { notes: ['10 years after contract.ended'], letters: ['10 years after contract.ended'] },
  policy: { writeLagSeconds: 60 },
  entityTypes: { contract: { ids: 'owned', normalise: ['trim', 'lowercase'], identifies: 'person' } },
  collections: [
    { category: 'notes', entity: 'contract', by: 'contract', producer: PRODUCER },
    { category: 'letters', entity: 'person', by: 'person', producer: PRODUCER },
  ],
};

const LENA = { type: 'person', id: 'lena@example.org' };
const CONTRACT = { type: 'contract', id: 'c-1' };

/** In the order in which each was sent, a day after the other. */
const SENT = ['started', 'profile', 'link', 'asked', 'renewed', 'taken back'] as const;
export type Said = (typeof SENT)[number];

const DAY = 86_400_000;
const FIRST = Date.parse('2026-02-01T10:00:00Z');

export function sentAt(said: Said): number {
  return FIRST + SENT.indexOf(said) * DAY;
}

export function say(d: Driver, said: Said): void {
  const sending: Sending = { source: SOURCE, id: said, arrived: d.clock.now(), sent: sentAt(said) };
  d.tells(
    {
      started: () => happened(sending, 'contract.started', CONTRACT, '2026-01-01'),
      profile: () =>
        registered(sending, {
          store: STORE,
          locator: ['profile'],
          categories: ['notes'],
          entities: [LENA, CONTRACT],
        }),
      link: () => linked(sending, LENA, CONTRACT),
      asked: () => erasureAsked(sending, PRODUCER, LENA),
      renewed: () => happened(sending, 'contract.renewed', CONTRACT, '2026-01-02'),
      'taken back': () => retracted(sending, CONTRACT, 'started'),
    }[said](),
  );
}

/** What each of the two collections is worth: when it was sent, and from when it has to go. */
export function collectionsOf(d: Driver) {
  const told = (holding: Holding | undefined) =>
    holding &&
    present({
      generation: holding.generation,
      sent: holding.variants.map(({ sent }) => sent),
      actAt: holding.decision?.actAt,
    });
  return { notes: told(d.collection(CONTRACT.id)), letters: told(d.collection(LENA.id, 'letters')) };
}
