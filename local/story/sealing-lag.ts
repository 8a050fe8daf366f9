import { parseCheckpoint } from '../../shared/domain/log/checkpoint.ts';
import { parseNote } from '../../shared/domain/log/note.ts';
import type { LocalPorts } from '../local-ports.ts';

interface Lag {
  /** Of disposals, which a published checkpoint has signed. */
  readonly entries: number;
  /** Seconds from the result to that checkpoint: 99 of 100 entries had it by then. 0 where there is none. */
  readonly p99: number;
}

/**
 * How long entries wait for their signature: from when their result was put to the checkpoint that has them. `now`: in
 * milliseconds, of every clock that goes on meanwhile.
 */
export function sealingLag(now: () => number): {
  readonly wrap: (ports: LocalPorts) => LocalPorts;
  readonly measured: () => Lag;
} {
  const putAt = new Map<string, number>();
  const places = new Map<string, { readonly end: number; readonly count: number }>();
  const lags: { readonly seconds: number; readonly count: number }[] = [];

  function signed(size: number): void {
    for (const [token, { end, count }] of places) {
      if (end > size) continue;
      places.delete(token);
      const at = putAt.get(token);
      if (at === undefined) continue;
      putAt.delete(token);
      lags.push({ seconds: (now() - at) / 1000, count });
    }
  }

  return {
    wrap: ({ registry, bucket, ...ports }) => ({
      ...ports,
      registry: {
        ...registry,
        async putResult(result) {
          const written = await registry.putResult(result);
          if (written === 'written') putAt.set(result.token, now());
          return written;
        },
        async putSealed(items) {
          await registry.putSealed(items);
          for (const { token, first, count } of items) places.set(token, { end: first + count, count });
        },
      },
      bucket: {
        ...bucket,
        async putCheckpoint(text, tag, name = 'checkpoint') {
          const written = await bucket.putCheckpoint(text, tag, name);
          const isPublished = written === 'written' && name === 'checkpoint';
          if (isPublished) signed(parseCheckpoint(parseNote(text)?.text ?? '')?.size ?? 0);
          return written;
        },
      },
    }),

    measured() {
      const entries = lags.reduce((all, { count }) => all + count, 0);
      let left = Math.floor(entries / 100);
      const slowest = lags.toSorted((a, b) => b.seconds - a.seconds).find(({ count }) => (left -= count) < 0);
      return { entries, p99: slowest?.seconds ?? 0 };
    },
  };
}
