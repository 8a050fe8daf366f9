/**
 * What a key is for. `registry`: keyed references. `log`: references in the deletion log, and what
 * leads to its entries, one key per year.
 * `pseudonym`: masks, one key per store. `seal`: locators (a store's name), quarantined bodies (`quarantine`) and pages
 * (`cursor`).
 */
export const KEY_FAMILIES = ['registry', 'log', 'pseudonym', 'seal'] as const;
export type KeyFamily = (typeof KEY_FAMILIES)[number];

/** One data key. Permissions depend on family and scope only; `day` (YYYY-MM-DD) limits how much one key protects. */
export interface KeyName {
  readonly family: KeyFamily;
  readonly scope: string;
  readonly day?: string;
}

/** Bound to every wrapped key: roles are confined to families and scopes by conditions on it. */
export function keyContext({ family, scope }: KeyName): {
  readonly tenure: KeyFamily;
  readonly scope: string;
} {
  return { tenure: family, scope };
}

/** `log/2026`, `seal/crm/2026-03-01`. */
export function keyPath({ family, scope, day }: KeyName): string {
  return [family, scope, ...(day === undefined ? [] : [day])].join('/');
}
