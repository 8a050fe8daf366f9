import { createHash } from 'node:crypto';
import { canonicalJson } from '../canonical-json.ts';
import { own } from '../own.ts';
import type { StoreConfiguration } from './configuration.ts';

/** Options of any kind that say where a store is; the others say how to treat its records. */
const PLACE = ['host', 'port', 'database', 'schema', 'table', 'bucket'];

/** Where a store is, whatever it is called. Nothing for a kind without such options. */
export function placeOf({
  kind,
  region,
  options,
}: Pick<StoreConfiguration, 'kind' | 'region' | 'options'>): string | undefined {
  const at = PLACE.map((option) => own(options, option) ?? null);
  return at.every((value) => value === null) ? undefined : canonicalJson({ kind, region, at });
}

/**
 * The parameter in AWS Systems Manager that says to which deployment of an account and region a place belongs. Names of
 * parameters are unique, so of two deployments that name the same place only one can be deployed.
 */
export function claimOf(place: string): string {
  return `/tenure/stores/${createHash('sha256').update(place).digest('base64url').slice(0, 22)}`;
}
