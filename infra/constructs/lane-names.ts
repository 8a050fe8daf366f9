import { Fn, type Stack } from 'aws-cdk-lib';
import { type IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { excuseWildcard } from './excuse.ts';
import type { TenureKey } from './tenure-key.ts';

/**
 * The names of the lanes' queues: `tenure_1a2b3c4d_crm`. A prefix finds all of them, so neither the sweep's environment
 * nor its role lists them. The part in the middle changes when the service stack is created again: SQS refuses the name
 * of a queue that was deleted less than a minute ago, and a deployment that failed has to be repeatable at once. `_` is
 * neither in the name of a deployment nor in that of a store, so no prefix of one deployment fits a queue of another.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html
 */
export class LaneNames {
  readonly prefix: string;
  readonly #stack: Stack;
  readonly #key: TenureKey;

  constructor(stack: Stack, deployment: string, key: TenureKey) {
    // `arn:aws:cloudformation:<region>:<account>:stack/<name>/<uuid>`
    const uuid = Fn.select(2, Fn.split('/', stack.stackId));
    this.prefix = `${deployment}_${Fn.select(0, Fn.split('-', uuid))}_`;
    this.#stack = stack;
    this.#key = key;
  }

  of(store: string): string {
    return `${this.prefix}${store}`;
  }

  /** Allows sending to the queue of every lane. */
  grantRing(grantee: IGrantable): void {
    const queues = this.#stack.formatArn({ service: 'sqs', resource: `${this.prefix}*` });
    grantee.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [queues] }),
    );
    excuseWildcard(
      grantee,
      queues,
      'The queues of this deployment’s lanes have this prefix, and no others have; a list of 200 would not fit.',
    );
    this.#key.grantThrough(grantee, 'sqs');
  }
}
