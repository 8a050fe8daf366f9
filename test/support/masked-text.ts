import { expect } from 'vitest';
import type { Masks } from '../../shared/domain/record/masks.ts';
import type { Masker } from '../../shared/stores/s3/s3-masker.ts';

export const KEY = new Uint8Array(32).fill(9);
export const MASKS: Masks = {
  mail: { kind: 'null' },
  score: { kind: 'constant', value: 0 },
  born: { kind: 'truncate-date', to: 'year' },
};

export type Make = (masks: Masks, key: Uint8Array) => Masker;

export function masked(make: Make, text: string, masks: Masks = MASKS, size = text.length): string {
  const masker = make(masks, KEY);
  let out = '';
  for (let at = 0; at < text.length; at += Math.max(size, 1))
    out += masker.write(text.slice(at, at + Math.max(size, 1)));
  return out + masker.end();
}

export function isUntouched(make: Make, text: string, masks: Masks = MASKS): boolean {
  const masker = make(masks, KEY);
  const out = masker.write(text) + masker.end();
  expect(out).toBe(text);
  return !masker.isChanged();
}

/** The same masks for records that may lack the fields. */
export const OPTIONAL: Masks = Object.fromEntries(
  Object.entries(MASKS).map(([field, mask]) => [field, { ...mask, ifPresent: true }]),
);

export const MAIL: Masks = { mail: { kind: 'null' } };
export const CLEAR = { kind: 'null' } as const;
