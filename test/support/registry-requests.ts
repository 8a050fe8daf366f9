import { parseStatement } from '../../local/engines/statements.ts';
import type { AttributeMap } from '../../shared/adapters/dynamodb/attribute-values.ts';
import type { DynamoOperations } from '../../shared/adapters/dynamodb/dynamo-call.ts';

/** A request as IAM judges it: one for each statement of a batch of statements, one for everything else. */
export interface JudgedRequest {
  /** Such as `PutItem` or `PartiQLInsert`. */
  readonly action: string;
  /** The partition keys that it names. */
  readonly partitions: readonly string[];
}

type Input<Name extends keyof DynamoOperations> = DynamoOperations[Name][0];

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_dynamodb.html */
export function judgedRequests(operation: keyof DynamoOperations, input: unknown): readonly JudgedRequest[] {
  const one = (...partitions: readonly string[]): JudgedRequest[] => [{ action: operation, partitions }];
  switch (operation) {
    case 'GetItem':
    case 'UpdateItem':
    case 'DeleteItem':
      return one(partitionOf((input as Input<'GetItem'>).Key));
    case 'PutItem':
      return one(partitionOf((input as Input<'PutItem'>).Item));
    case 'Query':
      return one(textOf((input as Input<'Query'>).ExpressionAttributeValues?.[':partition']));
    case 'BatchGetItem': {
      const { RequestItems } = input as Input<'BatchGetItem'>;
      return one(...Object.values(RequestItems).flatMap(({ Keys }) => Keys.map(partitionOf)));
    }
    case 'BatchWriteItem': {
      const all = Object.values((input as Input<'BatchWriteItem'>).RequestItems).flat();
      return one(
        ...all.map((each) =>
          partitionOf('PutRequest' in each ? each.PutRequest.Item : each.DeleteRequest.Key),
        ),
      );
    }
    case 'BatchExecuteStatement':
      return (input as Input<'BatchExecuteStatement'>).Statements.map(({ Statement, Parameters }) => {
        const { operation: same, input: meant } = parseStatement(Statement, Parameters);
        return same === 'PutItem'
          ? { action: 'PartiQLInsert', partitions: [partitionOf(meant['Item'] as AttributeMap)] }
          : { action: 'PartiQLUpdate', partitions: [partitionOf(meant['Key'] as AttributeMap)] };
      });
    case 'Scan':
      return one();
  }
}

function partitionOf(attributes: AttributeMap): string {
  return textOf(attributes['PK']);
}

function textOf(value: AttributeMap[string] | undefined): string {
  if (value === undefined || !('S' in value)) throw new TypeError('a request names no partition key');
  return value.S;
}
