import { readFile } from 'node:fs/promises';
import { UsageError } from './usage-error.ts';

/** A file that the caller named. */
export async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    throw new UsageError(`${path} cannot be read: check the path.`);
  }
}
