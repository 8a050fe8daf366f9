import { formatInstant } from '../calendar/calendar.ts';
import { allMasks } from '../configuration/masks-of.ts';
import { effectivePolicies, policyOf } from '../configuration/effective-policies.ts';
import type { Policy, SubjectsPolicy } from '../configuration/policy.ts';
import type { StageBounds } from '../evaluate/across-entities.ts';
import type { Group } from '../evaluate/join.ts';
import { own } from '../own.ts';
import type { EntityRef, Instant } from '../record/ids.ts';
import type { Masks } from '../record/masks.ts';
import { subjectPart } from '../record/stage-name.ts';
import type { PlannedStage, WinningFact } from '../record/window.ts';
import { askedAt, askedFor, ERASURE_RULE, type Registered } from './erasure.ts';
import type { PurposeInput } from './purposes.ts';
import { overlap, staged, type ToStage } from './reductions.ts';

/** One person's part of a record about several, whose erasure was asked for. */
interface Redaction {
  readonly role: string;
  /** When everyone who has this role had asked. */
  readonly at: Instant;
  readonly facts: readonly WinningFact[];
  readonly by: Registered;
}

/**
 * The stages that mask the fields of those who asked, while the record stays for the others. Only what registrations
 * say of a role is known: the fields are masked when everyone in it has asked, under every registration that names it.
 */
export function redactionsOf(
  registered: readonly Registered[],
  groups: readonly Group[],
  toStage: ToStage,
): readonly PlannedStage[] {
  if (registered.some(isKeptForAll)) return [];
  const held = heldOf(registered);
  return [...Map.groupBy(registered.flatMap(rolesIn), ({ role }) => role)].flatMap(([role, named]) => {
    if (Object.keys(masksOfRole(held, role)).length === 0) return [];
    const asked = named.flatMap(({ redaction }) => redaction ?? []);
    const [first] = asked;
    if (first === undefined || asked.length < named.length) return [];
    const last = asked.reduce((latest, next) => (next.at > latest.at ? next : latest), first);
    const notBefore = askedAt(last.at, last.facts);
    const stage: StageBounds = { action: 'anonymise', notBefore, openHolds: [] };
    const end = { policy: last.by.policy, rule: ERASURE_RULE, stage };
    return staged({ action: 'anonymise', part: subjectPart(role) }, end, groups, toStage);
  });
}

interface NamedRole {
  readonly role: string;
  readonly redaction?: Redaction;
}

/** The roles whose fields a category masks, each with the request of everyone who has it. */
function rolesIn(registered: Registered): readonly NamedRole[] {
  const { category, policy, variant } = registered;
  const subjects = own(policy.categories, category)?.subjects;
  if (subjects?.onRequest !== 'redact' || variant.roles === undefined) return [];
  return Object.entries(variant.roles).flatMap(([role, refs]): NamedRole[] => {
    if (Object.keys(own(subjects.fields, role) ?? {}).length === 0) return [];
    const holders = registered.entities.filter(({ ref }) => refs.includes(ref));
    if (!holders.some(({ type }) => isShared(registered, type))) return [];
    const asked = holders.flatMap((entity) => askedFor(entity, registered).covered ?? []);
    if (asked.length < holders.length) return [{ role }];
    const at = Math.max(...asked.map((one) => one.at));
    return [{ role, redaction: { role, at, facts: asked.map(({ fact }) => fact), by: registered } }];
  });
}

/** Of a record of several categories, one says that nothing happens before all have asked. */
function isKeptForAll({ category, policy, entities }: Registered): boolean {
  if (own(policy.categories, category)?.subjects?.onRequest !== 'keep') return false;
  return entities.some(({ type }) => isShared({ entities }, type));
}

/** It is about several entities of this type. */
function isShared({ entities }: Pick<Registered, 'entities'>, type: string): boolean {
  return new Set(entities.filter((one) => one.type === type).map(({ ref }): EntityRef => ref)).size > 1;
}

/** What a redaction masks: the fields of the role in every category that is registered with it. */
export function redactionMasks(
  { categories, variants, policies, now }: Pick<PurposeInput, 'categories' | 'variants' | 'policies' | 'now'>,
  role: string,
): Masks {
  const effective = effectivePolicies(policies, now);
  const held = variants.flatMap((variant) =>
    (variant.categories ?? categories).flatMap((category) => {
      const policy = policyOf(category, effective);
      return policy === undefined ? [] : [{ category, policy, roles: Object.keys(variant.roles ?? {}) }];
    }),
  );
  return masksOfRole(held, role);
}

interface Held {
  readonly category: string;
  readonly policy: Policy;
  /** Those that the registration names. */
  readonly roles: readonly string[];
}

/** Of fields that one category names for this role, and another one for another role, none: they may be another person's. */
function masksOfRole(held: readonly Held[], role: string): Masks {
  const inOrder = held.toSorted((a, b) => (a.category < b.category ? -1 : a.category > b.category ? 1 : 0));
  const subjects = inOrder.flatMap(({ category, policy, roles }) => {
    const found: SubjectsPolicy | undefined = own(policy.categories, category)?.subjects;
    return found === undefined ? [] : [{ ...found, roles, zone: policy.zone }];
  });
  const ofOthers = subjects.flatMap(({ fields }) =>
    Object.entries(fields).flatMap(([name, masks]) => (name === role ? [] : Object.keys(masks))),
  );
  const masks = allMasks(
    subjects.flatMap(({ onRequest, fields, roles, zone }) => {
      const its = onRequest === 'redact' && roles.includes(role) ? own(fields, role) : undefined;
      return its === undefined ? [] : [{ masks: its, zone }];
    }),
  );
  return Object.fromEntries(
    Object.entries(masks).filter(([field]) => !ofOthers.some((other) => overlap(field, other))),
  );
}

/** What becomes of a record about several people of which some have asked for erasure. */
export function explainRedactions(registered: readonly Registered[]): string[] {
  if (registered.some(isKeptForAll)) return [];
  const held = heldOf(registered);
  return [
    ...new Set(
      registered.flatMap((one) =>
        rolesIn(one).flatMap(({ role, redaction }) => {
          const fields = Object.keys(masksOfRole(held, role));
          if (redaction === undefined || fields.length === 0) return [];
          const at = formatInstant(redaction.at, one.zone);
          return [
            `Erasure was asked for by everyone in the role ${role} on ${at}. Fields that are masked: ${fields.join(', ')}.`,
          ];
        }),
      ),
    ),
  ];
}

function heldOf(registered: readonly Registered[]): readonly Held[] {
  return registered.map(({ category, policy, variant }) => {
    return { category, policy, roles: Object.keys(variant.roles ?? {}) };
  });
}
