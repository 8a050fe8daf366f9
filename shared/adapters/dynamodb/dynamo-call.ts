import type { AttributeMap, AttributeValue } from './attribute-values.ts';

/** The operations that the registry uses, with the parts of their inputs and answers that it needs. */
export interface DynamoOperations {
  GetItem: [OneKey & { readonly ConsistentRead: true }, { readonly Item?: AttributeMap }];
  PutItem: [Table & Conditional & { readonly Item: AttributeMap }, object];
  UpdateItem: [
    OneKey & Conditional & { readonly UpdateExpression: string; readonly ReturnValues: 'UPDATED_NEW' },
    { readonly Attributes?: AttributeMap },
  ];
  DeleteItem: [OneKey & Conditional, object];
  Query: [Paged & { readonly KeyConditionExpression: string }, PageAnswer];
  Scan: [Paged & { readonly Segment: number; readonly TotalSegments: number }, PageAnswer];
  BatchGetItem: [
    { readonly RequestItems: Readonly<Record<string, KeysToRead>> },
    {
      readonly Responses?: Readonly<Record<string, readonly AttributeMap[]>>;
      readonly UnprocessedKeys?: Readonly<Record<string, KeysToRead>>;
    },
  ];
  BatchWriteItem: [
    { readonly RequestItems: Readonly<Record<string, readonly WriteRequest[]>> },
    { readonly UnprocessedItems?: Readonly<Record<string, readonly WriteRequest[]>> },
  ];
  BatchExecuteStatement: [
    { readonly Statements: readonly Statement[] },
    { readonly Responses?: readonly { readonly Error?: { readonly Code?: string } }[] },
  ];
}

interface Table {
  readonly TableName: string;
}
interface OneKey extends Table {
  readonly Key: AttributeMap;
}
interface Conditional {
  readonly ConditionExpression?: string;
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>>;
  readonly ExpressionAttributeValues?: AttributeMap;
}
interface Paged extends Table {
  readonly ConsistentRead: true;
  readonly FilterExpression?: string;
  readonly ExpressionAttributeValues?: AttributeMap;
  readonly ExclusiveStartKey?: AttributeMap;
  readonly Limit?: number;
}
interface PageAnswer {
  readonly Items?: readonly AttributeMap[];
  readonly LastEvaluatedKey?: AttributeMap;
}
interface KeysToRead {
  readonly Keys: readonly AttributeMap[];
  readonly ConsistentRead: true;
}
export type WriteRequest =
  | { readonly PutRequest: { readonly Item: AttributeMap } }
  | { readonly DeleteRequest: { readonly Key: AttributeMap } };
export interface Statement {
  readonly Statement: string;
  readonly Parameters: readonly AttributeValue[];
}

export interface DynamoAnswer<Body> {
  readonly body: Body;
  /** An earlier try of this request got no clear answer: it may have been carried out, too. */
  readonly resent: boolean;
}

/** One request to DynamoDB, sent again while it is throttled or its answer is lost. Throws `DynamoRefusal`. */
export type DynamoCall = <Name extends keyof DynamoOperations>(
  operation: Name,
  input: DynamoOperations[Name][0],
) => Promise<DynamoAnswer<DynamoOperations[Name][1]>>;

/** DynamoDB refused the request. `name` is its word for why; its text is left out, because it may quote a value. */
export class DynamoRefusal extends Error {
  readonly status: number;
  /** As in `DynamoAnswer`. */
  readonly resent: boolean;
  constructor(
    name: string,
    { operation, status, resent }: { operation: string; status: number; resent: boolean },
  ) {
    super(`DynamoDB refused ${operation}: ${name} (HTTP ${status})`);
    this.name = name;
    this.status = status;
    this.resent = resent;
  }
}
