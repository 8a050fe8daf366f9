import type { StoreTools } from './store-kind.ts';

const PARALLEL = 10;
const FIRST_WAIT = 50;
const MOST_ROUNDS = 8;

/** Aborts every call of one store operation when its time is over. */
export function deadline(tools: StoreTools): AbortSignal {
  return AbortSignal.timeout(tools.timeoutSeconds * 1000);
}

/** Runs a few at a time, in no particular order. Answers are in the order of the items. */
export async function eachParallel<In, Out>(
  items: readonly In[],
  act: (item: In) => Promise<Out>,
  parallel = PARALLEL,
): Promise<Out[]> {
  const answers: Out[] = [];
  const queue = items.entries();
  const work = async () => {
    for (const [index, item] of queue) answers[index] = await act(item);
  };
  await Promise.all(Array.from({ length: Math.min(parallel, items.length) }, work));
  return answers;
}

/**
 * Repeats `round` until it returns true, with growing pauses. Gives up when the time is over, or after a fixed number
 * of rounds.
 */
export async function inRounds(signal: AbortSignal, round: () => Promise<boolean>): Promise<void> {
  for (let count = 0; count < MOST_ROUNDS; count += 1) {
    if (await round()) return;
    await pause(FIRST_WAIT * 2 ** count, signal);
    if (signal.aborted) return;
  }
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
  });
}

export function inSlices<Part>(all: readonly Part[], size: number): Part[][] {
  const slices: Part[][] = [];
  for (let start = 0; start < all.length; start += size) slices.push(all.slice(start, start + size));
  return slices;
}
