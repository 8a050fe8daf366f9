import { CustomResource } from 'aws-cdk-lib';
import { Construct, type IDependable } from 'constructs';
import type { Environment } from '../../functions/announce/config.ts';
import type { QueuePair } from './queue-pair.ts';
import { type FunctionSettings, TenureFunction } from './tenure-function.ts';

export interface FirstSweepProps {
  readonly settings: FunctionSettings;
  readonly sweep: QueuePair;
  /** Changes with everything that requires a sweep. */
  readonly digest: string;
  readonly after: readonly IDependable[];
}

/** Every deployment that changes anything ends by sending one sweep, after everything else is in place. */
export class FirstSweep extends Construct {
  constructor(scope: Construct, id: string, { settings, sweep, digest, after }: FirstSweepProps) {
    super(scope, id);
    const announce = new TenureFunction<typeof Environment>(this, 'Announce', {
      settings,
      bundle: 'announce',
      description: 'Sends one sweep at the end of a deployment',
      environment: { SWEEP_QUEUE_URL: sweep.queue.queueUrl },
      timeoutSeconds: 60,
      memoryMegabytes: 256,
    });
    sweep.grantSend(announce.function);
    const sent = new CustomResource(this, 'Sent', {
      serviceToken: announce.function.functionArn,
      resourceType: 'Custom::TenureSweep',
      properties: { Deployment: digest },
    });
    sent.node.addDependency(announce, ...after);
  }
}
