import type { Core } from '../core.ts';
import { seconds } from '../seconds.ts';

/** Says to `seal` that a result with this token is there, or comes within a lease. */
export function noteToBeSealed(
  { registry, clock, configuration }: Pick<Core, 'registry' | 'clock' | 'configuration'>,
  token: string,
): Promise<void> {
  const putAt = clock.now();
  return registry.putToBeSealed({ token, putAt, until: putAt + seconds(configuration.timing.lease) });
}
