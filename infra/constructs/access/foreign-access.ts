import { createHash } from 'node:crypto';
import { Annotations, CfnOutput, Stack } from 'aws-cdk-lib';
import { AccountPrincipal, CompositePrincipal, Role } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { type ForeignRole, trustOf } from '../../foreign-roles.ts';
import type { AccessPolicies } from './access-policies.ts';

export interface ForeignAccessProps {
  readonly roles: readonly ForeignRole[];
  readonly access: AccessPolicies;
}

/**
 * Roles in this account for principals of other accounts. A role has the policy that principals of this account get:
 * the routes of its kind and nothing else. It holds no data and goes with the stack.
 */
export class ForeignAccess extends Construct {
  constructor(scope: Construct, id: string, { roles, access }: ForeignAccessProps) {
    super(scope, id);
    for (const foreign of roles) {
      const { role, producer, name, arn, principals } = foreign;
      const who = producer === undefined ? `${role}s` : `the producer ${producer}`;
      const trusted = trustOf(foreign).map(({ Principal, Condition }) =>
        new AccountPrincipal(Principal.AWS.split(':')[4] ?? '').withConditions(Condition),
      );
      new Role(this, outputName(foreign), {
        roleName: name,
        assumedBy: new CompositePrincipal(...trusted),
        description: `For ${who} of Tenure in other accounts: may call the API`,
        managedPolicies: [access[role]],
      });
      new CfnOutput(Stack.of(this), outputName(foreign), { value: arn });
      Annotations.of(this).addInfoV2(
        `tenure:${name}`,
        `${principals.join(', ')}: not in the account of the API, which refuses them with 403. For HTTP requests they have to assume ${arn}, as ${who}.`,
      );
    }
  }
}

/** `ProducerRoleArnMailLists` for `mail-lists`. A digest where two names could become one, as `a-1` and `a1`. */
function outputName({ role, producer = '' }: ForeignRole): string {
  const capital = (word: string): string => word.slice(0, 1).toUpperCase() + word.slice(1);
  const ambiguous = /-(?![a-z])/.test(producer);
  const digest = ambiguous ? createHash('sha256').update(producer).digest('hex').slice(0, 6) : '';
  return `${capital(role)}RoleArn${producer.split('-').map(capital).join('')}${digest}`;
}
