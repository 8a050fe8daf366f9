/**
 * Runs `start` at the first event and keeps the result for as long as the instance is warm. A failed start is tried
 * again at the next event.
 */
export function warmStart<Started>(start: () => Promise<Started>): () => Promise<Started> {
  let started: Promise<Started> | undefined;
  return () => {
    const starting = (started ??= start());
    starting.catch(() => {
      if (started === starting) started = undefined;
    });
    return starting;
  };
}

/** Time that a long-running job leaves for a clean end; a third of the timeout if that is shorter. */
const LEAVE_MILLISECONDS = 30_000;

/** Returns false when the function's time is nearly over. */
export function whileTimeIsLeft(
  context: { getRemainingTimeInMillis(): number },
  functionTimeoutSeconds: number,
): () => boolean {
  const leave = Math.min(LEAVE_MILLISECONDS, (functionTimeoutSeconds * 1000) / 3);
  return () => context.getRemainingTimeInMillis() > leave;
}
