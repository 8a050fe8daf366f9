/** What becomes of one field when a record is anonymised. */
export type Mask =
  | { readonly kind: 'null' }
  | { readonly kind: 'constant'; readonly value: string | number | boolean }
  | { readonly kind: 'pseudonym' }
  | { readonly kind: 'truncate-date'; readonly to: 'year' | 'month' | 'day' };

/** Top-level field (column, attribute) to mask. */
export type Masks = Readonly<Record<string, Mask>>;
