import { AttributeType, Billing, TableEncryptionV2, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { type IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { pinned } from './pinned.ts';
import type { TenureKey } from './tenure-key.ts';

const READ = ['GetItem', 'BatchGetItem', 'Query'] as const;
/** Conditional statements travel in batches as PartiQL, which IAM judges by actions of their own. */
const WRITE = [
  'PutItem',
  'UpdateItem',
  'DeleteItem',
  'BatchWriteItem',
  'PartiQLInsert',
  'PartiQLUpdate',
] as const;

/** What each function does to items. Only scans of the sweep read the table as a whole; nobody here deletes a table. */
const ACTIONS = {
  ingest: [...READ, ...WRITE],
  api: [...READ, 'PutItem', 'UpdateItem', 'DeleteItem'],
  sweep: [...READ, ...WRITE, 'Scan'],
  dispose: [...READ, ...WRITE],
  seal: [...READ, ...WRITE],
} as const;

/** The registry: one table, no index. Point-in-time recovery covers the same period as the archive of the bus. */
export class RegistryTable extends Construct {
  readonly tableName: string;
  readonly tableArn: string;
  readonly #key: TenureKey;

  constructor(scope: Construct, id: string, { key }: { readonly key: TenureKey }) {
    super(scope, id);
    const table = pinned(
      new TableV2(this, 'Table', {
        partitionKey: { name: 'PK', type: AttributeType.STRING },
        sortKey: { name: 'SK', type: AttributeType.STRING },
        timeToLiveAttribute: 'ttl',
        billing: Billing.onDemand(),
        encryption: TableEncryptionV2.customerManagedKey(key.key),
        pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true, recoveryPeriodInDays: 35 },
        deletionProtection: true,
      }),
      'Registry',
    );
    this.tableName = table.tableName;
    this.tableArn = table.tableArn;
    this.#key = key;
  }

  grant(verb: keyof typeof ACTIONS, grantee: IGrantable): void {
    grantee.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ACTIONS[verb].map((action) => `dynamodb:${action}`),
        resources: [this.tableArn],
      }),
    );
    this.#key.grantThrough(grantee, 'dynamodb');
  }
}
