import type { ConfigurationProblem } from './configuration-problem.ts';
import type { Configuration } from './configuration.ts';
import { own } from '../own.ts';

interface Grant {
  readonly producer: string;
  readonly store: string;
  readonly prefix: string;
  readonly index: number;
  readonly shared: boolean;
}

/**
 * Promise 11: one producer can neither register nor dispose of another's records. Prefixes are compared with the first
 * value of a locator, which therefore has to be text.
 */
export function checkPrefixes({ producers, stores }: Configuration): ConfigurationProblem[] {
  const grants = Object.entries(producers).flatMap(([producer, { stores: granted }]) =>
    Object.entries(granted).flatMap(([store, { prefixes, shared }]) =>
      prefixes.map((prefix, index): Grant => ({ producer, store, prefix, index, shared })),
    ),
  );
  const path = (grant: Grant): string =>
    `producers.${grant.producer}.stores.${grant.store}.prefixes.${grant.index}`;
  const problems: ConfigurationProblem[] = [];
  for (const [i, grant] of grants.entries()) {
    const first = own(stores, grant.store)?.keys[0];
    if (grant.prefix !== '' && first !== undefined && first.type !== 'text') {
      const message = `prefixes require a text key, but "${first.name}", the first key column of the store "${grant.store}", is ${first.type}; remove the prefixes, or give the producer its own store`;
      problems.push({ path: path(grant), message });
      continue;
    }
    for (const other of grants.slice(0, i)) {
      if (
        other.store !== grant.store ||
        other.producer === grant.producer ||
        !prefixesOverlap(grant.prefix, other.prefix)
      )
        continue;
      if (grant.shared && other.shared) continue;
      problems.push({ path: path(grant), message: overlapping(grant, other) });
    }
  }
  return problems;
}

export function prefixesOverlap(a: string, b: string): boolean {
  return a.startsWith(b) || b.startsWith(a);
}

function overlapping(grant: Grant, other: Grant): string {
  const named = (prefix: string): string => (prefix === '' ? 'the whole store' : `"${prefix}"`);
  const what =
    grant.prefix === other.prefix
      ? `${named(grant.prefix)} is also granted to the producer "${other.producer}"`
      : `${named(grant.prefix)} overlaps with ${named(other.prefix)}, which is granted to the producer "${other.producer}"`;
  return `${what}; give each its own prefixes, or write shared: true in both if they register the same records`;
}
