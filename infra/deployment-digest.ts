import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Configuration } from '../shared/domain/configuration/configuration.ts';
import { configurationText } from './constructs/function-code.ts';

/** Changes with the configuration and with the code of any function. */
export function deploymentDigest(configuration: Configuration, bundles: string): string {
  const hash = createHash('sha256').update(configurationText(configuration));
  for (const bundle of readdirSync(bundles).toSorted()) {
    hash.update(bundle).update(readFileSync(join(bundles, bundle, 'index.mjs')));
  }
  return hash.digest('hex').slice(0, 32);
}
