import { problem } from '../../../shared/contract/problem.ts';
import { isoUtc } from '../../../shared/domain/calendar/utc-time.ts';
import { own } from '../../../shared/domain/own.ts';
import { replayId } from '../../../shared/domain/replay/replay.ts';
import type { Instant } from '../../../shared/domain/record/ids.ts';
import { beginReplay } from '../../../shared/protocol/replay/begin-replay.ts';
import type { GatedAction } from './gated-action.ts';

export interface AskedReplay {
  readonly store: string;
  readonly since: Instant;
  readonly token: string;
}

/** What is in a store again after a restore is disposed of: by its rules and the facts known now, as everything else. */
export const REPLAY_RESTORE: GatedAction<AskedReplay> = {
  kind: 'replay',
  notes: ({ store, since }) => [{ did: 'restore-replay', lane: store, since: isoUtc(since) }],
  shown: (what) => ({ lane: what.store, since: isoUtc(what.since), replay: idOf(what) }),
  async refusal({ configuration }, { store }) {
    return own(configuration.stores, store) === undefined ? problem('NOT_FOUND', 'store') : undefined;
  },
  async carryOut(ports, what) {
    return (await beginReplay(ports, idOf(what))) === 'begun' ? 'done' : 'void';
  },
};

function idOf({ store, since, token }: AskedReplay): string {
  return replayId(token, { does: true, since, store });
}
