import { dayId } from '../../domain/calendar/utc-time.ts';
import type { PersonRequest, RequestStep } from '../../domain/people/request.ts';
import type { Instant, LogRef } from '../../domain/record/ids.ts';
import type { NamedEntity } from '../../domain/record/incoming.ts';
import type { Keys } from '../../ports/keys.ts';

/** What of a request may name a person. It is encrypted under a key that only the api and the sweep may use. */
export interface RequestSecret {
  /** The caller's id of the request. */
  readonly id: string;
  /** Absent once the request is over. */
  readonly entity?: NamedEntity;
  readonly requestedBy?: string;
  /** Its reference in the deletion log, by the key of the year in which it was filed. */
  readonly target: LogRef;
  /** The source under which its facts are sent. */
  readonly source: string;
  /** What people wrote about a step. */
  readonly reasons?: Readonly<Partial<Record<RequestStep, string>>>;
}

export async function sealSecret(
  keys: Pick<Keys, 'encrypt'>,
  { ref }: Pick<PersonRequest, 'ref'>,
  secret: RequestSecret,
  now: Instant,
): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify(secret));
  return keys.encrypt({ scope: 'request', context: ref }, dayId(now), bytes);
}

export async function openSecret(
  keys: Pick<Keys, 'decrypt'>,
  { ref, sealed }: Pick<PersonRequest, 'ref' | 'sealed'>,
): Promise<RequestSecret | undefined> {
  if (sealed === undefined) return undefined;
  const bytes = await keys.decrypt({ scope: 'request', context: ref }, sealed);
  // Only we can encrypt, so what opens is what we wrote.
  return JSON.parse(new TextDecoder().decode(bytes)) as RequestSecret;
}
