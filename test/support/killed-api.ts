import { createApi } from '../../functions/api/api.ts';
import type { apiWorld } from './api-world.ts';

class Killed extends Error {}
const PORTS = ['registry', 'queues', 'bus', 'keys', 'exports'] as const;

/** The API whose process is killed at its n-th call of a port: before the call, or after it. */
export function killedAt(world: ReturnType<typeof apiWorld>, at: number, when: 'before' | 'after') {
  const calls: string[] = [];
  let isDead = false;
  const watched = Object.fromEntries(
    PORTS.map((port) => {
      const methods = world[port] as unknown as Record<string, (...args: readonly unknown[]) => unknown>;
      const names = Object.keys(methods).filter((name) => typeof methods[name] === 'function');
      return [
        port,
        Object.fromEntries(
          names.map((name) => [
            name,
            async (...args: readonly unknown[]) => {
              const isThis = calls.length === at;
              calls.push(`${port}.${name}`);
              if (isDead || (isThis && when === 'before')) {
                isDead = true;
                throw new Killed();
              }
              const answer = await methods[name]?.(...args);
              if (isThis) isDead = true;
              if (isDead) throw new Killed();
              return answer;
            },
          ]),
        ),
      ];
    }),
  );
  const { configuration, clock, tokens, report } = world;
  const ports = { configuration, clock, tokens, report, ...watched } as unknown as Parameters<
    typeof createApi
  >[0];
  return { api: createApi(ports), calls };
}
