import { effectivePolicies, policyOf } from './effective-policies.ts';
import type { Configuration, ProducerConfiguration, StoreConfiguration } from './configuration.ts';
import type {
  NamedEntity,
  SentAttributes,
  SentFact,
  SentRegistration,
  SentWithdrawal,
} from '../record/incoming.ts';
import type { AttributeValue } from '../record/holding.ts';
import type { Instant } from '../record/ids.ts';
import { isZone } from '../calendar/calendar.ts';
import { canonicalLocator } from './locator.ts';
import { own } from '../own.ts';
import type { EventDeclaration, Policy } from './policy.ts';
import { producerBySource, type Speaker } from './principal.ts';

/** Why something that is well formed is not taken. What to do about each stands in `shared/contract/error-codes.ts`. */
export type RefusalCode =
  | 'UNKNOWN_PRODUCER'
  | 'SOURCE_MISMATCH'
  | 'FORBIDDEN'
  | 'EVENT_UNDECLARED'
  | 'EVENT_NOT_GRANTED'
  | 'EVENT_ENTITY_TYPE'
  | 'ENTITY_TYPE_UNKNOWN'
  | 'ENTITY_NOT_OWN'
  | 'EVENT_NOT_OWN'
  | 'STORE_NOT_GRANTED'
  | 'CATEGORY_NOT_GRANTED'
  | 'CATEGORY_UNKNOWN'
  | 'REGION_NOT_ALLOWED'
  | 'LOCATOR_NOT_GRANTED'
  | 'LOCATOR_TYPE'
  | 'LOCATOR_TOO_LONG'
  | 'ATTRIBUTE_UNDECLARED'
  | 'ATTRIBUTE_TYPE'
  | 'ZONE_UNKNOWN';

/** `path` leads to the part that is refused; it names nothing that was sent. */
export interface Refusal {
  readonly code: RefusalCode;
  readonly path: string;
}

/** What of a bus envelope says who sent it. */
export interface BusSender {
  /** The envelope's `source`, which the bus policy pins to the caller's principal. */
  readonly envelopeSource: string;
  /** The CloudEvent's `source`. */
  readonly source: string;
  /** Set by the api alone, and believed of nobody else. */
  readonly tenureproducer?: string;
  readonly tenureoperator?: boolean;
}

/** Maps a bus envelope to who speaks: the api names the producer (or operator) it has checked, others are their source. */
export function speakerOnBus(
  configuration: Configuration,
  sender: BusSender,
  apiSource: string,
): Speaker | Refusal {
  if (sender.envelopeSource === apiSource && sender.tenureoperator === true) return { role: 'operator' };
  const producer =
    sender.envelopeSource === apiSource
      ? sender.tenureproducer
      : producerBySource(configuration, sender.envelopeSource);
  const known = producer === undefined ? undefined : grantsOf(configuration, producer);
  if (producer === undefined || known === undefined) return { code: 'UNKNOWN_PRODUCER', path: 'source' };
  return known.source === sender.source
    ? { role: 'producer', producer }
    : { code: 'SOURCE_MISMATCH', path: 'source' };
}

/** Whether the speaker may say that this happened, happened otherwise, or never happened. */
export function checkEvent(
  configuration: Configuration,
  speaker: Speaker,
  sent: SentFact,
): Refusal | undefined {
  if (speaker.role === 'operator') return checkOperatorEvent(configuration, sent);
  const grants = grantsOf(configuration, speaker.producer);
  if (grants === undefined) return { code: 'UNKNOWN_PRODUCER', path: 'source' };
  if (sent.kind !== 'event' && sent.producer !== undefined && sent.producer !== speaker.producer) {
    return { code: 'EVENT_NOT_OWN', path: 'data.producer' };
  }
  if (sent.kind !== 'retraction') {
    if (declarationsOf(configuration, sent.type).length === 0)
      return { code: 'EVENT_UNDECLARED', path: 'type' };
    if (!grants.events.includes(sent.type)) return { code: 'EVENT_NOT_GRANTED', path: 'type' };
  }
  return checkAbout(configuration, speaker.producer, sent);
}

/** An operator takes back and corrects for the producer whose event it was, and makes no events of its own. */
function checkOperatorEvent(configuration: Configuration, sent: SentFact): Refusal | undefined {
  if (sent.kind === 'event') return { code: 'FORBIDDEN', path: 'type' };
  if (sent.producer === undefined || grantsOf(configuration, sent.producer) === undefined) {
    return { code: 'UNKNOWN_PRODUCER', path: 'data.producer' };
  }
  if (sent.kind === 'correction' && declarationsOf(configuration, sent.type).length === 0) {
    return { code: 'EVENT_UNDECLARED', path: 'type' };
  }
  return checkAbout(configuration, sent.producer, sent);
}

function checkAbout(configuration: Configuration, producer: string, sent: SentFact): Refusal | undefined {
  const refusal = checkEntity(configuration, producer, sent.entity, 'data.entity');
  if (refusal !== undefined || sent.kind === 'retraction') return refusal;
  const declarations = declarationsOf(configuration, sent.type).filter(
    ({ entity }) => entity === sent.entity.type,
  );
  if (declarations.length === 0) return { code: 'EVENT_ENTITY_TYPE', path: 'data.entity.type' };
  return checkAttributes(sent.attributes, (name) =>
    declarations.flatMap(({ attributes }) => typeIn(attributes, name)),
  );
}

/** Whether the producer may register this, and so cause its disposal. `now` chooses the policies' versions. */
export function checkRegistration(
  configuration: Configuration,
  producer: string,
  sent: SentRegistration,
  now: Instant,
): Refusal | undefined {
  const grants = grantsOf(configuration, producer);
  if (grants === undefined) return { code: 'UNKNOWN_PRODUCER', path: 'source' };
  const place = checkPlace(configuration, grants, sent);
  if ('code' in place) return place;
  const policies: Policy[] = [];
  for (const [index, category] of sent.categories.entries()) {
    const path = `data.categories.${index}`;
    if (!grants.categories.includes(category)) return { code: 'CATEGORY_NOT_GRANTED', path };
    const policy = policyInForce(configuration, category, now);
    if (policy === undefined) return { code: 'CATEGORY_UNKNOWN', path };
    if (!policy.regions.includes(place.region)) return { code: 'REGION_NOT_ALLOWED', path };
    policies.push(policy);
  }
  for (const [index, entity] of sent.entities.entries()) {
    const refusal = checkEntity(configuration, producer, entity, `data.entities.${index}`);
    if (refusal !== undefined) return refusal;
  }
  if (sent.zone !== undefined && !isZone(sent.zone)) return { code: 'ZONE_UNKNOWN', path: 'data.zone' };
  return checkAttributes(sent.attributes, (name) =>
    policies.flatMap((policy) => holdingAttribute(policy, name)),
  );
}

/** A withdrawal takes back only one's own: that it was registered by this producer is seen where the holding is read. */
export function checkWithdrawal(
  configuration: Configuration,
  producer: string,
  sent: SentWithdrawal,
): Refusal | undefined {
  const grants = grantsOf(configuration, producer);
  if (grants === undefined) return { code: 'UNKNOWN_PRODUCER', path: 'source' };
  const place = checkPlace(configuration, grants, sent);
  return 'code' in place ? place : undefined;
}

/** An entity of a known type that is the producer's own, or of a shared type. */
export function checkEntity(
  configuration: Configuration,
  producer: string,
  entity: NamedEntity,
  path: string,
): Refusal | undefined {
  const type = own(configuration.entityTypes, entity.type);
  if (type === undefined) return { code: 'ENTITY_TYPE_UNKNOWN', path: `${path}.type` };
  if (entity.producer !== undefined && (type.ids === 'shared' || entity.producer !== producer)) {
    return { code: 'ENTITY_NOT_OWN', path: `${path}.producer` };
  }
  return undefined;
}

function checkPlace(
  configuration: Configuration,
  grants: ProducerConfiguration,
  sent: { readonly store: string; readonly locator: readonly (string | number)[] },
): StoreConfiguration | Refusal {
  const store = own(configuration.stores, sent.store);
  const grant = own(grants.stores, sent.store);
  if (store === undefined || grant === undefined) return { code: 'STORE_NOT_GRANTED', path: 'data.store' };
  const result = canonicalLocator(store.keys, sent.locator);
  if (!result.ok) {
    const wrongNumber = sent.locator.length !== store.keys.length;
    return { code: result.code, path: wrongNumber ? 'data.locator' : `data.locator.${result.index}` };
  }
  // Judged on the canonical value: another spelling of a key must not reach another producer's row.
  const first = String(result.locator[0] ?? '');
  return grant.prefixes.some((prefix) => first.startsWith(prefix))
    ? store
    : { code: 'LOCATOR_NOT_GRANTED', path: 'data.locator.0' };
}

type AttributeType = 'text' | 'number' | 'boolean';

/** Names the attribute only when it is declared: an undeclared name is the sender's text. */
function checkAttributes(
  attributes: SentAttributes | undefined,
  declared: (name: string) => readonly AttributeType[],
): Refusal | undefined {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    const types = declared(name);
    if (types.length === 0) return { code: 'ATTRIBUTE_UNDECLARED', path: 'data.attributes' };
    if (!types.every((type) => type === typeOf(value))) {
      return { code: 'ATTRIBUTE_TYPE', path: `data.attributes.${name}` };
    }
  }
  return undefined;
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

/** Declarations of all versions: a producer may send today what a version of tomorrow or of yesterday speaks of. */
function declarationsOf(configuration: Configuration, type: string): EventDeclaration[] {
  return configuration.policies.policies.flatMap(({ events }) => own(events, type) ?? []);
}

/** The policy in effect that covers a category, else the first version to come that will. */
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
