import { hourId, isoUtc, yearOf } from '../../shared/domain/calendar/utc-time.ts';
import {
  eventRef,
  holdRef,
  logRef,
  principalRef,
  quarantineRef,
} from '../../shared/domain/configuration/references.ts';
import { present } from '../../shared/domain/present.ts';
import type { EventRef, HoldRef, QuarantineRef } from '../../shared/domain/record/ids.ts';
import type { ActionEntry, OperatorAction } from '../../shared/domain/record/entry.ts';
import { actionToken } from '../../shared/domain/record/work.ts';
import { SOFTWARE } from '../../shared/domain/version.ts';
import { seconds } from '../../shared/protocol/seconds.ts';
import type { ApiPorts } from './api-ports.ts';

/** What an operator asks for. `lane`: absent if it is about all of them. */
export interface Asked {
  readonly did: OperatorAction;
  readonly lane?: string;
  readonly event?: { readonly producer: string; readonly id: string };
  readonly quarantined?: string;
  /** The id of a legal hold. */
  readonly hold?: string;
  /** What it is about. */
  readonly matter?: string;
}

/**
 * Puts entries about what an operator asks for, before it is done: whatever is killed afterwards, no action is without
 * its entry. They go the way of all entries: the note, then the result, then `seal` at the latest in the next hour. A
 * request that is sent again has another entry, because it was asked for again.
 */
export async function noteActions(
  ports: ApiPorts,
  principal: string,
  asked: readonly Asked[],
): Promise<void> {
  if (asked.length === 0) return;
  const { registry, keys, clock, tokens, configuration } = ports;
  const now = clock.now();
  const token = actionToken(hourId(now), tokens.next());
  const key = await keys.registryKey();
  const logKey = await keys.logKey(yearOf(now));
  const by = logRef(logKey, principalRef(key, principal));
  const actions = asked.map((one): ActionEntry => {
    const { did, lane, matter } = one;
    const target = targetOf(key, one);
    return {
      v: 2,
      token,
      did,
      by,
      at: isoUtc(now),
      ...present({
        lane,
        target: target && logRef(logKey, target),
        matter: matter === undefined ? undefined : logRef(logKey, holdRef(key, 'matter', matter)),
      }),
      software: SOFTWARE,
    };
  });
  await registry.putToBeSealed({ token, putAt: now, until: now + seconds(configuration.timing.lease) });
  const store = asked[0]?.lane ?? '';
  if ((await registry.putActions({ token, store, entries: [], lines: [], actions })) === 'void')
    throw new ActionNotNoted();
}

function targetOf(
  key: Uint8Array,
  { event, quarantined, hold }: Asked,
): EventRef | QuarantineRef | HoldRef | undefined {
  if (event !== undefined) return eventRef(key, event.producer, event.id);
  if (quarantined !== undefined) return quarantineRef(key, quarantined);
  return hold === undefined ? undefined : holdRef(key, 'hold', hold);
}

/** `seal` gave the note up, because the result came far too late. */
class ActionNotNoted extends Error {
  readonly code = 'ACTION_NOT_NOTED';
  constructor() {
    super(
      'The entry about this action could not be written in time, so nothing was done: send the request again.',
    );
    this.name = 'ActionNotNoted';
  }
}
