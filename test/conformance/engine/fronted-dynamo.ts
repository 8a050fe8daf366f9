import { afterAll, beforeEach } from 'vitest';
import { type DynamoBench, dynamoBench } from '../store/store-dynamodb-bench.ts';
import { type DynamoFront, dynamoFront } from './dynamodb-front.ts';

interface Asked {
  readonly operation: string;
  readonly body: Record<string, unknown>;
}

/** A DynamoDB for the tests of one file, seen through a front. `seen`: what the test has asked so far. */
export async function frontedDynamo(): Promise<{
  readonly bench: DynamoBench;
  readonly front: DynamoFront;
  readonly seen: Asked[];
}> {
  const bench = await dynamoBench();
  const front = await dynamoFront(bench.endpoint);
  const seen: Asked[] = [];
  afterAll(async () => {
    front.stop();
    await bench.stop();
  });
  beforeEach(() => {
    seen.length = 0;
    front.intercept = (operation, body) => void seen.push({ operation, body });
  });
  return { bench, front, seen };
}
