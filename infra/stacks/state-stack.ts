import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import { ManagedPolicy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { AccessPolicies } from '../constructs/access-policies.ts';
import { DeletionLog } from '../constructs/deletion-log.ts';
import { EventIntake } from '../constructs/event-intake.ts';
import { HttpAddress } from '../constructs/http-address.ts';
import { RegistryTable } from '../constructs/registry-table.ts';
import { TenureKey } from '../constructs/tenure-key.ts';
import { pinned } from '../constructs/pinned.ts';
import type { Deployment } from '../load-deployment.ts';

export interface StateStackProps extends StackProps {
  readonly deployment: Deployment;
}

/**
 * All that something acknowledged lives in or passes through, and what others know Tenure by: the bus, the API's address,
 * policies. It stays when everything else is taken down.
 */
export class StateStack extends Stack {
  readonly key: TenureKey;
  readonly registry: RegistryTable;
  readonly deletionLog: DeletionLog;
  readonly intake: EventIntake;
  /** An identity that the bus trusts, so it lives beside the bus. What it may do is the service stack's to say. */
  readonly apiRole: Role;
  readonly http: HttpAddress;
  /** For auditors who have a token instead of IAM credentials. */
  readonly auditorHttp: HttpAddress | undefined;

  constructor(scope: Construct, id: string, { deployment, ...props }: StateStackProps) {
    super(scope, id, { ...props, terminationProtection: true });
    const { settings, configuration } = deployment;
    this.key = new TenureKey(this, 'Key');
    this.registry = new RegistryTable(this, 'Registry', { key: this.key });
    this.deletionLog = new DeletionLog(this, 'DeletionLog', { key: this.key, lock: settings.deletionLog });
    this.apiRole = pinned(
      new Role(this, 'ApiRole', {
        assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
        description: 'The API of Tenure: the only role that publishes for producers and operators',
      }),
      'ApiRole',
    );
    this.intake = new EventIntake(this, 'Intake', {
      name: settings.name,
      key: this.key,
      configuration,
      apiRole: this.apiRole,
    });
    this.http = new HttpAddress(this, 'Http', {
      name: settings.name,
      description: 'Tenure, for signed requests',
      logicalId: 'HttpApi',
    });
    if (settings.auditorSignIn !== undefined) {
      this.auditorHttp = new HttpAddress(this, 'AuditorHttp', {
        name: `${settings.name}-auditors`,
        description: 'Tenure, for auditors who signed in',
        logicalId: 'AuditorHttpApi',
        role: 'auditor',
      });
    }
    // What applications and people hold is here: CloudFormation deletes no policy that somebody has, and while the
    // service is down or deployed anew, applications go on sending to the bus.
    const access = new AccessPolicies(this, 'Access', { api: this.http });
    const sender = pinned(
      new ManagedPolicy(this, 'Sender', { description: 'May put lifecycle events on the bus of Tenure' }),
      'SenderPolicy',
    );
    this.intake.grantPublish(sender);
    this.#tell('ApiUrl', this.http.url);
    if (this.auditorHttp !== undefined) this.#tell('AuditorApiUrl', this.auditorHttp.url);
    this.#tell('ProducerPolicyArn', access.producer.managedPolicyArn);
    this.#tell('OperatorPolicyArn', access.operator.managedPolicyArn);
    this.#tell('AuditorPolicyArn', access.auditor.managedPolicyArn);
    this.#tell('SenderPolicyArn', sender.managedPolicyArn);
    this.#tell('EventBusName', this.intake.bus.eventBusName);
    this.#tell('RegistryTableName', this.registry.tableName);
    this.#tell('DeletionLogBucket', this.deletionLog.bucket.bucketName);
  }

  #tell(name: string, value: string): void {
    new CfnOutput(this, name, { value });
  }
}
