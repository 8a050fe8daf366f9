/** Which months the log's index has of each store: one that was lost is missed then, and is not taken for one without entries. */
export type KnownMonths = readonly (readonly [store: string, months: readonly string[]])[];

export interface MonthOfStore {
  readonly month: string;
  readonly store: string;
}

export function withMonths(known: KnownMonths, more: readonly MonthOfStore[]): KnownMonths {
  const all = new Map(known.map(([store, months]) => [store, new Set(months)]));
  for (const { month, store } of more) all.set(store, (all.get(store) ?? new Set()).add(month));
  return [...all].map(([store, months]) => [store, [...months].toSorted()] as const);
}

/** From month to month, both included, in their order. */
export function monthsKnown(
  known: KnownMonths,
  { from, to, store }: { readonly from: string; readonly to: string; readonly store?: string | undefined },
): readonly MonthOfStore[] {
  return known
    .filter(([of]) => store === undefined || of === store)
    .flatMap(([of, months]) => months.map((month) => ({ month, store: of })))
    .filter(({ month }) => month >= from && month <= to)
    .toSorted((a, b) => (a.month < b.month ? -1 : Number(a.month > b.month)));
}
