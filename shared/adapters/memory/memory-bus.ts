import type { Bus } from '../../ports/bus.ts';

export interface MemoryBus extends Bus {
  /** What was published and not yet drained, oldest first. */
  readonly published: { readonly type: string; readonly detail: string }[];
  drain(): { readonly type: string; readonly detail: string }[];
  /** The next `count` details are answered as `failed`. */
  failNext(count: number): void;
}

export function memoryBus(): MemoryBus {
  const published: { readonly type: string; readonly detail: string }[] = [];
  let failing = 0;
  return {
    published,
    drain: () => published.splice(0),
    failNext: (count) => {
      failing = count;
    },
    async publish(details) {
      return details.map(({ type, detail }) => {
        if (failing > 0) {
          failing -= 1;
          return 'failed';
        }
        published.push({ type, detail });
        return 'durable';
      });
    },
  };
}
