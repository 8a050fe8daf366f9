import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { AwsCustomResource, type AwsSdkCall, PhysicalResourceId } from 'aws-cdk-lib/custom-resources';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct, type IConstruct } from 'constructs';
import type { TenureKey } from './tenure-key.ts';

/** The same as the table that a deployment creates. */
export const RECOVERY_DAYS = 35;
export const TIME_TO_LIVE = 'ttl';

export interface AdoptedTableProps {
  readonly settings: { readonly key: TenureKey; readonly logRetention: number };
  readonly tableName: string;
  readonly tableArn: string;
}

/**
 * A restored table has its data and its key, but not these settings of the table that it was restored from: time to
 * live, point-in-time recovery, deletion protection.
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_RestoreTableToPointInTime.html
 * Each deployment that adopts another table sets them, one after the other. Removing the stack changes nothing.
 */
export class AdoptedTable extends Construct {
  constructor(scope: Construct, id: string, { settings, tableName, tableArn }: AdoptedTableProps) {
    super(scope, id);
    const logGroup = new LogGroup(this, 'Log', {
      retention: settings.logRetention,
      encryptionKey: settings.key.key,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: 'Protects the table that the registry was restored into',
      inlinePolicies: {
        adoption: new PolicyDocument({
          statements: [
            new PolicyStatement({
              actions: [
                'dynamodb:UpdateContinuousBackups',
                'dynamodb:UpdateTable',
                'dynamodb:UpdateTimeToLive',
              ],
              resources: [tableArn],
            }),
            new PolicyStatement({
              actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
              resources: [logGroup.logGroupArn],
            }),
          ],
        }),
      },
    });
    const call = (action: string, parameters: object, ignored?: string): AwsSdkCall => ({
      service: '@aws-sdk/client-dynamodb',
      action,
      parameters: { TableName: tableName, ...parameters },
      physicalResourceId: PhysicalResourceId.of(`${tableName}/${action}`),
      ...(ignored !== undefined && { ignoreErrorCodesMatching: ignored }),
    });
    const calls = [
      call('UpdateTableCommand', { DeletionProtectionEnabled: true }),
      call('UpdateContinuousBackupsCommand', {
        PointInTimeRecoverySpecification: {
          PointInTimeRecoveryEnabled: true,
          RecoveryPeriodInDays: RECOVERY_DAYS,
        },
      }),
      // Refused where it is on already: a deployment that is repeated goes on.
      call(
        'UpdateTimeToLiveCommand',
        { TimeToLiveSpecification: { AttributeName: TIME_TO_LIVE, Enabled: true } },
        'ValidationException',
      ),
    ];
    let before: IConstruct | undefined;
    for (const onUpdate of calls) {
      const set = new AwsCustomResource(this, onUpdate.action.replace('Command', ''), {
        resourceType: 'Custom::TenureAdoption',
        onUpdate,
        role,
        logGroup,
        timeout: Duration.minutes(2),
        memorySize: 256,
        installLatestAwsSdk: false,
      });
      // DynamoDB changes one thing of a table at a time. Only the resource waits: the function is the same for all.
      const resource = set.node.findChild('Resource');
      if (before !== undefined) resource.node.addDependency(before);
      before = resource;
    }
  }
}
