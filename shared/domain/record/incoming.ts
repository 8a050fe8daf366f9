import type { AttributeValue } from './about.ts';
import type { Occurred } from './ids.ts';

/**
 * An entity as its producer names it. `producer` is allowed only for owned types, and only from a sender that may speak
 * for that producer.
 */
export interface NamedEntity {
  readonly type: string;
  readonly id: string;
  readonly producer?: string;
}

/** An entity that a record is about, and which part it has in it, such as `sender`: a word of the policy. */
export interface RegisteredEntity extends NamedEntity {
  readonly role?: string;
}

/** Attributes as they were sent: shape and size checked, names not yet. */
export type SentAttributes = Readonly<Record<string, AttributeValue>>;

interface Sent {
  /** The CloudEvent's id: unique within its producer. */
  readonly id: string;
  readonly source: string;
  /** When it was sent, RFC 3339. */
  readonly time?: string;
}

export interface SentEvent extends Sent {
  readonly kind: 'event';
  readonly type: string;
  readonly entity: NamedEntity;
  readonly occurred: Occurred;
  readonly attributes?: SentAttributes;
}

/** `type` happened as stated here, not as stated by the event `corrects`. */
export interface SentCorrection extends Sent {
  readonly kind: 'correction';
  readonly type: string;
  readonly entity: NamedEntity;
  readonly corrects: string;
  /** The producer that sent the event, when an operator corrects it. */
  readonly producer?: string;
  readonly occurred: Occurred;
  readonly attributes?: SentAttributes;
}

/** The event `retracts` never happened. */
export interface SentRetraction extends Sent {
  readonly kind: 'retraction';
  readonly entity: NamedEntity;
  readonly retracts: string;
  /** The producer that sent the event, when an operator retracts it. */
  readonly producer?: string;
}

export interface SentRegistration extends Sent {
  readonly kind: 'registration';
  readonly store: string;
  readonly locator: readonly (string | number)[];
  readonly categories: readonly string[];
  readonly purposes: readonly string[];
  readonly entities: readonly RegisteredEntity[];
  readonly zone?: string;
  readonly attributes?: SentAttributes;
}

export interface SentWithdrawal extends Sent {
  readonly kind: 'withdrawal';
  readonly store: string;
  readonly locator: readonly (string | number)[];
}

/** The producer's entity `linked` is the person `entity`: what the person asks for reaches it, too. */
export interface SentLink extends Sent {
  readonly kind: 'link';
  readonly entity: NamedEntity;
  readonly linked: NamedEntity;
}

export type SentFact = SentEvent | SentCorrection | SentRetraction;

/** Everything that a producer or operator can send, parsed. */
export type Incoming = SentFact | SentLink | SentRegistration | SentWithdrawal;

/** CloudEvent types that are Tenure's own; every other type is an event that a policy declares. */
export const RETRACTED = 'tenure.event.retracted';
export const REGISTERED = 'tenure.holding.registered';
export const WITHDRAWN = 'tenure.holding.withdrawn';
export const LINKED = 'tenure.entities.linked';
