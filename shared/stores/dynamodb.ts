import * as z from 'zod';
import type { StoreKind } from './store-kind.ts';

const options = z.strictObject({
  table: z.string().min(3).max(255),
  /**
   * Attribute that the application changes with every write, of type number, string or binary. With it, a record that
   * was rewritten since the decision is `changed`; without it, deletes are unconditional and travel 25 at a time.
   */
  versionAttribute: z.string().min(1).max(255).optional(),
});
export type DynamoOptions = z.infer<typeof options>;

/** Items of one DynamoDB table, found by their full primary key: partition key, then sort key if the table has one. */
export const dynamodb: StoreKind<DynamoOptions> = {
  kind: 'dynamodb',
  options,
  capabilities: {
    versions: ({ versionAttribute }) => versionAttribute !== undefined,
    tellsAbsence: ({ versionAttribute }) => versionAttribute !== undefined,
    verbs: ['delete', 'anonymise'],
  },
  permissions: {
    look: ['dynamodb:BatchGetItem'],
    delete: ['dynamodb:BatchWriteItem', 'dynamodb:DeleteItem', 'dynamodb:BatchGetItem'],
    anonymise: ['dynamodb:BatchGetItem', 'dynamodb:UpdateItem'],
    readBack: ['dynamodb:BatchGetItem'],
  },
  async open(parsed, tools) {
    const { openDynamoStore } = await import('./dynamodb-store.ts');
    return openDynamoStore(parsed, tools);
  },
};
