/** Starts what a warm instance keeps, with the first event. A start that failed is tried again with the next event. */
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

/** Time that a long walk leaves for ending well; of a short function a third. */
const LEAVE_MILLISECONDS = 30_000;

/** Turns false when the function's time is nearly over. */
export function whileTimeIsLeft(
  context: { getRemainingTimeInMillis(): number },
  functionTimeoutSeconds: number,
): () => boolean {
  const leave = Math.min(LEAVE_MILLISECONDS, (functionTimeoutSeconds * 1000) / 3);
  return () => context.getRemainingTimeInMillis() > leave;
}
