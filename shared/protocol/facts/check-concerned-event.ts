import { checkConcerned } from '../../domain/configuration/check-concerned.ts';
import type { Permitted } from '../../domain/configuration/permission.ts';
import type { Speaker } from '../../domain/configuration/principal.ts';
import { concernedTypes } from '../../domain/facts/concerned-types.ts';
import type { Fact } from '../../domain/facts/facts.ts';
import type { EntityRef, EventRef } from '../../domain/record/ids.ts';
import type { SentFact } from '../../domain/record/incoming.ts';
import type { Registry } from '../../ports/registry.ts';
import type { Core } from '../core.ts';
import type { Refs } from './refs-of.ts';

/** Corrections of corrections that are read one by one. An entity may have any number of facts. */
const MOST_STEPS = 16;

interface Reader extends Pick<Core, 'configuration'> {
  /** Without `history`, what is more steps away is not checked. */
  readonly registry: Pick<Registry, 'facts'> & { readonly history?: Registry['history'] };
}

/**
 * Whether the speaker may correct or retract this event, as far as it has arrived. What has not arrived yet needs its
 * own grant when it does. Answers the types of what is concerned: first that of the event itself.
 */
export async function checkConcernedEvent(
  { configuration, registry }: Reader,
  speaker: Speaker,
  sent: SentFact,
  refs: Refs,
): Promise<Permitted<readonly string[]>> {
  if (sent.kind === 'event') return { ok: true, value: [] };
  const about = refs.event(sent.kind === 'correction' ? sent.corrects : sent.retracts);
  const facts = await concernedFacts(registry, refs.entity(sent.entity), about);
  const types = concernedTypes(facts, about);
  const checked = checkConcerned(configuration, speaker, sent, types);
  return checked.ok ? { ok: true, value: types } : checked;
}

async function concernedFacts(
  registry: Reader['registry'],
  entity: EntityRef,
  about: EventRef,
): Promise<readonly Fact[]> {
  const facts: Fact[] = [];
  let next: EventRef | undefined = about;
  while (next !== undefined && facts.length < MOST_STEPS) {
    const [fact]: readonly Fact[] = await registry.facts(entity, [next]);
    if (fact !== undefined) facts.push(fact);
    next = fact?.about;
  }
  return next === undefined || registry.history === undefined ? facts : registry.history(entity);
}
