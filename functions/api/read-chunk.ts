import { entriesOf } from '../../shared/domain/plan/chunk-lines.ts';
import type { Entry } from '../../shared/domain/plan/entry.ts';
import { objectKey } from '../../shared/protocol/chunk-key.ts';
import type { ApiPorts } from './api-ports.ts';

/** The chunk's entries; empty when the chunk is void or not written yet. */
export async function readChunk(
  { bucket }: Pick<ApiPorts, 'bucket'>,
  chunk: string,
): Promise<readonly Entry[]> {
  const bytes = await bucket.get(objectKey(chunk));
  return bytes === undefined ? [] : entriesOf(bytes);
}
