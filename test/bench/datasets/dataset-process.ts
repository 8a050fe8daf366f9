import { datasetRows } from './dataset-rows.ts';

/**
 * Datasets alone:
 *
 *     TENURE_ROWS=100000 npx node test/bench/datasets/dataset-process.ts
 */
for await (const { what, measured } of datasetRows()) console.log(`${what}: ${measured.toFixed(3)}`);
