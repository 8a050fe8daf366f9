import { ManagedPolicy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { excuseWildcard } from './excuse.ts';
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
  readonly producer: ManagedPolicy;
  readonly operator: ManagedPolicy;
  readonly auditor: ManagedPolicy;

  constructor(scope: Construct, id: string, { api, intake }: AccessPoliciesProps) {
    super(scope, id);
    this.producer = new ManagedPolicy(this, 'Producer', {
      description: 'May register holdings and send lifecycle events to Tenure',
      statements: [invoke(api.arnsFor('producer'))],
    });
    intake.grantPublish(this.producer);
    this.operator = new ManagedPolicy(this, 'Operator', {
      description: 'May operate Tenure: pause lanes, settle quarantine, correct events',
      statements: [invoke(api.arnsFor('operator'))],
    });
    this.auditor = new ManagedPolicy(this, 'Auditor', {
      description: 'May read what Tenure disposed of, and why',
      statements: [invoke(api.arnsFor('auditor'))],
    });
    for (const role of ['producer', 'operator', 'auditor'] as const) {
      for (const route of api.arnsFor(role).filter((arn) => arn.includes('*'))) {
        excuseWildcard(
          this[role],
          route,
          'The route names a lane, a hold or another thing in its path; which, the API checks.',
        );
      }
    }
  }
}

function invoke(resources: string[]): PolicyStatement {
  return new PolicyStatement({ actions: ['execute-api:Invoke'], resources });
}
