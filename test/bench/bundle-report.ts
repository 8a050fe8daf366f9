import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleFunctions, type BundleSize } from '../../infra/build/bundle-functions.ts';

/** Bundles every function into a folder of its own and answers their sizes; the folder is removed again. */
export async function bundleReport(): Promise<readonly BundleSize[]> {
  const folder = await mkdtemp(join(tmpdir(), 'tenure-bundles-'));
  try {
    const bundles = await bundleFunctions(folder);
    return bundles.map(({ name, bytes }) => ({ name, bytes }));
  } finally {
    await rm(folder, { recursive: true });
  }
}
