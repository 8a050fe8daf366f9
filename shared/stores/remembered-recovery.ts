import type { Clock } from '../ports/clock.ts';
import type { Recovery, Store } from '../ports/store.ts';

/** AWS limits how often settings are read, for a whole account. What is changed counts after that time at the latest. */
const LONGEST = 60_000;

/** The store, whose settings are read at most once a minute, also where that failed. */
export function rememberedRecovery(store: Store, clock: Clock): Store {
  let last: { readonly at: number; readonly answer: Recovery } | undefined;
  return {
    ...store,
    async recovery() {
      const at = clock.now();
      if (last !== undefined && at >= last.at && at - last.at < LONGEST) return last.answer;
      const answer = await store.recovery();
      last = { at, answer };
      return answer;
    },
  };
}
