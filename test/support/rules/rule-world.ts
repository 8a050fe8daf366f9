import { formatInstant } from '../../../shared/domain/calendar/calendar.ts';
import type { EntityState, Occurrence } from '../../../shared/domain/facts/facts.ts';
import { foldProfile } from '../../../shared/domain/configuration/fold-profile.ts';
import type { AboutEntity, Attributes } from '../../../shared/domain/record/about.ts';
import type { EntityRef, EventRef, Instant, Occurred } from '../../../shared/domain/record/ids.ts';
import { present } from '../../../shared/domain/present.ts';
import { plan } from '../../../shared/domain/plan/plan.ts';
import type { Plan, PlanInput } from '../../../shared/domain/plan/plan.ts';
import type {
  EventDeclaration,
  Level,
  Policy,
  PolicyRule,
  PolicySet,
} from '../../../shared/domain/configuration/policy.ts';
import type { Rule } from '../../../shared/domain/rule/ast.ts';
import type { Duration } from '../../../shared/domain/calendar/units.ts';
import { parseRule } from '../../../shared/domain/rule/parse.ts';
import { resolveRule } from '../../../shared/domain/rule/resolve.ts';

/** Parses and binds a rule the way a policy file does; a wrong rule is a wrong test. */
export function ruleOf(text: string, settings: Record<string, Duration> = {}): Rule {
  const parsed = parseRule(text);
  if (!parsed.ok) throw new Error(`${text}: ${parsed.error.message}`);
  const resolved = resolveRule(parsed, { nouns: {}, settings, fiscalYearEnd: '12-31' });
  if (!resolved.ok) throw new Error(`${text}: ${resolved.errors.map((error) => error.message).join(', ')}`);
  return resolved.rule;
}

export function aRule(text: string, changes: Partial<PolicyRule> & { level?: Level } = {}): PolicyRule {
  const level = changes.level ?? 'default';
  const basis = level === 'statutory' ? 'law' : 'policy';
  return { id: `${level}: ${text}`, level, text, rule: ruleOf(text), basis, across: 'latest', ...changes };
}

export function anEvent(changes: Partial<EventDeclaration> = {}): EventDeclaration {
  return { entity: 'contract', undoneBy: [], personal: false, attributes: {}, ...changes };
}

/** Every event that a test's rules name happens to a contract, unless it is declared otherwise. */
export function aPolicy(
  categories: Record<string, readonly PolicyRule[]>,
  changes: Partial<Policy> = {},
): Policy {
  return {
    name: 'test-policy',
    version: '1',
    effectiveFrom: Date.parse('2000-01-01T00:00:00Z'),
    zone: 'UTC',
    regions: ['eu-central-1'],
    purposes: ['service', 'billing', 'contract', 'login'],
    leadSeconds: 24 * 3600,
    graceSeconds: 72 * 3600,
    writeLagSeconds: 3600,
    reportAfterSeconds: 400 * 24 * 3600,
    events: EVENTS,
    attributes: {},
    categories: Object.fromEntries(Object.entries(categories).map(([name, rules]) => [name, { rules }])),
    notComputable: [],
    ...changes,
  };
}

const EVENTS: Record<string, EventDeclaration> = {
  'contract.ended': anEvent({ undoneBy: ['contract.renewed'] }),
  'contract.renewed': anEvent(),
  'contract.started': anEvent(),
  'invoice.issued': anEvent(),
  'audit.completed': anEvent(),
  'account.disconnected': anEvent({ entity: 'account', undoneBy: ['account.reconnected'] }),
  'account.reconnected': anEvent({ entity: 'account' }),
  'person.born': anEvent({ entity: 'person', personal: true }),
};

/** A fact in short: `'2024-02-29'`, or with the time when it was sent and its attributes. */
export type Dated =
  | string
  | { readonly occurred: string; readonly sent?: string; readonly attributes?: Attributes };

let facts = 0;
export function occurrence(dated: Dated): Occurrence {
  const {
    occurred,
    sent = '2999-01-01T00:00:00Z',
    attributes,
  } = typeof dated === 'string' ? { occurred: dated } : dated;
  facts += 1;
  return {
    ref: `fact-${facts}` as EventRef,
    occurred: occurred as Occurred,
    sent: Date.parse(sent),
    ...present({ attributes }),
  };
}

export interface Subject {
  readonly type?: string;
  readonly events: Readonly<Record<string, Dated | readonly Dated[]>>;
}

export interface World {
  readonly policies: readonly Policy[];
  readonly subjects: readonly Subject[];
  readonly categories?: readonly string[];
  readonly variants?: PlanInput['variants'];
  readonly done?: PlanInput['done'];
  readonly canRestrict?: boolean;
  readonly now?: string;
}

/** Facts, policies and one holding, put together as the functions do. */
export function inputOf(world: World): PlanInput {
  const policies: PolicySet = { policies: world.policies };
  const profile = foldProfile(policies).digest;
  const entities: AboutEntity[] = [];
  const states = new Map<EntityRef, EntityState>();
  for (const [index, { type = 'contract', events }] of world.subjects.entries()) {
    const ref = `${type}-${index}` as EntityRef;
    entities.push({ type, ref });
    const occurrences = Object.fromEntries(
      Object.entries(events).map(([name, dates]) => [
        name,
        [dates].flat().map((one) => occurrence(one as Dated)),
      ]),
    );
    states.set(ref, { version: 1, profile, occurrences, rebuilt: 0, dangling: [], holds: [] });
  }
  return {
    categories: world.categories ?? Object.keys(world.policies[0]?.categories ?? {}),
    entities,
    variants: world.variants ?? [{}],
    done: world.done ?? [],
    states,
    policies,
    ...present({ canRestrict: world.canRestrict }),
    now: Date.parse(world.now ?? '2026-01-01T00:00:00Z'),
  };
}

export function planOf(world: World): Plan {
  return plan(inputOf(world));
}

/** One rule on one contract: the plan of its only category. */
export function planFor(text: string, events: Subject['events'], changes: Partial<Policy> = {}): Plan {
  return planOf({ policies: [aPolicy({ records: [aRule(text)] }, changes)], subjects: [{ events }] });
}

export const iso = (instant: Instant | undefined): string | undefined =>
  instant === undefined ? undefined : new Date(instant).toISOString().replace('.000Z', 'Z');

/** Rule, zone, what happened, and the bound it gives on the local clock. */
export type DatedCase = readonly [
  rule: string,
  zone: string,
  events: Record<string, string | readonly string[]>,
  due: string,
];

/** The minimum that a rule gives one contract, on the clock of the zone. */
export function boundOf(
  rule: string,
  zone: string,
  events: Subject['events'],
  _due?: string,
): string | undefined {
  const { next } = planFor(rule, events, { zone, fiscalYearEnd: '03-31' });
  const at = next?.window?.notBefore;
  return at === undefined ? undefined : formatInstant(at, zone);
}
