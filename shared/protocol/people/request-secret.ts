import type { PersonRequest, RequestStep } from '../../domain/people/request.ts';
import type { Instant, LogRef } from '../../domain/record/ids.ts';
import type { NamedEntity } from '../../domain/record/incoming.ts';
import type { Keys } from '../../ports/keys.ts';
import { openJson, sealJson } from './sealed-json.ts';

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

export function sealSecret(
  keys: Pick<Keys, 'encrypt'>,
  { ref }: Pick<PersonRequest, 'ref'>,
  secret: RequestSecret,
  now: Instant,
): Promise<string> {
  return sealJson(keys, { scope: 'request', context: ref }, now, secret);
}

export async function openSecret(
  keys: Pick<Keys, 'decrypt'>,
  { ref, sealed }: Pick<PersonRequest, 'ref' | 'sealed'>,
): Promise<RequestSecret | undefined> {
  // Only `sealSecret` seals under this context.
  return (await openJson(keys, { scope: 'request', context: ref }, sealed)) as RequestSecret | undefined;
}
