import type { EntrySum } from '../record/work.ts';

/** A sum with what else it is about. */
export type NamedSum = EntrySum & { readonly period?: string; readonly store?: string };

/** Adds it to the one with the same name, if there is one. */
export function addSum<Sum extends NamedSum>(sums: Map<string, Sum>, sum: Sum): void {
  const { period, store, rule, outcome } = sum;
  const key = JSON.stringify([period, store, rule, outcome]);
  const { entries, records } = sums.get(key) ?? { entries: 0, records: 0 };
  sums.set(key, { ...sum, entries: entries + sum.entries, records: records + sum.records });
}
