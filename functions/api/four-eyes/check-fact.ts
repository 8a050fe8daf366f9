import { checkEvent } from '../../../shared/domain/configuration/permission.ts';
import type { Speaker } from '../../../shared/domain/configuration/principal.ts';
import type { SentFact } from '../../../shared/domain/record/incoming.ts';
import { checkConcernedEvent } from '../../../shared/protocol/facts/check-concerned-event.ts';
import { refsOf } from '../../../shared/protocol/facts/refs-of.ts';
import type { ApiPorts } from '../api-ports.ts';
import { type Judged, rejected } from '../publish-batch.ts';

export interface Judging extends Pick<ApiPorts, 'configuration' | 'keys'> {
  readonly registry: Pick<ApiPorts['registry'], 'facts'>;
}

/** `ingest` checks all of it again: what is corrected may arrive in between, or be a correction of too many others. */
export async function checkFact(ports: Judging, speaker: Speaker, sent: SentFact): Promise<Judged> {
  const checked = checkEvent(ports.configuration, speaker, sent);
  if (!checked.ok) return rejected(checked.code, checked.path);
  const accepted: Judged = { ok: true, speaker, incoming: sent };
  if (sent.kind === 'event') return accepted;
  const refs = await refsOf(ports, checked.value.producer);
  const concerned = await checkConcernedEvent(ports, speaker, sent, refs);
  return concerned.ok ? accepted : rejected(concerned.code, concerned.path);
}
