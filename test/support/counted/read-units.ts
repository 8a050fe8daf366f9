import type { DynamoCall } from '../../../shared/adapters/dynamodb/dynamo-call.ts';

interface Consumed {
  readonly CapacityUnits: number;
}

const READS: readonly string[] = ['GetItem', 'BatchGetItem', 'Query', 'Scan'];

/**
 * Adds up the read units that the engine says its reads took. It does not know that scans can be consistent and counts
 * them half, so theirs are doubled.
 */
export function readUnitsCall(inner: DynamoCall): { readonly call: DynamoCall; units(): number } {
  let units = 0;
  const call: DynamoCall = async (operation, input) => {
    if (!READS.includes(operation)) return inner(operation, input);
    const answer = await inner(operation, { ...input, ReturnConsumedCapacity: 'TOTAL' });
    const { ConsumedCapacity } = answer.body as {
      readonly ConsumedCapacity?: Consumed | readonly Consumed[];
    };
    if (ConsumedCapacity === undefined) throw new Error(`the engine does not say what ${operation} took`);
    const times = operation === 'Scan' ? 2 : 1;
    for (const consumed of [ConsumedCapacity].flat()) units += times * consumed.CapacityUnits;
    return answer;
  };
  return { call, units: () => units };
}
