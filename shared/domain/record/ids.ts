/** Branded strings, so that one kind of reference can never be passed for another. */
declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** Milliseconds since the Unix epoch, UTC. */
export type Instant = number;
/**
 * HMAC(K_reg, store, canonical locator), 128 bits, base64url (22 characters). Found only in the registry and in messages
 * on our own queues, never in the deletion log, in log lines or in answers.
 */
export type HoldingRef = Branded<'HoldingRef'>;
/** HMAC(K_reg, type, owner or "", normalised id), 128 bits, base64url. */
export type EntityRef = Branded<'EntityRef'>;
/** HMAC(K_reg, producer, event id), 128 bits, base64url: a plain hash of an id could be guessed. */
export type EventRef = Branded<'EventRef'>;
/** HMAC(K_reg, ARN or issuer), 128 bits, base64url. */
export type PrincipalRef = Branded<'PrincipalRef'>;
/** HMAC(K_reg, id of a message in quarantine), 128 bits, base64url. */
export type QuarantineRef = Branded<'QuarantineRef'>;
/** HMAC(K_reg, filer, the filer's id of a request), 128 bits, base64url: the name of a request of a person in answers. */
export type RequestRef = Branded<'RequestRef'>;
/** HMAC(K_reg, id or matter of a legal hold), 128 bits, base64url. */
export type HoldRef = Branded<'HoldRef'>;
/** HMAC(K_reg, what exactly is proposed), 128 bits, base64url: the name of a proposal in answers. */
export type ProposalRef = Branded<'ProposalRef'>;
/** HMAC(K_log(year), one of the references above), 128 bits, base64url: the only reference that the deletion log knows. */
export type LogRef = Branded<'LogRef'>;
/** An ISO date (`2026-03-01`) or date-time with offset (`2026-03-01T10:00:00+05:00`), checked at the edge. */
export type Occurred = Branded<'Occurred'>;
