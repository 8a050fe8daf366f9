import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleFunctions } from '../../infra/build/bundle-functions.ts';
import { limitOf } from '../../infra/build/bundle-sizes.ts';
import { present } from '../../shared/domain/present.ts';
import type { Row } from './row.ts';

/** Bundles every function into a temporary folder. */
export async function bundleRows(): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'tenure-bundles-'));
  try {
    const bundles = await bundleFunctions(folder);
    return bundles.map(({ name, bytes }) => {
      const bound = limitOf(name);
      const limit = bound === undefined ? undefined : bound / 1000;
      return { what: `bundle ${name}, minified: kB`, measured: bytes / 1000, ...present({ limit }) };
    });
  } finally {
    await rm(folder, { recursive: true });
  }
}
