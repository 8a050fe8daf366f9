import { collectionBesideBare } from './collection-beside-bare.ts';
import { BARE_COLLECTIONS } from './bare-collections.ts';
import { engineApart } from '../own-process.ts';

/**
 * One collection alone, with each engine in a process of its own:
 *
 *     npx node test/bench/collections/collection-process.ts s3 100000
 */
const [wanted = 'postgresql', count = '100000'] = process.argv.slice(2);
const found = Object.entries(BARE_COLLECTIONS).find(([kind]) => kind === wanted);
if (found === undefined) throw new Error(`There is no kind of store called ${wanted}.`);
const [registry, objects] = [await engineApart('items'), await engineApart('objects')];
process.env['TENURE_DYNAMODB_ENDPOINT'] = registry.endpoint;
process.env['TENURE_S3_ENDPOINT'] = objects.endpoint;
const rows = await collectionBesideBare(found[1], Number(count));
if (process.send !== undefined) process.send(rows);
else for (const { what, measured } of rows) console.log(`${what}: ${measured.toFixed(3)}`);
registry.stop();
objects.stop();
process.disconnect?.();
