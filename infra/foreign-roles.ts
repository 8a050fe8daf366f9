import { createHash } from 'node:crypto';
import type { Role } from '../shared/contract/routes.ts';
import type { ConfigurationProblem } from '../shared/domain/configuration/configuration-problem.ts';
import type { Configuration } from '../shared/domain/configuration/configuration.ts';
import type { DeploymentSettings } from './deployment-schema.ts';

/**
 * A role in the account of the API for principals of other accounts. An HTTP API has no resource policy, so API Gateway
 * refuses them with 403; they assume this role and sign with its credentials.
 * https://repost.aws/knowledge-center/api-gateway-iam-cross-account
 */
export interface ForeignRole {
  readonly role: Role;
  /** Whose role it is, if it is a producer's. */
  readonly producer?: string;
  /** Fixed, so that its ARN is known before it is deployed: the API's configuration names it. */
  readonly name: string;
  readonly arn: string;
  /** The only ones that may assume it. */
  readonly principals: readonly string[];
  /** Of the configuration, for messages. */
  readonly path: string;
}

export interface TrustStatement {
  readonly Effect: 'Allow';
  readonly Principal: { readonly AWS: string };
  readonly Action: 'sts:AssumeRole';
  readonly Condition: { readonly ArnEquals: { readonly 'aws:PrincipalArn': readonly string[] } };
}

/** Quotas of IAM. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const LONGEST_NAME = 64;
const LONGEST_TRUST = 2048;

/** One for each producer, one for the operators and one for the auditors, if they have principals of other accounts. */
export function foreignRoles(
  { producers, operators, auditors }: Configuration,
  { name, account, region }: Pick<DeploymentSettings, 'name' | 'account' | 'region'>,
): readonly ForeignRole[] {
  const lists: readonly Omit<ForeignRole, 'name' | 'arn'>[] = [
    ...Object.entries(producers).map(([producer, { principals }]) => ({
      role: 'producer' as const,
      producer,
      principals,
      path: `producers.${producer}.principals`,
    })),
    { role: 'operator', principals: operators, path: 'operators' },
    { role: 'auditor', principals: auditors, path: 'auditors' },
  ];
  return lists.flatMap((list) => {
    const principals = list.principals.filter((principal) => accountOf(principal) !== account);
    const [first] = principals;
    if (first === undefined) return [];
    // Roles are not regional: two deployments of one name in two regions need two names.
    const own = shortened(
      [name, region, list.role, ...(list.producer === undefined ? [] : [list.producer])].join('-'),
    );
    // Of the same partition: a role can be assumed only within one.
    return [{ ...list, principals, name: own, arn: `arn:${partitionOf(first)}:iam::${account}:role/${own}` }];
  });
}

/** The API takes such a role for its producer, an operator or an auditor. The bus does not: it knows the principals. */
export function withForeignRoles(configuration: Configuration, roles: readonly ForeignRole[]): Configuration {
  const arnsOf = (role: Role, producer?: string): string[] =>
    roles.filter((each) => each.role === role && each.producer === producer).map(({ arn }) => arn);
  return {
    ...configuration,
    producers: Object.fromEntries(
      Object.entries(configuration.producers).map(([name, producer]) => [
        name,
        { ...producer, principals: [...producer.principals, ...arnsOf('producer', name)] },
      ]),
    ),
    operators: [...configuration.operators, ...arnsOf('operator')],
    auditors: [...configuration.auditors, ...arnsOf('auditor')],
  };
}

/**
 * Allows the accounts and restricts them by a condition, so that the deployment does not fail when a principal does not
 * exist yet. For a role, `aws:PrincipalArn` is the role's ARN, whatever the session.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
 */
export function trustOf({ principals }: ForeignRole): readonly TrustStatement[] {
  return [...Map.groupBy(principals, accountOf)].map(([account, own]) => ({
    Effect: 'Allow',
    Principal: { AWS: `arn:${partitionOf(own[0] ?? '')}:iam::${account}:root` },
    Action: 'sts:AssumeRole',
    Condition: { ArnEquals: { 'aws:PrincipalArn': own } },
  }));
}

export function checkForeignRoles(roles: readonly ForeignRole[]): ConfigurationProblem[] {
  return roles.flatMap((role) => {
    const size = JSON.stringify({ Version: '2012-10-17', Statement: trustOf(role) }).length;
    if (size <= LONGEST_TRUST) return [];
    return [
      {
        path: role.path,
        message: `${role.principals.length} principals of other accounts need ${size} characters in the trust policy of the role ${role.name}, and IAM allows ${LONGEST_TRUST}; name fewer roles, and let the others assume one of them`,
      },
    ];
  });
}

/** Producers' names are long; what is cut off goes into a digest. */
function shortened(name: string): string {
  if (name.length <= LONGEST_NAME) return name;
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 8);
  return `${name.slice(0, LONGEST_NAME - digest.length - 1)}-${digest}`;
}

function accountOf(arn: string): string {
  return arn.split(':')[4] ?? '';
}

function partitionOf(arn: string): string {
  return arn.split(':')[1] ?? '';
}
