/** One line of the report. Without a limit it is only told: it depends on the machine and its load, or on prices. */
export interface Row {
  readonly what: string;
  readonly measured: number;
  readonly limit?: number;
  /** The limit is the least that it has to be. */
  readonly isLeast?: true;
}

/** A value that could not be measured also exceeds its limit. */
export function exceeded({ measured, limit, isLeast }: Row): boolean {
  if (limit === undefined) return false;
  if (!Number.isFinite(measured)) return true;
  return isLeast ? measured < limit : measured > limit;
}
