import type { Holding } from '../domain/record/holding.ts';
import type { Instant } from '../domain/record/ids.ts';
import type { Core } from './core.ts';

/** What cannot be handled is listed with a code, stops nothing else, and is tried again by the census. */
export async function setAside(
  core: Pick<Core, 'registry' | 'report'>,
  { ref, store }: Pick<Holding, 'ref' | 'store'>,
  code: string,
  at: Instant,
): Promise<void> {
  await core.registry.setAside({ store, holding: ref, code, at });
  core.report('holding.set-aside', { store, code, count: 1 });
}
