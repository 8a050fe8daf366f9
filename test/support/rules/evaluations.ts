import fc from 'fast-check';
import { evaluate } from '../../../shared/domain/evaluate/evaluate.ts';
import type { Evaluated } from '../../../shared/domain/evaluate/evaluated.ts';
import type { EntityState } from '../../../shared/domain/facts/facts.ts';
import type { EventRef, Occurred } from '../../../shared/domain/record/ids.ts';
import type { Policy } from '../../../shared/domain/configuration/policy.ts';
import type { Moment } from '../../../shared/domain/rule/ast.ts';
import { evaluationCount } from './evaluation-count.ts';
import { aPolicy, anEvent } from './rule-world.ts';

export const EVALUATIONS = evaluationCount(process.env);

export const NAMES = ['a.a', 'b.b', 'c.c'] as const;

const policies = new Map<string, Policy>();

function policyIn(zone: string): Policy {
  const known = policies.get(zone);
  if (known !== undefined) return known;
  const events = Object.fromEntries([...NAMES, 'born'].map((name) => [name, anEvent()]));
  const policy = aPolicy(
    {},
    { zone, fiscalYearEnd: '12-31', taxYearEnd: '04-05', academicYearEnd: '08-31', holidays: [], events },
  );
  policies.set(zone, policy);
  return policy;
}

export type Events = Readonly<Record<string, readonly string[]>>;

/** Evaluates one moment for the events of one entity. */
export function evaluateOn(
  moment: Moment,
  zone: string,
  events: Events,
  attributes: Readonly<Record<string, boolean>> = {},
): Evaluated {
  const occurrences = Object.entries(events).map(([name, dates]) => [
    name,
    dates.map((occurred, index) => ({
      ref: `${name} ${index}` as EventRef,
      occurred: occurred as Occurred,
      sent: 0,
    })),
  ]);
  const state: EntityState = {
    version: 1,
    profile: '',
    occurrences: Object.fromEntries(occurrences) as EntityState['occurrences'],
    rebuilt: 0,
    dangling: [],
    holds: [],
  };
  return evaluate(moment, { policy: policyIn(zone), zone, attributes, stateFor: () => state });
}

const troublesome = [
  'Europe/Berlin',
  'America/Sao_Paulo',
  'Pacific/Apia',
  'Asia/Almaty',
  'Australia/Lord_Howe',
  'Africa/Casablanca',
  'America/St_Johns',
  'Asia/Beirut',
];
/** Every zone of the database, and more often those with unusual clock changes. */
export const zone = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...Intl.supportedValuesOf('timeZone')) },
  { weight: 1, arbitrary: fc.constantFrom(...troublesome) },
);

const instants = fc.date({
  min: new Date('1972-01-01T00:00:00Z'),
  max: new Date('2036-12-31T00:00:00Z'),
  noInvalidDate: true,
});
const odd = [
  '2024-02-29',
  '2011-12-29',
  '2011-12-30',
  '2017-10-14',
  '2018-11-03',
  '2020-02-29',
  '2023-12-31',
];
/** Dates, leap days and skipped days among them, and times. */
export const occurred = fc.oneof(
  { weight: 4, arbitrary: instants.map((instant) => instant.toISOString().slice(0, 10)) },
  { weight: 4, arbitrary: instants.map((instant) => instant.toISOString()) },
  { weight: 1, arbitrary: fc.constantFrom(...odd) },
);

/** Events in any order, some of them several times. */
export const events: fc.Arbitrary<Events> = fc.record({
  'a.a': fc.array(occurred, { maxLength: 3 }),
  'b.b': fc.array(occurred, { maxLength: 2 }),
  'c.c': fc.array(occurred, { maxLength: 1 }),
});
