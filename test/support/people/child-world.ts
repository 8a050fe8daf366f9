import { ingest } from '../../../functions/ingest/ingest.ts';
import { LINKED } from '../../../shared/domain/record/incoming.ts';
import { childrenFound } from '../../../shared/domain/plan/children.ts';
import type { LaneCore } from '../../../shared/protocol/core.ts';
import { refsOf } from '../../../shared/protocol/facts/refs-of.ts';
import { readStates } from '../../../shared/protocol/facts/read-states.ts';
import { corrected, envelope, happened, type Named, registered, retracted } from '../driver/envelopes.ts';
import { PRODUCER, SOURCE, STORE, world } from '../driver/world.ts';
import { aPolicy, aRule, anEvent } from '../rules/rule-world.ts';

export const LENA = { type: 'person', id: 'lena@example.org' };
export const TOM = { type: 'person', id: 'tom@example.org' };
export const ACCOUNT = { type: 'account', id: 'lenchen' };

const START = Date.parse('2026-03-01T10:00:00Z');
const EVENTS = ['account.closed', 'person.born', 'person.found-to-be-child', 'person.moved'];

/** Each in the order in which it was sent, whatever the order in which it arrives. */
const SENT = [
  'device',
  'profile',
  'born',
  'found',
  'grown-up',
  'young',
  'not-born',
  'not-found',
  'link',
  'unlink',
  'link again',
  'unlink again',
  'not unlinked',
  'toms',
  'family',
] as const;
export type Sent = (typeof SENT)[number];

const policy = aPolicy(
  { notes: [aRule('10 years after account.closed')] },
  {
    writeLagSeconds: 60,
    children: { under: { years: 13 }, born: 'person.born', found: 'person.found-to-be-child' },
    events: {
      'account.closed': anEvent({ entity: 'account' }),
      'person.born': anEvent({ entity: 'person', personal: true }),
      'person.found-to-be-child': anEvent({ entity: 'person' }),
      'person.moved': anEvent({ entity: 'person' }),
    },
  },
);

/** As the bus delivers it. */
export function bodyOf(sent: Sent, isReplayed = false): string {
  const about = (entity: Named, occurred: string, type = 'person.born') =>
    happened(sending(sent), type, entity, occurred);
  const body = {
    device: () => named('device', [ACCOUNT]),
    profile: () => named('profile', [LENA, ACCOUNT]),
    family: () => named('family', [TOM, ACCOUNT]),
    born: () => about(LENA, '2015-05-05'),
    found: () => about(LENA, '2026-02-01', 'person.found-to-be-child'),
    'grown-up': () => corrected(sending(sent), 'person.born', LENA, '1985-05-05', 'born'),
    young: () => corrected(sending(sent), 'person.born', LENA, '2016-05-05', 'grown-up'),
    'not-born': () => retracted(sending(sent), LENA, 'born'),
    'not-found': () => retracted(sending(sent), LENA, 'found'),
    link: () => envelope(sending(sent), LINKED, { entity: LENA, linked: ACCOUNT }),
    unlink: () => retracted(sending(sent), LENA, 'link'),
    'link again': () => envelope(sending(sent), LINKED, { entity: LENA, linked: ACCOUNT }),
    'unlink again': () => retracted(sending(sent), LENA, 'link again'),
    'not unlinked': () => retracted(sending(sent), LENA, 'unlink'),
    toms: () => envelope(sending(sent), LINKED, { entity: TOM, linked: ACCOUNT }),
  }[sent]();
  if (!isReplayed) return body;
  return JSON.stringify({ ...(JSON.parse(body) as object), 'replay-name': 'restore' });
}

function named(locator: string, entities: readonly Named[]): string {
  return registered(sending(locator as Sent), {
    store: STORE,
    locator: [locator],
    categories: ['notes'],
    entities,
  });
}

function sending(sent: Sent) {
  return { source: SOURCE, id: sent, arrived: START, sent: START - 60_000 * (20 - SENT.indexOf(sent)) };
}

/** Accounts identify persons, and the policy erases what is registered about children. */
export function childWorld() {
  const w = world({
    policies: [policy],
    entityTypes: { account: { ids: 'owned', normalise: [], identifies: 'person' } },
  });
  const { configuration } = w.core;
  const [portal] = Object.entries(configuration.producers).filter(([name]) => name === PRODUCER);
  if (portal === undefined) throw new Error('no producer');
  const producers = { ...configuration.producers, [PRODUCER]: { ...portal[1], events: EVENTS } };
  const core: LaneCore = { ...w.core, configuration: { ...configuration, producers } };
  return {
    w,
    core,
    take: async (sent: Sent, { by = core, isReplayed = false, delivery = 1 } = {}): Promise<void> => {
      const outcome = await ingest(by, bodyOf(sent, isReplayed), delivery);
      if (outcome !== 'done') throw new Error(`${sent} has to come again`);
      const [refused] = w.registry.allQuarantined();
      if (refused !== undefined) throw new Error(`${sent} is in quarantine`);
    },
    /** Whether the policy takes the entity for a child, or for a child's. */
    isChild: async (named: Named): Promise<boolean> => {
      const { type } = named;
      const ref = (await refsOf(core, PRODUCER)).entity(named);
      const state = (await readStates(core, [ref])).get(ref);
      return state !== undefined && childrenFound({ type, ref }, state, policy, 'UTC').length > 0;
    },
  };
}

/** What has to be in the end, read off what was sent. */
export function isChildsAccount(sent: ReadonlySet<Sent>): boolean {
  const isLinked =
    sent.has('profile') ||
    (sent.has('link') && (!sent.has('unlink') || sent.has('not unlinked'))) ||
    (sent.has('link again') && !sent.has('unlink again'));
  return isLinked && !sent.has('family') && !sent.has('toms') && isChildOf(sent);
}

export function isChildOf(sent: ReadonlySet<Sent>): boolean {
  const isYoung = !sent.has('grown-up') || sent.has('young');
  const byBirth = sent.has('born') && !sent.has('not-born') && isYoung;
  const bySaying = sent.has('found') && !sent.has('not-found');
  return byBirth || bySaying;
}

export const EVERYTHING: readonly Sent[] = SENT;
