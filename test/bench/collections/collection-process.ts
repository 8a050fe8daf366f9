import { collectionBesideBare } from './collection-beside-bare.ts';
import { BARE_COLLECTIONS } from './bare-collections.ts';

/**
 * One collection alone:
 *
 *     npx node test/bench/collections/collection-process.ts s3 100000
 */
const [wanted = 'postgresql', count = '100000'] = process.argv.slice(2);
const found = Object.entries(BARE_COLLECTIONS).find(([kind]) => kind === wanted);
if (found === undefined) throw new Error(`There is no kind of store called ${wanted}.`);
for (const { what, measured } of await collectionBesideBare(found[1], Number(count)))
  console.log(`${what}: ${measured.toFixed(3)}`);
