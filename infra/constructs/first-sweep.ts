import { Duration } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { AwsCustomResource, type AwsSdkCall, PhysicalResourceId } from 'aws-cdk-lib/custom-resources';
import { Construct, type IDependable } from 'constructs';
import type { SweepMessage } from '../../shared/ports/queues.ts';
import type { QueuePair } from './queue-pair.ts';
import { functionLog, type FunctionSettings } from './tenure-function.ts';

export interface FirstSweepProps {
  readonly settings: FunctionSettings;
  readonly sweep: QueuePair;
  /** Changes with everything that requires a sweep. */
  readonly digest: string;
  readonly after: readonly IDependable[];
}

const MESSAGE: SweepMessage = { kind: 'hourly' };

/**
 * Every deployment that changes anything ends by sending one sweep, after everything else is in place. The sweep finds
 * new policies, and what fell due while nothing was deployed. If it cannot be sent, the deployment fails. Removing the
 * stack sends nothing. A function of CDK's sends it, with the SDK that Lambda provides.
 */
export class FirstSweep extends Construct {
  constructor(scope: Construct, id: string, { settings, sweep, digest, after }: FirstSweepProps) {
    super(scope, id);
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: 'Sends one sweep at the end of a deployment',
    });
    sweep.grantSend(role);
    const send: AwsSdkCall = {
      service: '@aws-sdk/client-sqs',
      action: 'SendMessageCommand',
      parameters: { QueueUrl: sweep.queue.queueUrl, MessageBody: JSON.stringify(MESSAGE) },
      physicalResourceId: PhysicalResourceId.of(digest),
    };
    const sent = new AwsCustomResource(this, 'Sent', {
      resourceType: 'Custom::TenureSweep',
      onUpdate: send,
      role,
      logGroup: functionLog(this, settings, role),
      timeout: Duration.minutes(1),
      memorySize: 256,
      installLatestAwsSdk: false,
    });
    sent.node.addDependency(role, ...after);
  }
}
