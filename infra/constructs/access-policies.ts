import { CfnOutput } from 'aws-cdk-lib';
import { ManagedPolicy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { EventIntake } from './event-intake.ts';
import type { HttpFront } from './http-front.ts';

export interface AccessPoliciesProps {
  readonly api: HttpFront;
  readonly intake: EventIntake;
}

/**
 * Policies to attach to applications and people. They open the door; who a caller is, and what it may say, the
 * configuration decides in the api and on the bus.
 */
export class AccessPolicies extends Construct {
  constructor(scope: Construct, id: string, { api, intake }: AccessPoliciesProps) {
    super(scope, id);
    const producer = new ManagedPolicy(this, 'Producer', {
      description: 'May register holdings and send lifecycle events to Tenure',
      statements: [invoke(api.arnsFor('producer'))],
    });
    intake.grantPublish(producer);
    const operator = new ManagedPolicy(this, 'Operator', {
      description: 'May operate Tenure: pause lanes, settle quarantine, correct events',
      statements: [invoke(api.arnsFor('operator'))],
    });
    const auditor = new ManagedPolicy(this, 'Auditor', {
      description: 'May read what Tenure disposed of, and why',
      statements: [invoke(api.arnsFor('auditor'))],
    });
    for (const [name, policy] of Object.entries({ producer, operator, auditor })) {
      new CfnOutput(this, `${name}PolicyArn`, { value: policy.managedPolicyArn });
    }
  }
}

function invoke(resources: string[]): PolicyStatement {
  return new PolicyStatement({ actions: ['execute-api:Invoke'], resources });
}
