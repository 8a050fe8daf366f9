import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleFunctions } from '../../infra/build/bundle-functions.ts';
import { printSizes, tooLarge } from '../../infra/build/bundle-sizes.ts';
import { demoDeployment } from '../support/deployment.ts';
import { countedLimits, exceeded } from './counted-limits.ts';

const limits = await countedLimits(await demoDeployment());
for (const limit of limits) {
  console.log(`${limit.what}: ${limit.measured} (limit ${limit.limit})${exceeded(limit) ? ' EXCEEDED' : ''}`);
}

const folder = await mkdtemp(join(tmpdir(), 'tenure-bundles-'));
try {
  const bundles = await bundleFunctions(folder);
  console.log(`\nFunction bundles, minified:\n${printSizes(bundles)}`);
  process.exitCode = limits.some(exceeded) || bundles.some(tooLarge) ? 1 : 0;
} finally {
  await rm(folder, { recursive: true });
}
