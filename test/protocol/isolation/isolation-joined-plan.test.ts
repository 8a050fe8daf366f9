import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Configuration } from '../../../shared/domain/configuration/configuration.ts';
import type { EntityState } from '../../../shared/domain/facts/facts.ts';
import { foldProfile } from '../../../shared/domain/configuration/fold-profile.ts';
import type { AboutEntity } from '../../../shared/domain/record/about.ts';
import type { Holding, HoldingVariant } from '../../../shared/domain/record/holding.ts';
import type { EntityRef } from '../../../shared/domain/record/ids.ts';
import type { Plan } from '../../../shared/domain/plan/plan.ts';
import { planOf } from '../../../shared/protocol/plan-of.ts';
import { aPolicy, aRule, occurrence } from '../../support/rules/rule-world.ts';
import { aHolding, at, aVariant } from '../../support/samples.ts';
import { world } from '../../support/driver/world.ts';

const NOW = at('2026-03-01T10:00:00Z');
const RULES = {
  minimum: [aRule('3 years after contract.ended')],
  short: [aRule('30 days after contract.ended')],
  maximum: [aRule('within 90 days after contract.ended')],
  both: [aRule('at least 1 year and at most 9 years after contract.started')],
  other: [aRule('60 days after account.disconnected')],
  either: [aRule('within 30 days after account.disconnected'), aRule('within 24 hours after contract.ended')],
  earliest: [aRule('2 years after contract.ended', { across: 'earliest' })],
  permanent: [aRule('keep permanently')],
  staged: [aRule('anonymise 90 days after contract.ended, then delete 3 years after contract.ended')],
};
const policies = { policies: [aPolicy(RULES)] };
const configuration: Configuration = {
  ...world().core.configuration,
  policies,
  foldProfile: foldProfile(policies),
};

/** Two entities of each type for each producer: some things have happened to some of them. */
const HAPPENED: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  'north-contract-0': { 'contract.ended': ['2020-05-01'], 'contract.started': ['2015-01-01'] },
  'north-contract-1': { 'contract.ended': ['2025-05-01T12:00:00Z'] },
  'north-account-0': { 'account.disconnected': ['2025-12-24'] },
  'north-account-1': {},
  'south-contract-0': { 'contract.ended': ['2019-01-01'], 'contract.started': ['2010-01-01'] },
  'south-contract-1': { 'contract.started': ['2024-01-01'] },
  'south-account-0': { 'account.disconnected': ['2020-12-24'] },
  'south-account-1': { 'account.disconnected': ['2025-06-01'], 'account.reconnected': ['2025-06-02'] },
};
const profile = configuration.foldProfile.digest;
const states = new Map<EntityRef, EntityState>(
  Object.entries(HAPPENED).map(([name, events]) => [
    name as EntityRef,
    {
      version: 1,
      profile,
      occurrences: Object.fromEntries(
        Object.entries(events).map(([type, dates]) => [type, dates.map((date) => occurrence(date))]),
      ),
      rebuilt: 0,
      dangling: [],
      holds: [],
    },
  ]),
);

type Registered = Pick<HoldingVariant, 'producer' | 'categories' | 'purposes' | 'entities' | 'zone'>;

function planned(...registrations: readonly Registered[]): Plan {
  const variants = registrations.map((one) => aVariant(1, one));
  const holding: Holding = aHolding(1, { variants });
  return planOf({ configuration }, holding, states, NOW);
}

/** The instant from which the data may be destroyed: by deleting it, or by any action. */
function permitted(plan: Plan, actions: readonly string[] = ['delete']): number {
  const from = plan.stages
    .filter(({ action, status }) => actions.includes(action) && status === 'due')
    .map(({ window }) => Math.max(window?.notBefore ?? 0, window?.floor ?? 0));
  return plan.next === undefined ? Infinity : Math.min(Infinity, ...from);
}

const entitiesOf = (producer: string): fc.Arbitrary<AboutEntity[]> =>
  fc.subarray(
    ['contract-0', 'contract-1', 'account-0', 'account-1'].map((name) => ({
      type: name.slice(0, -2),
      ref: `${producer}-${name}` as EntityRef,
    })),
    { minLength: 1 },
  );

const registrationOf = (producer: string): fc.Arbitrary<Registered> =>
  fc.record({
    producer: fc.constant(producer),
    categories: fc.subarray(Object.keys(RULES), { minLength: 1, maxLength: 3 }),
    purposes: fc.constant(['service']),
    entities: entitiesOf(producer),
    zone: fc.constantFrom('UTC', 'Asia/Tokyo', 'America/New_York'),
  });

describe('what two producers register at one place', () => {
  test('is destroyed no sooner than either of them alone would let it be', () => {
    fc.assert(
      fc.property(registrationOf('north'), registrationOf('south'), (north, south) => {
        const both = planned(north, south);
        for (const alone of [planned(north), planned(south)]) {
          expect(permitted(both)).toBeGreaterThanOrEqual(permitted(alone));
          const anything = ['anonymise', 'delete'];
          expect(permitted(both, anything)).toBeGreaterThanOrEqual(permitted(alone, anything));
        }
      }),
      { numRuns: 3000 },
    );
  });

  test('is acted on no sooner than for either alone, unless one of them sets a maximum', () => {
    const minima = ['minimum', 'short', 'other', 'earliest', 'permanent', 'staged'];
    const only = (registration: Registered): boolean =>
      registration.categories.every((category) => minima.includes(category));
    fc.assert(
      fc.property(
        registrationOf('north').filter(only),
        registrationOf('south').filter(only),
        (north, south) => {
          const actAt = (plan: Plan): number => plan.next?.actAt ?? Infinity;
          const both = actAt(planned(north, south));
          expect(both).toBeGreaterThanOrEqual(actAt(planned(north)));
          expect(both).toBeGreaterThanOrEqual(actAt(planned(south)));
        },
      ),
      { numRuns: 2000 },
    );
  });

  test('is the same, whichever producer came first', () => {
    fc.assert(
      fc.property(registrationOf('north'), registrationOf('south'), (north, south) => {
        const [one, other] = [planned(north, south), planned(south, north)];
        expect(permitted(one)).toBe(permitted(other));
        expect(one.next?.actAt).toBe(other.next?.actAt);
        expect(one.status).toBe(other.status);
      }),
      { numRuns: 1000 },
    );
  });

  test('waits for the event of the one, though the other’s own has happened', () => {
    const about = (producer: string, categories: string[], ...names: string[]): Registered => ({
      producer,
      categories,
      purposes: ['service'],
      entities: names.map((name) => ({ type: name.slice(0, -2), ref: `${producer}-${name}` as EntityRef })),
    });
    const north = about('north', ['minimum'], 'account-0');
    const south = about('south', ['short'], 'contract-0');
    expect(planned(north).status).toBe('undetermined');
    expect(planned(south).status).toBe('due');
    expect(planned(north, south).status).toBe('undetermined');
  });
});
