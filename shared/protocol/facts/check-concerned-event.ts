import { checkConcerned } from '../../domain/configuration/check-concerned.ts';
import type { Permitted } from '../../domain/configuration/permission.ts';
import type { Speaker } from '../../domain/configuration/principal.ts';
import { concernedTypes } from '../../domain/facts/concerned-types.ts';
import type { SentFact } from '../../domain/record/incoming.ts';
import type { Core } from '../core.ts';
import type { Refs } from './refs-of.ts';

/**
 * Whether the speaker may correct or retract this event, as far as it has arrived. What has not arrived yet needs its
 * own grant when it does.
 */
export async function checkConcernedEvent(
  {
    configuration,
    registry,
  }: Pick<Core, 'configuration'> & { readonly registry: Pick<Core['registry'], 'history'> },
  speaker: Speaker,
  sent: SentFact,
  refs: Refs,
): Promise<Permitted<undefined>> {
  if (sent.kind === 'event') return { ok: true, value: undefined };
  const about = refs.event(sent.kind === 'correction' ? sent.corrects : sent.retracts);
  const types = concernedTypes(await registry.history(refs.entity(sent.entity)), about);
  return checkConcerned(configuration, speaker, sent, types);
}
