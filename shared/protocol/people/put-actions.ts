import { hourId, isoUtc } from '../../domain/calendar/utc-time.ts';
import type { ActionEntry } from '../../domain/record/entry.ts';
import { actionToken } from '../../domain/record/work.ts';
import { SOFTWARE } from '../../domain/version.ts';
import type { Core } from '../core.ts';
import type { Instant } from '../../domain/record/ids.ts';
import { minuteUp } from '../hint.ts';
import { noteToBeSealed } from '../log/to-be-sealed.ts';

type Noting = Pick<Core, 'registry' | 'clock' | 'tokens' | 'configuration'>;

type Noted = Omit<ActionEntry, 'v' | 'token' | 'at' | 'software'>;

/**
 * Puts entries about what is asked for, before it is done. They go the way of all entries: the note, then the result,
 * then `seal` at the latest in the next hour. `lane`: whose filter finds them.
 */
export async function putActions(core: Noting, lane: string, noted: readonly Noted[]): Promise<void> {
  const { registry, clock, tokens } = core;
  const now = clock.now();
  const token = actionToken(hourId(now), tokens.next());
  const actions = noted.map((action): ActionEntry => ({
    v: 2,
    token,
    at: isoUtc(atOf(action, now)),
    ...action,
    software: SOFTWARE,
  }));
  await noteToBeSealed(core, token);
  if ((await registry.putActions({ token, store: lane, entries: [], lines: [], actions })) === 'void')
    throw new ActionNotNoted();
}

/** A request has the time of each step, too: no time may lead from the registry to the log. */
function atOf({ did }: Noted, now: Instant): Instant {
  return did === 'request' ? minuteUp(now) : now;
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
