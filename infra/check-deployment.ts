import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ConfigurationProblem } from '../shared/domain/configuration/configuration-problem.ts';
import type { Configuration } from '../shared/domain/configuration/configuration.ts';
import { storeKind } from '../shared/stores/kinds.ts';
import type { DeploymentSettings, LaneSettings } from './deployment-schema.ts';

/** Roles and users: what bus and api can tell apart. Everybody in an account, or a session's name, is nobody. */
const PRINCIPAL = /^arn:[^:]+:iam::\d{12}:(role|user)\/[\w+=,.@/-]+$/;

export function checkPrincipals(configuration: Configuration): ConfigurationProblem[] {
  const { producers, operators, auditors } = configuration;
  const lists = [
    ...Object.entries(producers).map(([name, { principals }]) => ({
      path: `producers.${name}.principals`,
      principals,
    })),
    { path: 'operators', principals: operators },
    { path: 'auditors', principals: auditors },
  ];
  return lists.flatMap(({ path, principals }) =>
    principals.flatMap((principal, index) =>
      PRINCIPAL.test(principal)
        ? []
        : [
            {
              path: `${path}.${index}`,
              message: `found "${principal.slice(0, 60)}"; write the ARN of a role or user, such as \`arn:aws:iam::111122223333:role/crm\``,
            },
          ],
    ),
  );
}

/** Scopes of sealed texts that are no store's: a lane of that name could open them. */
const RESERVED: ReadonlySet<string> = new Set(['quarantine', 'cursor', 'registry']);

export function checkLanes(
  { stores }: Configuration,
  lanes: Readonly<Record<string, LaneSettings>>,
): ConfigurationProblem[] {
  return Object.entries(stores).flatMap(([name, { kind }]) => {
    const login = lanes[name]?.login;
    const path = `stores.${name}.lane.login`;
    const asksForPassword = storeKind(kind).login === 'password';
    if (RESERVED.has(name))
      return [
        { path: `stores.${name}`, message: `"${name}" is a name of Tenure's own; name the store otherwise` },
      ];
    if (asksForPassword && login === undefined)
      return [
        {
          path,
          message: `"login" is missing; a store of kind ${kind} needs \`{ databaseId: "db-…" }\` for tokens of RDS, or \`{ secret: "arn:…" }\``,
        },
      ];
    if (!asksForPassword && login !== undefined)
      return [{ path, message: `a store of kind ${kind} is reached by IAM alone; leave "login" out` }];
    return [];
  });
}

export function checkLogRetention({ logRetentionDays }: DeploymentSettings): ConfigurationProblem[] {
  const known = Object.values(RetentionDays).filter((days) => typeof days === 'number' && days < 9999);
  if (logRetentionDays === undefined || known.includes(logRetentionDays)) return [];
  return [
    {
      path: 'deployment.logRetentionDays',
      message: `found the number ${logRetentionDays}; CloudWatch keeps logs for ${known.join(', ')} days`,
    },
  ];
}
