import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleFunctions, type Bundle } from '../../infra/build/bundle-functions.ts';

/** Bundles every function into a folder of its own and answers their sizes; the folder is removed again. */
export async function bundleReport(): Promise<readonly Bundle[]> {
  const folder = await mkdtemp(join(tmpdir(), 'tenure-bundles-'));
  try {
    return await bundleFunctions(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}
