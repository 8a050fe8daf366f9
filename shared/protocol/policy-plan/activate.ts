import { codeOf } from '../../domain/error-code.ts';
import type { Core } from '../core.ts';
import type { Finding } from '../waiting-too-long.ts';
import { checkActivation } from './activation.ts';

/** To count takes minutes. What takes longer than this needs a look. */
const PATIENCE = 2 * 3_600_000;

/**
 * Makes the deployed policies active, or goes on with what that takes. What fails here is tried again by the next sweep
 * and stops nothing else of this one; that lanes may stand still because of it is found and told.
 */
export async function activatePolicies(core: Core): Promise<readonly Finding[]> {
  try {
    const state = await checkActivation(core);
    if (state.kind === 'active') return [];
    const waited = core.clock.now() - state.since;
    if (state.for === 'count' && waited < PATIENCE) return [];
    return [{ code: 'policies-waiting', count: 1, seconds: Math.floor(waited / 1000) }];
  } catch (error) {
    core.report('sweep.failed', { code: codeOf(error) });
    return [{ code: 'policies-waiting', count: 1 }];
  }
}
