import type { ErrorCode } from '../../shared/contract/error-codes.ts';
import { dayId } from '../../shared/domain/calendar/utc-time.ts';
import { type Refused, refused } from '../../shared/domain/checked.ts';
import { bodyHash } from '../../shared/domain/configuration/references.ts';
import type { RegistrationRefusal } from '../../shared/domain/facts/fold-registration.ts';
import { codeOf } from '../../shared/domain/error-code.ts';
import { present } from '../../shared/domain/present.ts';
import type { Instant } from '../../shared/domain/record/ids.ts';
import type { Keys } from '../../shared/ports/keys.ts';
import { cutMessage, isTooLarge } from './cut-message.ts';
import type { Core } from '../../shared/protocol/core.ts';

export interface IngestCore extends Core {
  readonly keys: Keys;
}

/** Why a message is refused, with its producer if that is known. */
export interface Untaken extends Refused<ErrorCode | RegistrationRefusal> {
  readonly producer?: string;
  /** Another function of Tenure sent it, or has accepted it. */
  readonly isOurs?: true;
}

/** What became of a message, or why it is refused. */
export type Taken = { readonly ok: true; readonly value: 'done' | 'again' } | Untaken;

export const DONE: Taken = { ok: true, value: 'done' };

/**
 * Quarantines a message that could not be delivered, or that stopped every run that processed it, without parsing it.
 */
export function quarantineUnread(
  core: IngestCore,
  body: string,
  code: 'DEAD_LETTER' | 'OWN_FAULT' = 'DEAD_LETTER',
): Promise<'done'> {
  return quarantine(core, body, refused(code, ''));
}

/**
 * Keeps a message, encrypted, until an operator settles it; the rest of the batch is processed. The same body is kept
 * only once. Of a message that is too large to be kept, the beginning is kept. Its code is `ITEM_TOO_LARGE`, whatever
 * else is wrong with it: it cannot be processed again.
 */
export async function quarantine(core: IngestCore, body: string, refusal: Untaken): Promise<'done'> {
  const { cut, text } = isTooLarge(body) ? cutMessage(body) : { text: body };
  const untaken = cut === undefined ? refusal : { ...refusal, ...refused('ITEM_TOO_LARGE', '') };
  const { code, path, producer } = untaken;
  const id = bodyHash(body).slice(0, 32);
  const now = core.clock.now();
  await core.registry.putQuarantined({
    id,
    receivedAt: now,
    code,
    reason: path,
    sealed: await core.keys.encrypt(
      { scope: 'quarantine', context: id },
      dayId(now),
      Buffer.from(text, 'utf8'),
    ),
    ...present({ producer, cut }),
  });
  reportQuarantined(core, untaken);
  return 'done';
}

export function reportQuarantined(core: IngestCore, { code, producer }: Untaken): void {
  core.report('ingest.quarantined', { code, count: 1, ...present({ producer }) });
}

/** `seconds`: how old the message is, for the alarm on what fails for more than a quarter of an hour. */
export function reportFailure(core: IngestCore, error: unknown, sentAt: Instant): void {
  const seconds = Math.max(0, Math.floor((core.clock.now() - sentAt) / 1000));
  core.report('ingest.failed', { code: codeOf(error), count: 1, seconds });
}
