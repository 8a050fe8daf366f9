import type { Fact } from '../../domain/facts/facts.ts';
import type { EntityRef, Instant } from '../../domain/record/ids.ts';
import type { SentFact } from '../../domain/record/incoming.ts';
import { bodyHash } from '../../domain/configuration/references.ts';
import { present } from '../../domain/present.ts';
import type { Refs } from './refs-of.ts';

/** Whom it is about, under whose names, and when it was heard. */
interface Hearing {
  readonly refs: Refs;
  readonly entity: EntityRef;
  readonly now: Instant;
  /** When its producer sent it, never later than the bus had it. */
  readonly sentAt: Instant;
}

/**
 * What is kept of an event: declared attributes and dates, but no id. `sent` is never later than now, because no undo
 * could apply to an event from the future.
 */
export function factOf(sent: SentFact, { refs, entity, now, sentAt }: Hearing): Fact {
  const base = { ref: refs.event(sent.id), sent: Math.min(sentAt, now), received: now };
  switch (sent.kind) {
    case 'event': {
      const { type, occurred, attributes } = sent;
      const content = { kind: sent.kind, type, occurred, ...present({ attributes }) };
      return { ...base, ...content, bodyHash: bodyHash([entity, content]) };
    }
    case 'correction': {
      const { type, occurred, attributes } = sent;
      const about = refs.event(sent.corrects);
      const content = {
        kind: sent.kind,
        type,
        occurred,
        about,
        ...present({ attributes }),
      };
      return { ...base, ...content, bodyHash: bodyHash([entity, content]) };
    }
    case 'retraction': {
      const content = { kind: sent.kind, type: '', about: refs.event(sent.retracts) };
      return { ...base, ...content, bodyHash: bodyHash([entity, content]) };
    }
  }
}
