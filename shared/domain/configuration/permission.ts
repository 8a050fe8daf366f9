import { canBecomeDue } from './can-become-due.ts';
import { effectivePolicies, policyOf } from './effective-policies.ts';
import type {
  Configuration,
  EntityTypeConfiguration,
  ProducerConfiguration,
  StoreConfiguration,
} from './configuration.ts';
import type {
  NamedEntity,
  SentAttributes,
  SentFact,
  SentRegistration,
  SentWithdrawal,
} from '../record/incoming.ts';
import type { AttributeValue } from '../record/about.ts';
import type { Instant } from '../record/ids.ts';
import { isZone } from '../calendar/calendar.ts';
import { type Checked, refused } from '../checked.ts';
import { canonicalLocator } from './locator.ts';
import { own } from '../own.ts';
import { hasRole, purposesOf } from './policy.ts';
import type { EventDeclaration, Policy } from './policy.ts';
import { isPlausible } from '../facts/plausible.ts';
import { checkPurpose } from '../facts/purpose-of.ts';
import { producerBySource, type Speaker } from './principal.ts';
import { normaliseId } from './references.ts';

/** Why well-formed input is refused. `shared/contract/error-codes.ts` says what to do about each. */
export type RefusalCode =
  | 'UNKNOWN_PRODUCER'
  | 'SOURCE_MISMATCH'
  | 'FORBIDDEN'
  | 'EVENT_UNDECLARED'
  | 'EVENT_NOT_GRANTED'
  | 'CONCERNED_NOT_GRANTED'
  | 'EVENT_ENTITY_TYPE'
  | 'EVENT_DATE_IMPLAUSIBLE'
  | 'EVENT_PURPOSE_MISSING'
  | 'EVENT_PURPOSE_UNKNOWN'
  | 'ENTITY_TYPE_UNKNOWN'
  | 'ENTITY_NOT_OWN'
  | 'ENTITY_ID_BLANK'
  | 'ROLE_UNDECLARED'
  | 'ENTITIES_WITHOUT_RULE'
  | 'EVENT_NOT_OWN'
  | 'LINK_NOT_DECLARED'
  | 'STORE_NOT_GRANTED'
  | 'CATEGORY_NOT_GRANTED'
  | 'CATEGORY_UNKNOWN'
  | 'REGION_NOT_ALLOWED'
  | 'PURPOSE_UNDECLARED'
  | 'LOCATOR_NOT_GRANTED'
  | 'LOCATOR_TYPE'
  | 'LOCATOR_TOO_LONG'
  | 'ATTRIBUTE_UNDECLARED'
  | 'ATTRIBUTE_TYPE'
  | 'ZONE_UNKNOWN';

export type Permitted<Value> = Checked<Value, RefusalCode>;

/** The parts of a bus envelope that identify its sender. */
export interface BusSender {
  /** The envelope's `source`, which the bus policy pins to the caller's principal. */
  readonly envelopeSource: string;
  /** The CloudEvent's `source`. */
  readonly source: string;
  /** Set only by the api; ignored from every other source. */
  readonly tenureproducer?: string;
  readonly tenureoperator?: boolean;
  readonly tenurerequest?: boolean;
}

/**
 * Finds the sender of a bus envelope: the api names the producer or operator that it has checked; every other sender is
 * identified by its source.
 */
export function speakerOnBus(
  configuration: Configuration,
  sender: BusSender,
  apiSource: string,
): Permitted<Speaker> {
  if (sender.envelopeSource === apiSource && sender.tenureoperator === true) {
    return { ok: true, value: { role: 'operator' } };
  }
  const producer =
    sender.envelopeSource === apiSource
      ? sender.tenureproducer
      : producerBySource(configuration, sender.envelopeSource);
  const known = producer === undefined ? undefined : grantsOf(configuration, producer);
  if (producer === undefined || known === undefined) return refused('UNKNOWN_PRODUCER', 'source');
  return known.source === sender.source
    ? { ok: true, value: { role: 'producer', producer } }
    : refused('SOURCE_MISMATCH', 'source');
}

/** Whether the speaker may send, correct or retract this event. Answers whose event it is. */
export function checkEvent(
  configuration: Configuration,
  speaker: Speaker,
  sent: SentFact,
): Permitted<{ readonly producer: string }> {
  if (speaker.role === 'operator') return checkOperatorEvent(configuration, sent);
  const grants = grantsOf(configuration, speaker.producer);
  if (grants === undefined) return refused('UNKNOWN_PRODUCER', 'source');
  if (sent.kind !== 'event' && sent.producer !== undefined && sent.producer !== speaker.producer) {
    return refused('EVENT_NOT_OWN', 'data.producer');
  }
  if (sent.kind !== 'retraction') {
    if (declarationsOf(configuration, sent.type).length === 0) return refused('EVENT_UNDECLARED', 'type');
    if (!grants.events.includes(sent.type)) return refused('EVENT_NOT_GRANTED', 'type');
  }
  return checkAbout(configuration, speaker.producer, sent);
}

/** An operator retracts and corrects on behalf of the producer that sent the event, and sends no events of its own. */
function checkOperatorEvent(
  configuration: Configuration,
  sent: SentFact,
): Permitted<{ readonly producer: string }> {
  if (sent.kind === 'event') return refused('FORBIDDEN', 'type');
  if (sent.producer === undefined || grantsOf(configuration, sent.producer) === undefined) {
    return refused('UNKNOWN_PRODUCER', 'data.producer');
  }
  if (sent.kind === 'correction' && declarationsOf(configuration, sent.type).length === 0) {
    return refused('EVENT_UNDECLARED', 'type');
  }
  return checkAbout(configuration, sent.producer, sent);
}

export function checkAbout(
  configuration: Configuration,
  producer: string,
  sent: SentFact,
): Permitted<{ readonly producer: string }> {
  const permitted = { ok: true, value: { producer } } as const;
  const entity = checkEntity(configuration, producer, sent.entity, 'data.entity');
  if (!entity.ok) return entity;
  if (sent.kind === 'retraction') return permitted;
  const declarations = declarationsOf(configuration, sent.type).filter(
    ({ entity }) => entity === sent.entity.type,
  );
  if (declarations.length === 0) return refused('EVENT_ENTITY_TYPE', 'data.entity.type');
  if (!declarations.every((declaration) => isPlausible(sent.occurred, declaration)))
    return refused('EVENT_DATE_IMPLAUSIBLE', 'data.occurred');
  const attributes = checkAttributes(sent.attributes, (name) =>
    declarations.flatMap((declaration) => typeIn(declaration.attributes, name)),
  );
  if (!attributes.ok) return attributes;
  const purpose = checkPurpose(sent.attributes, purposesOf(configuration.policies, sent.type));
  return purpose.ok ? permitted : purpose;
}

/** Whether the producer may register this, and so cause its disposal: where it lies. `now` chooses the policies' versions. */
export function checkRegistration(
  configuration: Configuration,
  producer: string,
  sent: SentRegistration,
  now: Instant,
): Permitted<Place> {
  const grants = grantsOf(configuration, producer);
  if (grants === undefined) return refused('UNKNOWN_PRODUCER', 'source');
  const place = checkPlace(configuration, grants, sent);
  if (!place.ok) return place;
  const policies: Policy[] = [];
  for (const [index, category] of sent.categories.entries()) {
    const path = `data.categories.${index}`;
    if (!grants.categories.includes(category)) return refused('CATEGORY_NOT_GRANTED', path);
    const policy = policyInForce(configuration, category, now);
    if (policy === undefined) return refused('CATEGORY_UNKNOWN', path);
    if (!policy.regions.includes(place.value.store.region)) return refused('REGION_NOT_ALLOWED', path);
    policies.push(policy);
  }
  const purposes = new Set(policies.flatMap((policy) => policy.purposes ?? []));
  const undeclared = sent.purposes.findIndex((purpose) => !purposes.has(purpose));
  if (undeclared >= 0) return refused('PURPOSE_UNDECLARED', `data.purposes.${undeclared}`);
  for (const [index, entity] of sent.entities.entries()) {
    const checked = checkEntity(configuration, producer, entity, `data.entities.${index}`);
    if (!checked.ok) return checked;
    if (!hasRole(entity, sent.categories, policies))
      return refused('ROLE_UNDECLARED', `data.entities.${index}.role`);
  }
  if (sent.zone !== undefined && !isZone(sent.zone)) return refused('ZONE_UNKNOWN', 'data.zone');
  const attributes = checkAttributes(sent.attributes, (name) =>
    policies.flatMap((policy) => holdingAttribute(policy, name)),
  );
  if (!attributes.ok) return attributes;
  return canBecomeDue(configuration.policies, sent, now)
    ? place
    : refused('ENTITIES_WITHOUT_RULE', 'data.entities');
}

/** A producer may withdraw only what it registered itself. That is checked later, where the holding is read. */
export function checkWithdrawal(
  configuration: Configuration,
  producer: string,
  sent: SentWithdrawal,
): Permitted<Place> {
  const grants = grantsOf(configuration, producer);
  if (grants === undefined) return refused('UNKNOWN_PRODUCER', 'source');
  return checkPlace(configuration, grants, sent);
}

/** Refuses an entity of an unknown type, an entity of another producer, and an id of which nothing is left. */
export function checkEntity(
  configuration: Configuration,
  producer: string,
  entity: NamedEntity,
  path: string,
): Permitted<EntityTypeConfiguration> {
  const type = own(configuration.entityTypes, entity.type);
  if (type === undefined) return refused('ENTITY_TYPE_UNKNOWN', `${path}.type`);
  if (entity.producer !== undefined && (type.ids === 'shared' || entity.producer !== producer)) {
    return refused('ENTITY_NOT_OWN', `${path}.producer`);
  }
  // All blank ids would be one entity, and one event would be about all of them.
  if (normaliseId(entity.id, type.normalise) === '') return refused('ENTITY_ID_BLANK', `${path}.id`);
  return { ok: true, value: type };
}

/** Where a record lies: its store, and its key values in their one form. */
export interface Place {
  readonly store: StoreConfiguration;
  readonly canonical: string;
}

function checkPlace(
  configuration: Configuration,
  grants: ProducerConfiguration,
  sent: { readonly store: string; readonly locator: readonly (string | number)[] },
): Permitted<Place> {
  const store = own(configuration.stores, sent.store);
  const grant = own(grants.stores, sent.store);
  if (store === undefined || grant === undefined) return refused('STORE_NOT_GRANTED', 'data.store');
  const result = canonicalLocator(store.keys, sent.locator);
  if (!result.ok) {
    const wrongNumber = sent.locator.length !== store.keys.length;
    return refused(result.code, wrongNumber ? 'data.locator' : `data.locator.${result.index}`);
  }
  // Judged on the canonical value: another spelling of a key must not reach another producer's row.
  const first = String(result.locator[0] ?? '');
  return grant.prefixes.some((prefix) => first.startsWith(prefix))
    ? { ok: true, value: { store, canonical: result.canonical } }
    : refused('LOCATOR_NOT_GRANTED', 'data.locator.0');
}

type AttributeType = 'text' | 'number' | 'boolean';

/** Names the attribute only when it is declared: an undeclared name is the sender's text. */
function checkAttributes(
  attributes: SentAttributes | undefined,
  declared: (name: string) => readonly AttributeType[],
): Permitted<SentAttributes | undefined> {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    const types = declared(name);
    if (types.length === 0) return refused('ATTRIBUTE_UNDECLARED', 'data.attributes');
    if (!types.every((type) => type === typeOf(value))) {
      return refused('ATTRIBUTE_TYPE', `data.attributes.${name}`);
    }
  }
  return { ok: true, value: attributes };
}

function typeOf(value: AttributeValue): AttributeType {
  if (typeof value === 'string') return 'text';
  return typeof value === 'number' ? 'number' : 'boolean';
}

function typeIn(declared: Readonly<Record<string, AttributeType>>, name: string): AttributeType[] {
  const type = own(declared, name);
  return type === undefined ? [] : [type];
}

/** `jurisdiction` needs no declaration: it chooses between rules of level `jurisdiction`. */
function holdingAttribute(policy: Policy, name: string): AttributeType[] {
  const declared = own(policy.attributes, name);
  if (declared !== undefined) return [declared.type];
  return name === 'jurisdiction' ? ['text'] : [];
}

/**
 * Declarations of all policy versions: a producer may already send what a future version declares, and still send what
 * an earlier version declared.
 */
function declarationsOf(configuration: Configuration, type: string): EventDeclaration[] {
  return configuration.policies.policies.flatMap(({ events }) => own(events, type) ?? []);
}

/** The policy in effect that covers a category, otherwise the first future version that does. */
function policyInForce(configuration: Configuration, category: string, now: Instant): Policy | undefined {
  const { policies } = configuration.policies;
  const coming = policies
    .filter(({ effectiveFrom }) => effectiveFrom > now)
    .toSorted((a, b) => a.effectiveFrom - b.effectiveFrom);
  return policyOf(category, effectivePolicies(configuration.policies, now)) ?? policyOf(category, coming);
}

function grantsOf(configuration: Configuration, producer: string): ProducerConfiguration | undefined {
  return own(configuration.producers, producer);
}
