import { ManagedPolicy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { Role } from '../../../shared/contract/routes.ts';
import { excuseWildcard } from '../excuse.ts';
import type { HttpAddress } from '../http-address.ts';
import { pinned } from '../pinned.ts';

export interface AccessPoliciesProps {
  readonly api: HttpAddress;
}

/**
 * Policies to attach to applications and people. They allow calling the API; the configuration decides who a caller is
 * and what it may send.
 */
export class AccessPolicies extends Construct {
  readonly producer: ManagedPolicy;
  readonly operator: ManagedPolicy;
  readonly auditor: ManagedPolicy;

  constructor(scope: Construct, id: string, { api }: AccessPoliciesProps) {
    super(scope, id);
    const policy = (logicalId: string, role: Role, description: string): ManagedPolicy =>
      pinned(
        new ManagedPolicy(this, logicalId, { description, statements: [invoke(api.arnsFor(role))] }),
        `${logicalId}Policy`,
      );
    this.producer = policy(
      'Producer',
      'producer',
      'May register holdings and send lifecycle events to Tenure over HTTP',
    );
    this.operator = policy(
      'Operator',
      'operator',
      'May operate Tenure: pause lanes, settle quarantine, correct events',
    );
    this.auditor = policy('Auditor', 'auditor', 'May read what Tenure disposed of, and why');
    for (const role of ['producer', 'operator', 'auditor'] as const) {
      for (const route of api.arnsFor(role).filter((arn) => arn.includes('*'))) {
        excuseWildcard(
          this[role],
          route,
          'The route contains the name of a lane, which the API checks, or it stands for several routes, all of which the role may call.',
        );
      }
    }
  }
}

function invoke(resources: string[]): PolicyStatement {
  return new PolicyStatement({ actions: ['execute-api:Invoke'], resources });
}
