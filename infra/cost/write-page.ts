import { writeFileSync } from 'node:fs';
import { costPage } from './cost-page.ts';
import { readPrices } from './prices.ts';

/** `npm run cost` */
writeFileSync(new URL('../../docs/cost.md', import.meta.url), costPage(readPrices()));
