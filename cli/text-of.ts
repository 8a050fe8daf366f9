import { readFile } from 'node:fs/promises';
import { UsageError } from './usage-error.ts';

/** The text of a file that the user named. */
export async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    throw new UsageError(`${path} could not be read: check the path.`);
  }
}
