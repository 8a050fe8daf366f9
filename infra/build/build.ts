import { execFileSync } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleFunctions } from './bundle-functions.ts';
import { printSizes } from './bundle-sizes.ts';
import { billOfMaterials, notices, thirdParty } from './third-party.ts';

/**
 * `npm run build`: compiled JavaScript, types and function bundles in dist/, the content of the package, with its bill of
 * materials and the notices of what the bundles contain.
 */
const root = fileURLToPath(new URL('../../', import.meta.url));
const dist = join(root, 'dist');

await rm(dist, { recursive: true, force: true });
execFileSync(join(root, 'node_modules/.bin/tsc'), ['-p', 'tsconfig.build.json'], {
  cwd: root,
  stdio: 'inherit',
});
const bundles = await bundleFunctions(join(dist, 'bundles'));
const shipped = thirdParty(root, bundles);
await writeFile(join(dist, 'sbom.cdx.json'), billOfMaterials(root, shipped));
await writeFile(join(dist, 'THIRD-PARTY-NOTICES.txt'), notices(root, shipped));
console.log(printSizes(bundles));
console.log(
  `third-party packages: ${shipped.length}, of which ${shipped.filter(({ bundled }) => bundled).length} are in bundles`,
);
