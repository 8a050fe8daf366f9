import type { BegunReplay, Replays } from '../../ports/upkeep.ts';
import { deepFreeze } from '../deep-freeze.ts';

export function memoryReplays(): Replays {
  const replays = new Map<string, BegunReplay>();
  return {
    async putRestoreReplay(next) {
      if ((replays.get(next.id)?.version ?? 0) !== next.version - 1) return 'moved';
      replays.set(next.id, deepFreeze(next));
      return 'written';
    },
    restoreReplay: async (id) => replays.get(id),
  };
}
