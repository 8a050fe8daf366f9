import type { Duration, LeapBirthday, YearEnds } from '../calendar/units.ts';
import type { WorkingCalendar } from '../calendar/working-days.ts';
import type { AboutEntity, Attributes, AttributeValue } from '../record/about.ts';
import type { PlausibleDays } from '../facts/plausible.ts';
import type { EntityRef, Instant } from '../record/ids.ts';
import { own } from '../own.ts';
import type { NoticeKind } from '../record/notice.ts';
import type { Masks } from '../record/masks.ts';
import type { Rule } from '../rule/ast.ts';

/** Where a rule comes from: shown by `explain`, never interpreted. */
export interface Source {
  readonly document: string;
  readonly sentence?: string;
}

/**
 * How explicit a rule is. For one category only the rules of the most explicit level that applies count; the others
 * are replaced, and `explain` names them.
 */
export const LEVELS = ['default', 'category', 'jurisdiction', 'statutory'] as const;
export type Level = (typeof LEVELS)[number];

export interface PolicyRule {
  /** Unique within the policy, e.g. `registration/statutory/0`. */
  readonly id: string;
  readonly level: Level;
  /** The rule as it was written. */
  readonly text: string;
  readonly rule: Rule;
  /** `law` windows do not give way to an erasure request. Statutory rules are `law`. */
  readonly basis: 'law' | 'policy';
  /** The jurisdiction that it applies to. Level `jurisdiction` has one, and level `statutory` may have one. */
  readonly jurisdiction?: string;
  /** Which entity's result counts when a holding is about several of the event's type. */
  readonly across: 'latest' | 'earliest';
  readonly source?: Source;
  /** The cap of a category: it counts only as long as no event gives a date. */
  readonly isCap?: true;
}

/** The event that caps count from: a record was registered. No policy declares it, and no application sends it. */
export const REGISTERED = 'tenure.registered';

export interface CategoryPolicy {
  readonly rules: readonly PolicyRule[];
  /** The team that is asked about records that wait for an event. */
  readonly owner?: string;
  /** The longest time that a record waits for an event. Not one of the `rules`. */
  readonly cap?: PolicyRule;
  /** For `anonymise`: fields of the record and the mask of each. */
  readonly masks?: Masks;
  /** What one person's request for erasure does to a record about several people. */
  readonly subjects?: SubjectsPolicy;
}

/**
 * `redact`: the fields of the person who asked are masked. `delete`: the record is deleted for all. `keep`: nothing
 * happens. Once all have asked, the record is deleted, whatever is written here.
 */
export const ON_REQUEST = ['redact', 'delete', 'keep'] as const;
export type OnRequest = (typeof ON_REQUEST)[number];

export interface SubjectsPolicy {
  readonly onRequest: OnRequest;
  /** By role: the fields that are about the person in this role. Every role that a registration may name. */
  readonly fields: Readonly<Record<string, Masks>>;
}

/** A purpose for which data is held: what ends it, and the fields that it needs. */
export interface PurposePolicy {
  /** A rule with one stage: its date is the end of the purpose. Without one, the purpose does not end by itself. */
  readonly rule?: PolicyRule;
  /** The fields that it needs, and what becomes of each after its end, if no other purpose needs it. */
  readonly fields?: Masks;
}

export interface EventDeclaration {
  /** Type of the entity that it happens to. */
  readonly entity: string;
  /** It is about one purpose, which its attribute `purpose` names. Only the rules of purposes may name it. */
  readonly byPurpose?: true;
  readonly undoneBy: readonly string[];
  /** Dates of personal events, such as births, stay out of the deletion log. */
  readonly personal: boolean;
  /** What depends on its date is carried out at one time for all dates of the same month. Only with `personal`. */
  readonly actByMonth?: true;
  /** Between which days it is expected to happen, both included. Default: see `facts/plausible.ts`. */
  readonly plausible?: PlausibleDays;
  /** Attributes that the event may carry; anything else is refused at the edge. */
  readonly attributes: Readonly<Record<string, 'text' | 'number' | 'boolean'>>;
}

/** An attribute of an event that says in which jurisdiction the entity is from then on. */
export interface JurisdictionFrom {
  readonly event: string;
  readonly attribute: string;
}

/** Who counts as a child, and what tells that a person is one: at least one of the two events. */
export interface ChildPolicy {
  /** A person is a child until the birthday on which it is that old. */
  readonly under: Duration;
  /** The event of a birth. */
  readonly born?: string;
  /** An event that says that the person is a child. */
  readonly found?: string;
}

/** One version of a policy. */
export interface Policy extends YearEnds, WorkingCalendar {
  readonly name: string;
  readonly version: string;
  readonly effectiveFrom: Instant;
  /** IANA name; a registration may carry another. */
  readonly zone: string;
  readonly jurisdiction?: string;
  /** Which fact says where somebody is. It takes precedence over the registration's attribute `jurisdiction`. */
  readonly jurisdictionFrom?: JurisdictionFrom;
  /** Regions where its categories may be stored. */
  readonly regions: readonly string[];
  /** For which purposes its data may be held: a registration names at least one. Without any, nothing can be registered. */
  readonly purposes?: readonly string[];
  /** Of those purposes that say more than their name. */
  readonly purposePolicies?: Readonly<Record<string, PurposePolicy>>;
  readonly leadSeconds: number;
  readonly graceSeconds: number;
  /** How long an application may take to write a record that it registered. */
  readonly writeLagSeconds: number;
  /** A record that is still undetermined so long after its registration is listed for a person. */
  readonly reportAfterSeconds: number;
  /** What its applications are told. Default: nothing. */
  readonly notify?: readonly NoticeKind[];
  /** How long before a disposal its applications are told that it comes. */
  readonly notifyBeforeSeconds?: number;
  /** When people born on 29 February turn a year older in other years. Default: 1 March. */
  readonly leapBirthday?: LeapBirthday;
  /** What is known of a child goes like what a person asked to be erased. */
  readonly children?: ChildPolicy;
  readonly events: Readonly<Record<string, EventDeclaration>>;
  readonly attributes: Readonly<
    Record<string, { readonly type: 'text' | 'number' | 'boolean'; readonly default?: AttributeValue }>
  >;
  readonly categories: Readonly<Record<string, CategoryPolicy>>;
  /** Statements that no date can be computed from, with the reason: listed, never guessed. */
  readonly notComputable: readonly { readonly statement: string; readonly reason: string }[];
}

/** Every rule of a policy: of its categories and of its purposes. */
export function rulesOf({ categories, purposePolicies = {} }: Policy): readonly PolicyRule[] {
  return [
    ...Object.values(categories).flatMap(({ rules }) => rules),
    ...Object.values(purposePolicies).flatMap(({ rule }) => rule ?? []),
  ];
}

/** Whether the policies of these categories know the role of an entity; one without a role needs nothing. */
export function hasRole(
  { role }: { readonly role?: string },
  categories: readonly string[],
  policies: readonly Policy[],
): boolean {
  if (role === undefined) return true;
  const known = policies.flatMap((policy) =>
    categories.map((category) => own(policy.categories, category)?.subjects),
  );
  return known.some((subjects) => own(subjects?.fields, role) !== undefined);
}

/**
 * The purposes that an event of this type may be about: those of every version of every policy that declares it as an
 * event by purpose. Nothing if none does.
 */
export function purposesOf({ policies }: PolicySet, type: string): readonly string[] | undefined {
  const declaring = policies.filter(({ events }) => own(events, type)?.byPurpose === true);
  return declaring.length === 0 ? undefined : declaring.flatMap(({ purposes = [] }) => purposes);
}

/** All versions of all policies of a deployment. A category belongs to one policy name. */
export interface PolicySet {
  readonly policies: readonly Policy[];
}

/**
 * The parts of a registration that policies use. `categories` and `entities` are all that its producer registered at
 * this locator: what one producer registered is never disposed of because of another producer's entities.
 */
export interface Variant {
  readonly producer?: string;
  /** When it was sent, the latest time if it was sent again. Absent: before everything that people asked for. */
  readonly sent?: Instant;
  /** `''` stands for a registration that names none: nothing ends that. */
  readonly purposes?: readonly string[];
  /** Which of its entities have a role in the record, by role. */
  readonly roles?: Readonly<Record<string, readonly EntityRef[]>>;
  readonly zone?: string;
  readonly attributes?: Attributes;
  readonly categories?: readonly string[];
  readonly entities?: readonly AboutEntity[];
  /** When the latest of its contents was registered first: caps count from here. */
  readonly registeredAt?: Instant;
}
