import { DynamoOptions } from './dynamodb-options.ts';
import type { StoreKind } from '../store-kind.ts';

/** Items of one DynamoDB table, found by their full primary key: partition key, then sort key if the table has one. */
export const dynamodb: StoreKind<DynamoOptions> = {
  kind: 'dynamodb',
  options: DynamoOptions,
  keyProblem: ({ length }) =>
    length > 2
      ? `a table's key has one or two columns, not ${length}; declare its partition key and, if it has one, its sort key`
      : undefined,
  capabilities: {
    versions: ({ versionAttribute }) => versionAttribute !== undefined,
    tellsAbsence: ({ versionAttribute }) => versionAttribute !== undefined,
    verbs: ['delete', 'anonymise'],
    nestedMasks: true,
  },
  driver: { packages: ['@aws-sdk/client-dynamodb'], leftOut: [] },
  login: 'role',
  loginProblem: () => undefined,
  permissions: {
    look: ['dynamodb:BatchGetItem'],
    delete: ['dynamodb:BatchWriteItem', 'dynamodb:DeleteItem', 'dynamodb:BatchGetItem'],
    anonymise: ['dynamodb:BatchGetItem', 'dynamodb:UpdateItem'],
    readBack: ['dynamodb:BatchGetItem'],
  },
  resources: ({ table }, { partition, region, account }) => [
    `arn:${partition}:dynamodb:${region}:${account}:table/${table}`,
  ],
  async open(parsed, tools) {
    const { openDynamoStore } = await import('./dynamodb-store.ts');
    return openDynamoStore(parsed, tools);
  },
};
