import { Annotations, CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import { ManagedPolicy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnBucketPolicy } from 'aws-cdk-lib/aws-s3';
import { CfnQueuePolicy } from 'aws-cdk-lib/aws-sqs';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { AccessPolicies } from '../constructs/access/access-policies.ts';
import { present } from '../../shared/domain/present.ts';
import { AdoptedTable } from '../constructs/adopted-table.ts';
import { DeletionLog } from '../constructs/buckets/deletion-log.ts';
import { Exports } from '../constructs/buckets/exports.ts';
import { EventIntake } from '../constructs/event-intake.ts';
import { ForeignAccess } from '../constructs/access/foreign-access.ts';
import { HttpAddress } from '../constructs/http-address.ts';
import { RegistryTable } from '../constructs/registry-table.ts';
import { TenureKey } from '../constructs/tenure-key.ts';
import { pinned, retained } from '../constructs/pinned.ts';
import { KeyRecord } from '../constructs/signing/key-record.ts';
import { SigningKey } from '../constructs/signing/signing-key.ts';
import { StoreClaims } from '../constructs/store-claims.ts';
import { originOf } from '../deployment-schema.ts';
import type { Deployment } from '../load-deployment.ts';

export interface StateStackProps extends StackProps {
  readonly deployment: Deployment;
}

/**
 * Everything that stores or carries acknowledged data, and everything that others refer to: the bus, the API's address,
 * policies. It stays when everything else is removed.
 */
export class StateStack extends Stack {
  readonly key: TenureKey;
  readonly registry: RegistryTable;
  readonly deletionLog: DeletionLog;
  readonly signingKey: SigningKey;
  /** The keys that sign the log from a day on. */
  readonly laterKeys: readonly { readonly key: SigningKey; readonly from: string }[];
  readonly keyRecord: KeyRecord;
  readonly exports: Exports;
  readonly intake: EventIntake;
  /** The bus trusts this role, so it is in the same stack as the bus. The service stack grants its permissions. */
  readonly apiRole: Role;
  /** The bus takes heartbeats only from this role. */
  readonly sweepRole: Role;
  /** The key of the deletion log signs only for this role. */
  readonly sealRole: Role;
  readonly http: HttpAddress;
  /** For auditors with a token instead of IAM credentials. */
  readonly auditorHttp: HttpAddress | undefined;

  constructor(scope: Construct, id: string, { deployment, ...props }: StateStackProps) {
    super(scope, id, { ...props, terminationProtection: true });
    const { settings, configuration } = deployment;
    for (const { policy, regions, reason = '', exports } of deployment.outsideRegions)
      Annotations.of(this).addInfoV2(
        `tenure:region-${policy}`,
        `${settings.region} is not one of the regions that the policy "${policy}" allows (${regions.join(', ')}). The bus, its archive, the registry and the quarantine hold ids there. ${exports === true ? 'Copies for people are made there, with the records of this policy' : 'Its records are left out of copies for people'}. Acknowledged in retention.config.ts: ${reason}`,
      );
    new StoreClaims(this, 'Claims', { name: settings.name, stores: configuration.stores });
    this.key = new TenureKey(this, 'Key', { busName: settings.name });
    this.registry = new RegistryTable(this, 'Registry', {
      key: this.key,
      ...present({ adopted: settings.registry?.adopt }),
    });
    if (this.registry.isAdopted) {
      const { tableName, tableArn } = this.registry;
      const logRetention = settings.logRetentionDays ?? RetentionDays.SIX_MONTHS;
      new AdoptedTable(this, 'Adopted', { settings: { key: this.key, logRetention }, tableName, tableArn });
    }
    this.sealRole = pinned(
      new Role(this, 'SealRole', {
        assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
        description: 'The seal of Tenure: the only role that signs the deletion log',
      }),
      'SealRole',
    );
    this.deletionLog = new DeletionLog(this, 'DeletionLog', {
      key: this.key,
      lock: settings.deletionLog,
      seal: this.sealRole,
    });
    this.signingKey = new SigningKey(this, 'Signing', { signer: this.sealRole });
    this.laterKeys = (settings.deletionLog.laterKeys ?? []).map((from, at) => {
      const number = at + 2;
      return { from, key: new SigningKey(this, `Signing${number}`, { signer: this.sealRole, number }) };
    });
    this.keyRecord = new KeyRecord(this, settings.name);
    this.exports = new Exports(this, 'Exports', { key: this.key, days: configuration.requests.exportDays });
    this.apiRole = pinned(
      new Role(this, 'ApiRole', {
        assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
        description: 'The API of Tenure: the only role that publishes for producers and operators',
      }),
      'ApiRole',
    );
    this.sweepRole = pinned(
      new Role(this, 'SweepRole', {
        assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
        description: 'The sweep of Tenure: the only role that sends heartbeats',
      }),
      'SweepRole',
    );
    this.intake = new EventIntake(this, 'Intake', {
      name: settings.name,
      key: this.key,
      configuration,
      apiRole: this.apiRole,
      sweepRole: this.sweepRole,
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
    // Policies that applications and people attach are in this stack: CloudFormation cannot delete a policy that is
    // attached, and applications keep sending to the bus while the service is down or being deployed again.
    const access = new AccessPolicies(this, 'Access', { api: this.http });
    for (const each of [this.signingKey, ...this.laterKeys.map(({ key }) => key)])
      each.grantReadPublicKey(access.auditor);
    this.keyRecord.grantRead(access.auditor);
    new ForeignAccess(this, 'ForeignAccess', { roles: deployment.foreignRoles, access });
    const sender = pinned(
      new ManagedPolicy(this, 'Sender', { description: 'May put lifecycle events on the bus of Tenure' }),
      'SenderPolicy',
    );
    this.intake.grantPublish(sender);
    this.#retainPolicies();
    this.#makeTableLast();
    this.#output('ApiUrl', this.http.url);
    if (this.auditorHttp !== undefined) this.#output('AuditorApiUrl', this.auditorHttp.url);
    this.#output('ProducerPolicyArn', access.producer.managedPolicyArn);
    this.#output('OperatorPolicyArn', access.operator.managedPolicyArn);
    this.#output('AuditorPolicyArn', access.auditor.managedPolicyArn);
    this.#output('SenderPolicyArn', sender.managedPolicyArn);
    this.#output('EventBusName', this.intake.bus.eventBusName);
    this.#output('RegistryTableName', this.registry.tableName);
    this.#output('DeletionLogBucket', this.deletionLog.bucket.bucketName);
    this.#output('DeletionLogOrigin', originOf(settings));
    this.#output('SigningKeyArn', this.signingKey.keyArn);
    for (const [at, { key }] of this.laterKeys.entries()) this.#output(`SigningKey${at + 2}Arn`, key.keyArn);
    this.#output('LogKeyParameter', this.keyRecord.parameterName);
    this.#output('ExportsBucket', this.exports.bucket.bucketName);
  }

  /** A bucket or queue that stays without its policy would be open to what the policy denies, or receive nothing. */
  #retainPolicies(): void {
    for (const each of this.node.findAll())
      if (each instanceof CfnBucketPolicy || each instanceof CfnQueuePolicy) retained(each);
  }

  /**
   * A table with deletion protection cannot be deleted, not even by the rollback of a first deployment that fails. So it
   * is made when everything else is there, and nothing is left that could fail after it.
   */
  #makeTableLast(): void {
    this.registry.node.addDependency(...this.node.children.filter((child) => child !== this.registry));
  }

  #output(name: string, value: string): void {
    new CfnOutput(this, name, { value });
  }
}
