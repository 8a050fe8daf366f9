import { createHash } from 'node:crypto';
import type { EntityState, Fact } from '../../shared/domain/facts/facts.ts';
import type { Holding } from '../../shared/domain/record/holding.ts';
import type { EntityRef, EventRef, HoldingRef, Instant, Occurred } from '../../shared/domain/record/ids.ts';
import type { Page } from '../../shared/ports/registry.ts';

/** References like real ones: 128 bits of base64url, the same for the same name. */
function ref(kind: string, name: string | number): string {
  return createHash('sha256').update(`${kind} ${name}`).digest().subarray(0, 16).toString('base64url');
}
export const aHoldingRef = (name: string | number): HoldingRef => ref('holding', name) as HoldingRef;
export const anEntityRef = (name: string | number): EntityRef => ref('entity', name) as EntityRef;
export const anEventRef = (name: string | number): EventRef => ref('event', name) as EventRef;

export const at = (iso: string): Instant => Date.parse(iso);

/** About one entity, with one stage, from one producer: what most holdings are. */
export function aHolding(name: string | number, changes: Partial<Holding> = {}): Holding {
  return {
    ref: aHoldingRef(name),
    version: 1,
    generation: 1,
    state: 'active',
    store: 'customers-postgres',
    locator: Buffer.alloc(60, 7).toString('base64url'),
    registeredAt: at('2026-03-01T10:00:12.345Z'),
    registrations: [
      {
        producer: 'customer-portal',
        categories: ['contract-data'],
        purposes: ['contract-fulfilment'],
        entities: [{ type: 'contract', ref: anEntityRef(name) }],
      },
    ],
    ...changes,
  };
}

/** The same with every optional field. */
export function aFullHolding(name: string | number): Holding {
  return aHolding(name, {
    state: 'claimed',
    registrations: [
      {
        producer: 'customer-portal',
        categories: ['contract-data', 'billing-data'],
        purposes: ['contract-fulfilment', 'accounting'],
        entities: [
          { type: 'contract', ref: anEntityRef('c') },
          { type: 'person', ref: anEntityRef('p') },
        ],
        zone: 'Europe/Berlin',
        attributes: { country: 'DE', amount: 12.5, minor: false },
      },
      { producer: 'billing', categories: ['billing-data'], purposes: [], entities: [] },
    ],
    decision: {
      status: 'due',
      policies: 'f'.repeat(64),
      stage: 'anonymise',
      actAt: at('2029-03-01T10:01:00Z'),
      deadline: at('2029-03-04T10:01:00Z'),
    },
    hintAt: at('2029-03-01T10:03:00Z'),
    seen: true,
    attempts: 2,
    failures: 1,
    done: [
      {
        stage: 'restrict',
        outcome: 'restricted',
        at: at('2027-01-01T00:00:01Z'),
        chunk: '2027-01-01T00/a/0',
        line: 99,
      },
    ],
    claim: {
      token: 'Vq3rYp9mQXKc2w0H5bTnLg',
      leaseUntil: at('2029-03-01T10:15:00Z'),
      stage: 'anonymise',
      attempt: 2,
      claimedAt: at('2029-03-01T10:05:00Z'),
      version: 1,
      former: [{ token: 'AAAAYp9mQXKc2w0H5bTnLg', claimedAt: at('2029-03-01T09:05:00Z'), attempt: 1 }],
      unread: true,
    },
    parked: { hold: 'hold-1', entity: anEntityRef('p') },
    receipts: [anEventRef(1), anEventRef(2)],
    disposedBeforeFact: true,
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
    holds: ['hold-1'],
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
