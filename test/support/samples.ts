import { createHash } from 'node:crypto';
import type { EntityState, Fact } from '../../shared/domain/facts/facts.ts';
import type { Holding, HoldingVariant } from '../../shared/domain/record/holding.ts';
import type { EntityRef, EventRef, HoldingRef, Instant, Occurred } from '../../shared/domain/record/ids.ts';
import type { Page } from '../../shared/ports/page.ts';

/** References like real ones: 128 bits of base64url, the same for the same name. */
function ref(kind: string, name: string | number): string {
  return createHash('sha256').update(`${kind} ${name}`).digest().subarray(0, 16).toString('base64url');
}
export const aHoldingRef = (name: string | number): HoldingRef => ref('holding', name) as HoldingRef;
export const anEntityRef = (name: string | number): EntityRef => ref('entity', name) as EntityRef;
export const anEventRef = (name: string | number): EventRef => ref('event', name) as EventRef;

export const at = (iso: string): Instant => Date.parse(iso);

const REGISTERED = at('2026-03-01T10:00:12.345Z');

export function aVariant(name: string | number, changes: Partial<HoldingVariant> = {}): HoldingVariant {
  return {
    producer: 'customer-portal',
    content: 'c0ntentc0ntentc0ntent0',
    categories: ['contract-data'],
    purposes: ['contract-fulfilment'],
    entities: [{ type: 'contract', ref: anEntityRef(name) }],
    sent: REGISTERED - 250,
    received: REGISTERED,
    since: 1,
    folded: 1,
    ...changes,
  };
}

/** About one entity, with one stage that has a date, from one producer: what most holdings are. */
export function aHolding(name: string | number, changes: Partial<Holding> = {}): Holding {
  return {
    ref: aHoldingRef(name),
    version: 1,
    generation: 1,
    state: 'active',
    store: 'customers-postgres',
    locator: Buffer.alloc(60, 7).toString('base64url'),
    registeredAt: REGISTERED,
    variants: [aVariant(name)],
    decision: {
      status: 'due',
      policies: 'f'.repeat(64),
      stage: 'delete',
      actAt: at('2029-03-01T10:01:00Z'),
      deadline: at('2029-03-04T10:01:00Z'),
    },
    hintAt: at('2029-03-01T10:03:00Z'),
    ...changes,
  };
}

/** The same with everything that a life can bring. */
export function aFullHolding(name: string | number, changes: Partial<Holding> = {}): Holding {
  return aHolding(name, {
    variants: [
      aVariant(name, {
        categories: ['contract-data', 'billing-data'],
        entities: [
          { type: 'contract', ref: anEntityRef('c') },
          { type: 'person', ref: anEntityRef('p'), role: 'sender' },
        ],
        zone: 'Europe/Berlin',
        attributes: { country: 'DE', amount: 12.5, minor: false },
        since: 2,
        folded: 5,
      }),
      aVariant(name, {
        producer: 'billing',
        purposes: [],
        entities: [],
        sent: REGISTERED,
        received: REGISTERED,
      }),
    ],
    askedIn: {
      producer: 'billing',
      minute: at('2029-03-01T10:03:00Z'),
      id: 'qb1dA0yTfJZbqkP0tAb3vA',
      version: 1,
    },
    withdrawnAt: { 'customer-portal': at('2026-02-01T00:00:00Z') },
    known: [{ producer: 'billing', content: 'old', sent: at('2026-01-01T00:00:00Z') }],
    knownFrom: at('2025-01-01T00:00:00Z'),
    collection: 'contract-data',
    partly: {
      stage: 'delete',
      outcome: 'deleted',
      at: at('2027-01-03T00:00:00Z'),
      link: 'bGluaw',
      version: 4,
      facts: 'f4cts',
      policies: 'p0licies',
    },
    waitsUntil: at('2027-01-04T00:00:00Z'),
    kept: { records: 3, at: at('2027-01-03T00:00:00Z') },
    decision: { status: 'conflict', policies: 'f'.repeat(64), reason: 'deadline-before-floor' },
    parked: { hold: 'hold-1', entity: anEntityRef('p') },
    done: [
      {
        stage: 'restrict',
        outcome: 'restricted',
        at: at('2027-01-01T00:00:01Z'),
        link: 'sealed-link',
        version: 4,
        facts: '0123456789abcdef',
        policies: 'f'.repeat(64),
      },
      {
        stage: 'anonymise',
        part: 'purpose:marketing',
        outcome: 'anonymised',
        at: at('2027-01-02T00:00:01Z'),
        link: 'another-sealed-link',
        version: 5,
        facts: '0123456789abcdef',
        policies: 'f'.repeat(64),
      },
    ],
    toldOf: REGISTERED,
    remarks: { SENT_TOGETHER: REGISTERED },
    ...changes,
  });
}

export function aFact(name: string | number, changes: Partial<Fact> = {}): Fact {
  return {
    ref: anEventRef(name),
    kind: 'event',
    type: 'contract.ended',
    occurred: '2026-03-01' as Occurred,
    sent: at('2026-03-01T10:00:00Z'),
    received: at('2026-03-01T10:00:01Z'),
    bodyHash: 'a'.repeat(64),
    ...changes,
  };
}

export function aState(changes: Partial<EntityState> = {}): EntityState {
  return {
    version: 0,
    profile: 'profile-1',
    occurrences: {
      'contract.ended': [
        { ref: anEventRef(1), occurred: '2026-03-01' as Occurred, sent: at('2026-03-01T10:00:00Z') },
        {
          ref: anEventRef(2),
          occurred: '2026-03-02T10:00:00+02:00' as Occurred,
          sent: at('2026-03-02T10:00:00Z'),
          attributes: { reason: 'moved', notice: 3 },
        },
      ],
    },
    rebuilt: 2,
    dangling: [{ ref: anEventRef(3), about: anEventRef(4), received: at('2026-03-03T10:00:00Z') }],
    truncated: ['payment.made'],
    holds: ['hold-1', 'hold-2'],
    freezing: ['hold-2'],
    ...changes,
  };
}

/** Follows a paged answer to its end. */
export async function walk<Item>(page: (after?: string) => Promise<Page<Item>>): Promise<Item[]> {
  const items: Item[] = [];
  let after: string | undefined;
  do {
    const answer = after === undefined ? await page() : await page(after);
    items.push(...answer.items);
    after = answer.next;
  } while (after !== undefined);
  return items;
}
