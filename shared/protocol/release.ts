import type { WideHold } from '../domain/record/hold.ts';
import type { Core } from './core.ts';
import { hintMinute, putHint } from './hint.ts';

/**
 * A hold or pause ends: written as released (also when it was never there), then everything parked under it is hinted
 * and taken from the park. The message is repeated until this has returned; every part may run twice.
 */
export async function release(core: Core, hold: WideHold): Promise<number> {
  await core.registry.releaseWideHold(hold);
  return hintParked(core, hold.id);
}

/** Hints, then unparks: dying in between leaves a harmless second hint. */
export async function hintParked(core: Core, hold: string): Promise<number> {
  let hinted = 0;
  let after: string | undefined;
  do {
    const page = await core.registry.parked(hold, after);
    for (const holding of page.items) {
      const now = core.clock.now();
      await putHint(core, holding, hintMinute(now, now, core.configuration.timing), undefined);
      await core.registry.unpark(hold, holding);
      hinted += 1;
    }
    after = page.next;
  } while (after !== undefined);
  return hinted;
}
