import fc from 'fast-check';
import type { Fact, FoldProfile } from '../../../shared/domain/facts/facts.ts';
import type { EventRef, Occurred } from '../../../shared/domain/record/ids.ts';
import type { ToldFact } from './reference-facts.ts';

const HOUR = 3_600_000;
const START = Date.parse('2026-03-01T00:00:00Z');
const OCCURRED = [
  '2026-03-01',
  '2026-03-02',
  '2026-03-01T10:00:00Z',
  '2026-03-02T10:00:00+02:00',
  '2026-03-04T23:30:00-05:00',
  '2026-03-09',
];

/** Events that rules ask for: ends that renewals undo, and payments of which any may decide. */
export const PROFILE: FoldProfile = {
  digest: 'profile',
  types: {
    'contract.ended': { undoneBy: ['contract.renewed'], keepAll: false },
    'contract.renewed': { undoneBy: [], keepAll: false },
    'payment.made': { undoneBy: [], keepAll: true },
  },
};

/** Facts that name each other at random: earlier ones, later ones, themselves, and what was never sent. */
export function arbitraryHistory(maxLength: number): fc.Arbitrary<Fact[]> {
  const one = fc.record({
    kind: fc.constantFrom<Fact['kind'][]>('event', 'event', 'correction', 'correction', 'retraction'),
    type: fc.constantFrom('contract.ended', 'contract.ended', 'contract.renewed', 'payment.made', 'no.rule'),
    occurred: fc.constantFrom(...OCCURRED),
    sent: fc.nat(6),
    received: fc.nat(200),
    about: fc.nat(maxLength),
    attributes: fc.option(fc.record({ days: fc.nat(3) }), { nil: undefined }),
  });
  return fc
    .array(one, { minLength: 1, maxLength })
    .map((list) => list.map((parts, index) => factOf(`f${index}`, { ...parts, about: `f${parts.about}` })));
}

/** All facts, some of them again with another time of sending, in any order. */
export function arbitraryArrivals(maxLength: number): fc.Arbitrary<Fact[]> {
  return arbitraryHistory(maxLength).chain((facts) =>
    fc
      .array(fc.record({ of: fc.nat(facts.length - 1), hours: fc.integer({ min: -5, max: 5 }) }), {
        maxLength: 4,
      })
      .map((again) =>
        again.flatMap(({ of, hours }) => {
          const fact = facts[of];
          return fact === undefined ? [] : [{ ...fact, sent: fact.sent + hours * HOUR }];
        }),
      )
      .chain((again) =>
        fc.shuffledSubarray([...facts, ...again], { minLength: facts.length + again.length }),
      ),
  );
}

/** What the history has to hold in the end: each once, with the earliest time of sending. */
export function onRecord(all: readonly Fact[]): Fact[] {
  const firstSent = Map.groupBy(all, ({ ref }) => ref);
  return [...firstSent.values()].flatMap((same) => same.toSorted((a, b) => a.sent - b.sent).slice(0, 1));
}

interface Parts {
  readonly kind: Fact['kind'];
  readonly type?: string;
  readonly occurred?: string;
  /** Hours since the start. */
  readonly sent?: number;
  readonly received?: number;
  readonly about?: string;
  readonly attributes?: Fact['attributes'];
}

export function factOf(id: string, parts: Parts): Fact {
  const { kind, type = 'contract.ended', occurred = '2026-03-01', sent = 0, received = sent } = parts;
  const isEvent = kind === 'event';
  return {
    ref: id as EventRef,
    kind,
    type: kind === 'retraction' ? '' : type,
    ...(kind === 'retraction' ? {} : { occurred: occurred as Occurred }),
    sent: START + sent * HOUR,
    received: START + received * HOUR,
    ...(isEvent || parts.about === undefined ? {} : { about: parts.about as EventRef }),
    ...(kind === 'retraction' || parts.attributes === undefined ? {} : { attributes: parts.attributes }),
    bodyHash: id,
  };
}

/** As the reference reads it. */
export function toldOf({ ref, kind, sent, about }: Fact): ToldFact {
  return { id: ref, kind, sent, ...(about === undefined ? {} : { about }) };
}
