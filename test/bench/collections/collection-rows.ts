import { measuredApart } from '../own-process.ts';
import type { Row } from '../row.ts';

/** In a process of its own, which has the engines in others. */
export function collectionRows(kind: string, count: number): Promise<readonly Row[]> {
  return measuredApart(new URL('collection-process.ts', import.meta.url), [kind, String(count)]);
}
