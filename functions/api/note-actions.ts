import { hourId, isoUtc, yearOf } from '../../shared/domain/calendar/utc-time.ts';
import {
  eventRef,
  logRef,
  principalRef,
  quarantineRef,
} from '../../shared/domain/configuration/references.ts';
import { present } from '../../shared/domain/present.ts';
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
  const actions = asked.map(({ did, lane, event, quarantined }): ActionEntry => {
    const target =
      event !== undefined
        ? logRef(logKey, eventRef(key, event.producer, event.id))
        : quarantined !== undefined
          ? logRef(logKey, quarantineRef(key, quarantined))
          : undefined;
    const by = logRef(logKey, principalRef(key, principal));
    return { v: 2, token, did, by, at: isoUtc(now), ...present({ lane, target }), software: SOFTWARE };
  });
  await registry.putToBeSealed({ token, putAt: now, until: now + seconds(configuration.timing.lease) });
  const store = asked[0]?.lane ?? '';
  if ((await registry.putActions({ token, store, entries: [], lines: [], actions })) === 'void')
    throw new ActionNotNoted();
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
