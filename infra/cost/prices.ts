import { readFileSync } from 'node:fs';
import * as z from 'zod';

const Price = z.strictObject({
  price: z.number().positive(),
  per: z.int().positive(),
  source: z.url(),
  /** `false`: not yet looked up at the source. */
  checked: z.boolean().default(true),
});

const PriceList = z.strictObject({
  region: z.string(),
  asOf: z.iso.date(),
  currency: z.literal('USD'),
  prices: z.record(z.string(), Price),
});
export type PriceList = z.output<typeof PriceList>;

/** The price list is data: change it, then run `npm run cost` to update the page. */
export function readPrices(): PriceList {
  return PriceList.parse(JSON.parse(readFileSync(new URL('prices.json', import.meta.url), 'utf8')));
}
