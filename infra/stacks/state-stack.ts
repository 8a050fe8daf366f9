import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { DeletionLog } from '../constructs/deletion-log.ts';
import { EventIntake } from '../constructs/event-intake.ts';
import { RegistryTable } from '../constructs/registry-table.ts';
import { TenureKey } from '../constructs/tenure-key.ts';
import { pinned } from '../constructs/pinned.ts';
import type { Deployment } from '../load-deployment.ts';

export interface StateStackProps extends StackProps {
  readonly deployment: Deployment;
}

/** All that something acknowledged lives in or passes through. It stays when everything else is taken down. */
export class StateStack extends Stack {
  readonly key: TenureKey;
  readonly registry: RegistryTable;
  readonly deletionLog: DeletionLog;
  readonly intake: EventIntake;
  /** An identity that the bus trusts, so it lives beside the bus. What it may do is the service stack's to say. */
  readonly apiRole: Role;

  constructor(scope: Construct, id: string, { deployment, ...props }: StateStackProps) {
    super(scope, id, { ...props, terminationProtection: true });
    const { settings, configuration } = deployment;
    this.key = new TenureKey(this, 'Key');
    this.registry = new RegistryTable(this, 'Registry', { key: this.key });
    this.deletionLog = new DeletionLog(this, 'DeletionLog', { key: this.key, lock: settings.deletionLog });
    this.apiRole = pinned(
      new Role(this, 'ApiRole', {
        assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
        description: 'The api of Tenure: the only one that publishes what others have said to it',
      }),
      'ApiRole',
    );
    this.intake = new EventIntake(this, 'Intake', {
      name: settings.name,
      key: this.key,
      configuration,
      apiRole: this.apiRole,
    });
    new CfnOutput(this, 'EventBusName', { value: this.intake.bus.eventBusName });
    new CfnOutput(this, 'RegistryTableName', { value: this.registry.tableName });
    new CfnOutput(this, 'DeletionLogBucket', { value: this.deletionLog.bucket.bucketName });
  }
}
