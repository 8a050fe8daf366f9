import { demoDeployment } from '../support/deployment.ts';
import { countedLimits, exceeded } from './counted-limits.ts';

const limits = await countedLimits(await demoDeployment());
for (const limit of limits) {
  console.log(`${limit.what}: ${limit.measured} (limit ${limit.limit})${exceeded(limit) ? ' EXCEEDED' : ''}`);
}
process.exitCode = limits.some(exceeded) ? 1 : 0;
