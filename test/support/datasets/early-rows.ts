import { STORE, type World } from '../driver/world.ts';
import type { Effect } from '../../../shared/stores/memory-store.ts';

const DAY = 86_400_000;

/**
 * Rows that went before thirty days after their last column, or ten after their contract's end: sentences, none if all is
 * well. `ends`: by contract, the end that was known at each time; without, it is not asked.
 */
export function earlyRows(
  w: Pick<World, 'store'>,
  mayGo: (effect: Effect, contract: string) => boolean = () => true,
): readonly string[] {
  return w.store.effects.flatMap((effect) => {
    const { at, locator, before } = effect;
    const last = Math.max(
      ...[before['created'], before['used'] ?? 0].map((clock) => +new Date(String(clock))),
    );
    const contract = before['contract'];
    if (last + 30 * DAY > at) return [`${String(locator[0])} of ${STORE} went early`];
    return typeof contract === 'string' && !mayGo(effect, contract)
      ? [`${String(locator[0])} went before its contract was over`]
      : [];
  });
}
