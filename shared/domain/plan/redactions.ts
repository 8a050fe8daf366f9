import { formatInstant } from '../calendar/calendar.ts';
import { allMasks } from '../configuration/masks-of.ts';
import { effectivePolicies, policyOf } from '../configuration/effective-policies.ts';
import type { PolicySet, SubjectsPolicy } from '../configuration/policy.ts';
import type { StageBounds } from '../evaluate/across-entities.ts';
import type { Group } from '../evaluate/join.ts';
import { own } from '../own.ts';
import type { EntityRef, Instant } from '../record/ids.ts';
import type { Masks } from '../record/masks.ts';
import { subjectPart } from '../record/stage-name.ts';
import type { PlannedStage, WinningFact } from '../record/window.ts';
import { askedAt, askedFor, ERASURE_RULE, type Registered } from './erasure.ts';
import { staged, type ToStage } from './reductions.ts';

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
  return [...Map.groupBy(registered.flatMap(rolesIn), ({ role }) => role)].flatMap(([role, named]) => {
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

/** It is about several entities of this type. */
function isShared({ entities }: Registered, type: string): boolean {
  return new Set(entities.filter((one) => one.type === type).map(({ ref }): EntityRef => ref)).size > 1;
}

/** What a redaction masks: the fields of the role in every category that says so. */
export function redactionMasks(
  policies: PolicySet,
  categories: readonly string[],
  role: string,
  now: Instant,
): Masks {
  const effective = effectivePolicies(policies, now);
  return allMasks(
    categories.toSorted().flatMap((category) => {
      const policy = policyOf(category, effective);
      const subjects: SubjectsPolicy | undefined = policy && own(policy.categories, category)?.subjects;
      const masks = subjects?.onRequest === 'redact' ? own(subjects.fields, role) : undefined;
      return policy === undefined || masks === undefined ? [] : [{ masks, zone: policy.zone }];
    }),
  );
}

/** What becomes of a record about several people of which some have asked for erasure. */
export function explainRedactions(registered: readonly Registered[]): string[] {
  return [
    ...new Set(
      registered.flatMap((one) =>
        rolesIn(one).flatMap(({ role, redaction }) => {
          const fields = Object.keys(
            own(own(one.policy.categories, one.category)?.subjects?.fields, role) ?? {},
          );
          if (redaction === undefined) return [];
          const at = formatInstant(redaction.at, one.zone);
          return [
            `Erasure was asked for by everyone in the role ${role} on ${at}. Fields that are masked: ${fields.join(', ')}.`,
          ];
        }),
      ),
    ),
  ];
}
