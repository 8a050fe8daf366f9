import { pages } from '../../shared/domain/each.ts';
import type { ApiPorts } from './api-ports.ts';

/** Records that wait in the lane's chunks because their rule is stopped, by the rule's key, as the last attempts found. */
export async function waitingIn({ registry }: ApiPorts, lane: string): Promise<ReadonlyMap<string, number>> {
  const waiting = new Map<string, number>();
  for await (const { items } of pages((after) => registry.chunks(lane, after)))
    for (const { code, rule, count } of items.flatMap(({ waits = [] }) => waits))
      if (code === 'RULE_STOPPED' && rule !== undefined) waiting.set(rule, (waiting.get(rule) ?? 0) + count);
  return waiting;
}
