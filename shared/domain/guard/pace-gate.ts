import type { Instant } from '../record/ids.ts';
import type { Gate } from './lane-guard.ts';
import { mostAt, pauseAt } from './pace.ts';

/** While the store is slow, one attempt after another acts, on fewer records, with a pause in between. */
export function paceGate(token: string, now: Instant): Gate {
  return {
    room({ pace }, { destroys }) {
      const slow = pace?.slow;
      if (!destroys || slow === undefined) return undefined;
      const code = 'STORE_SLOW';
      if (slow.by === token) return { records: slow.left, code, until: Math.max(now, slow.until) };
      if (slow.until > now) return { records: 0, code, until: slow.until };
      return { records: mostAt(slow.level), code, until: now + pauseAt(slow.level) };
    },
    took(guard, { destroys }, records) {
      const { pace } = guard;
      if (!destroys || pace?.slow === undefined) return guard;
      const { slow } = pace;
      const isMine = slow.by === token;
      const left = (isMine ? slow.left : mostAt(slow.level)) - records;
      const until = isMine ? slow.until : now + pauseAt(slow.level);
      return { ...guard, pace: { ...pace, slow: { ...slow, by: token, left, until } } };
    },
  };
}
