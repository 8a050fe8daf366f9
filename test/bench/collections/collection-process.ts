import { collectionBesideBare } from './collection-beside-bare.ts';
import { BARE_COLLECTIONS } from './bare-collections.ts';
import { engineApart } from '../own-process.ts';
import { LANE_CORE, pin, STORE_CORE } from '../pinned.ts';

/**
 * One collection alone, with each engine in a process of its own. That of S3 has a processor of its own, too, where there is
 * `taskset`: the lane, the bare calls and the registry's engine share the other one.
 *
 *     npx node test/bench/collections/collection-process.ts s3 100000
 */
const [wanted = 'postgresql', count = '100000'] = process.argv.slice(2);
const found = Object.entries(BARE_COLLECTIONS).find(([kind]) => kind === wanted);
if (found === undefined) throw new Error(`There is no kind of store called ${wanted}.`);
const [registry, objects] = [await engineApart('items'), await engineApart('objects')];
// What the limits are about is what the store feels: in production, the lane is another machine.
if (wanted === 's3' && pin(STORE_CORE, objects.pid)) {
  pin(LANE_CORE, registry.pid);
  pin(LANE_CORE);
}
process.env['TENURE_DYNAMODB_ENDPOINT'] = registry.endpoint;
process.env['TENURE_S3_ENDPOINT'] = objects.endpoint;
const rows = await collectionBesideBare(found[1], Number(count));
if (process.send !== undefined) process.send(rows);
else for (const { what, measured } of rows) console.log(`${what}: ${measured.toFixed(3)}`);
registry.stop();
objects.stop();
process.disconnect?.();
