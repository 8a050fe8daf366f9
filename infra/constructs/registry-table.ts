import { AttributeType, Billing, TableEncryptionV2, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { type IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { byStatement, keyItems, type RegistryAccess } from '../registry-access.ts';
import { RECOVERY_DAYS, TIME_TO_LIVE } from './adopted-table.ts';
import { pinned } from './pinned.ts';
import type { TenureKey } from './tenure-key.ts';

export interface RegistryTableProps {
  readonly key: TenureKey;
  /** The table that was restored, and is used instead of the deployment's own. That one is kept. */
  readonly adopted?: string;
}

/** The registry: one table, no index. Point-in-time recovery covers the same period as the archive of the bus. */
export class RegistryTable extends Construct {
  readonly tableName: string;
  readonly tableArn: string;
  readonly isAdopted: boolean;
  readonly #key: TenureKey;

  constructor(scope: Construct, id: string, { key, adopted }: RegistryTableProps) {
    super(scope, id);
    const table = pinned(
      new TableV2(this, 'Table', {
        partitionKey: { name: 'PK', type: AttributeType.STRING },
        sortKey: { name: 'SK', type: AttributeType.STRING },
        timeToLiveAttribute: TIME_TO_LIVE,
        billing: Billing.onDemand(),
        encryption: TableEncryptionV2.customerManagedKey(key.key),
        pointInTimeRecoverySpecification: {
          pointInTimeRecoveryEnabled: true,
          recoveryPeriodInDays: RECOVERY_DAYS,
        },
        deletionProtection: true,
      }),
      'Registry',
    );
    this.isAdopted = adopted !== undefined;
    this.tableName = adopted ?? table.tableName;
    this.tableArn = table.tableArn;
    if (adopted !== undefined) {
      const resourceName = adopted;
      this.tableArn = Stack.of(this).formatArn({ service: 'dynamodb', resource: 'table', resourceName });
    }
    this.#key = key;
  }

  /** For every function that works on it. */
  get variables(): { readonly TABLE_NAME: string; readonly TABLE_ADOPTED: 'yes' | 'no' } {
    return { TABLE_NAME: this.tableName, TABLE_ADOPTED: this.isAdopted ? 'yes' : 'no' };
  }

  /**
   * Grants what a function does in the table, partition by partition, and the data keys that lie in it. A request that
   * names several partition keys needs every one of them. `ForAllValues` alone would also allow a request that names
   * none, so `Null` refuses that; only a scan names none, and it is granted by itself.
   * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
   */
  grant(grantee: IGrantable, { items, scans, dataKeys }: RegistryAccess): void {
    const policy = grantee.grantPrincipal;
    for (const { actions, partitions } of [...items, ...keyItems(dataKeys)]) {
      policy.addToPrincipalPolicy(
        new PolicyStatement({
          actions: actions.map((action) => `dynamodb:${action}`),
          resources: [this.tableArn],
          conditions: {
            'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [...partitions] },
            Null: { 'dynamodb:LeadingKeys': 'false' },
          },
        }),
      );
    }
    if (scans)
      policy.addToPrincipalPolicy(
        new PolicyStatement({ actions: ['dynamodb:Scan'], resources: [this.tableArn] }),
      );
    for (const grant of dataKeys.flatMap(byStatement)) this.#key.grantDataKeys(grantee, grant);
    this.#key.grantThrough(grantee, 'dynamodb');
  }
}
