import { createHash } from 'node:crypto';
import { canonicalJson } from '../canonical-json.ts';
import type { Normalisation } from './configuration.ts';
import { keyedHash } from '../record/keyed-hash.ts';
import type {
  EntityRef,
  EventRef,
  HoldingRef,
  HoldRef,
  LogRef,
  PrincipalRef,
  ProposalRef,
  QuarantineRef,
  RequestRef,
} from '../record/ids.ts';

/**
 * References are HMAC-SHA-256 over an RFC 8785 array that starts with the kind of reference, cut to 128 bits (NIST SP
 * 800-107 r1 §5.1 allows the cut), as base64url: 22 characters that say nothing without the key.
 */
function keyed(key: Uint8Array, parts: readonly string[]): string {
  // Of texts, RFC 8785 is what JSON.stringify writes.
  const text = parts.every((part) => part.isWellFormed()) ? JSON.stringify(parts) : canonicalJson(parts);
  return cut(keyedHash(key, text));
}

/** As the first 16 bytes are written: of the last character only two bits count. Faster than a buffer for each row. */
function cut(digest: string): string {
  const last = digest.charCodeAt(21);
  const isIn = (first: string, end: string): boolean =>
    last >= first.charCodeAt(0) && last <= end.charCodeAt(0);
  const bits = isIn('A', 'P') ? 'A' : isIn('Q', 'Z') || isIn('a', 'f') ? 'Q' : isIn('g', 'v') ? 'g' : 'w';
  return digest.slice(0, 21) + bits;
}

/** `owner` is the producer of an owned type and empty for a shared one; `id` is normalised already. */
export function entityRef(key: Uint8Array, type: string, owner: string, id: string): EntityRef {
  return keyed(key, ['entity', type, owner, id]) as EntityRef;
}

/** `canonicalLocator` is the text that `canonicalLocator()` gives. */
export function holdingRef(key: Uint8Array, store: string, canonicalLocator: string): HoldingRef {
  return keyed(key, ['holding', store, canonicalLocator]) as HoldingRef;
}

/** The collection of one entity in a store; `category` is the collection's name, `id` is spelled as in the event. */
export function collectionRef(key: Uint8Array, store: string, category: string, id: string): HoldingRef {
  return keyed(key, ['collection', store, category, id]) as HoldingRef;
}

/** An event is identified by its producer and id, whatever its content. */
export function eventRef(key: Uint8Array, producer: string, id: string): EventRef {
  return keyed(key, ['event', producer, id]) as EventRef;
}

/** A principal is known by its ARN, of an assumed role with the session, or by the issuer of its token. */
export function principalRef(key: Uint8Array, principal: string): PrincipalRef {
  return keyed(key, ['principal', principal]) as PrincipalRef;
}

/** A message in quarantine. */
export function quarantineRef(key: Uint8Array, id: string): QuarantineRef {
  return keyed(key, ['quarantine', id]) as QuarantineRef;
}

/** A request of a person, by who filed it and that one's id for it. */
export function requestRef(key: Uint8Array, filer: string, id: string): RequestRef {
  return keyed(key, ['request', filer, id]) as RequestRef;
}

/** A legal hold, or the matter that it is about. */
export function holdRef(key: Uint8Array, kind: 'hold' | 'matter', words: string): HoldRef {
  return keyed(key, [kind, words]) as HoldRef;
}

/** What one operator asks for, and another one has to confirm: another content has another reference. */
export function proposalRef(key: Uint8Array, kind: string, asked: unknown): ProposalRef {
  return keyed(key, ['proposal', kind, canonicalJson(asked)]) as ProposalRef;
}

/** The only form in which a reference enters the deletion log; `key` is K_log of the year of registration, or of what an operator did. */
export function logRef(
  key: Uint8Array,
  ref: EntityRef | HoldingRef | EventRef | PrincipalRef | QuarantineRef | HoldRef | RequestRef | ProposalRef,
): LogRef {
  return keyed(key, ['log', ref]) as LogRef;
}

/** SHA-256 (hex) of the RFC 8785 form: equal bodies have equal hashes, in whatever order their members are written. */
export function bodyHash(body: unknown): string {
  return createHash('sha256').update(canonicalJson(body)).digest('hex');
}

/** Applied in the order in which the entity type declares them. */
export function normaliseId(id: string, steps: readonly Normalisation[]): string {
  return steps.reduce((text, step) => {
    switch (step) {
      case 'trim':
        return text.trim();
      case 'lowercase':
        return text.toLowerCase();
      case 'nfc':
        return text.normalize('NFC');
    }
  }, id);
}
