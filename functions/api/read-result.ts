import type { Entry } from '../../shared/domain/record/entry.ts';
import { VOID } from '../../shared/domain/record/work.ts';
import type { ApiPorts } from './api-ports.ts';

/** The entries of an attempt's result; empty when it is void or missing. */
export async function readResult(
  { registry }: Pick<ApiPorts, 'registry'>,
  token: string,
): Promise<readonly Entry[]> {
  const result = (await registry.results([token])).get(token);
  return result === undefined || result === VOID ? [] : result.entries;
}
