import type { Fact } from '../../shared/domain/facts/facts.ts';
import type { EntityRef, Instant } from '../../shared/domain/record/ids.ts';
import type { SentFact } from '../../shared/domain/record/incoming.ts';
import { bodyHash } from '../../shared/domain/configuration/references.ts';
import { present } from '../../shared/domain/present.ts';
import type { Refs } from '../../shared/protocol/refs-of.ts';

/** Whom it is about, under whose names, and when it was heard. */
interface Hearing {
  readonly refs: Refs;
  readonly entity: EntityRef;
  readonly now: Instant;
  readonly onBus: Instant;
}

/**
 * What is kept of an event: declared attributes and dates, but no id. `sent` is the producer's `time`, or otherwise
 * when the bus received the event. It is never later than now, because no undo could apply to an event from the future.
 */
export function factOf(sent: SentFact, { refs, entity, now, onBus }: Hearing): Fact {
  const said = sent.time === undefined ? onBus : Date.parse(sent.time);
  const base = { ref: refs.event(sent.id), sent: Math.min(said, now), received: now };
  switch (sent.kind) {
    case 'event': {
      const { type, occurred, attributes } = sent;
      const told = { kind: sent.kind, type, occurred, ...present({ attributes }) };
      return { ...base, ...told, bodyHash: bodyHash([entity, told]) };
    }
    case 'correction': {
      const { type, occurred, attributes } = sent;
      const about = refs.event(sent.corrects);
      const told = {
        kind: sent.kind,
        type,
        occurred,
        about,
        ...present({ attributes }),
      };
      return { ...base, ...told, bodyHash: bodyHash([entity, told]) };
    }
    case 'retraction': {
      const told = { kind: sent.kind, type: '', about: refs.event(sent.retracts) };
      return { ...base, ...told, bodyHash: bodyHash([entity, told]) };
    }
  }
}
