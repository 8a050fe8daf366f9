/** Placeholder shape until the rule language lands: see parse.ts. */
export interface Rule {
  readonly kind: 'rule';
}
