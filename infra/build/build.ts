import { execFileSync } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleFunctions } from './bundle-functions.ts';
import { printSizes } from './bundle-sizes.ts';

/** `npm run build`: compiled JavaScript, types and function bundles in dist/, the content of the package. */
const root = fileURLToPath(new URL('../../', import.meta.url));
const dist = join(root, 'dist');

await rm(dist, { recursive: true, force: true });
execFileSync(join(root, 'node_modules/.bin/tsc'), ['-p', 'tsconfig.build.json'], {
  cwd: root,
  stdio: 'inherit',
});
const bundles = await bundleFunctions(join(dist, 'bundles'));
console.log(printSizes(bundles));
