import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleFunctions, type BundleSize } from '../../infra/build/bundle-functions.ts';

/** Bundles every function into a temporary folder and returns their sizes. */
export async function bundleReport(): Promise<readonly BundleSize[]> {
  const folder = await mkdtemp(join(tmpdir(), 'tenure-bundles-'));
  try {
    const bundles = await bundleFunctions(folder);
    return bundles.map(({ name, bytes }) => ({ name, bytes }));
  } finally {
    await rm(folder, { recursive: true });
  }
}
