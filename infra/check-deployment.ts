import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ConfigurationProblem } from '../shared/domain/configuration/configuration-problem.ts';
import type { Configuration } from '../shared/domain/configuration/configuration.ts';
import { storeKind } from '../shared/stores/kinds.ts';
import { busPolicyLength, LONGEST_BUS_POLICY } from './constructs/bus-policy.ts';
import type { DeploymentSettings, LaneSettings } from './deployment-schema.ts';

/** Roles and users, which the bus and the api can identify. An account root or a session is not allowed. */
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

/**
 * A nested operation of CloudFormation has at most 2,500 resources, and every store has eight. A test synthesizes as many
 * stores as this, and compares what each has with the limits of AWS.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
 */
export const MOST_STORES = 200;

export function checkStores({ stores }: Configuration): ConfigurationProblem[] {
  const count = Object.keys(stores).length;
  if (count <= MOST_STORES) return [];
  return [
    {
      path: 'stores',
      message: `found ${count} stores; a deployment has at most ${MOST_STORES}, so divide them among several deployments, each with its own name`,
    },
  ];
}

/** Scopes of sealed texts that do not belong to a store: a lane with such a name could open them. */
const RESERVED: ReadonlySet<string> = new Set(['quarantine', 'cursor', 'registry']);

export function checkLanes(
  { stores }: Configuration,
  lanes: Readonly<Record<string, LaneSettings>>,
): ConfigurationProblem[] {
  return Object.entries(stores).flatMap(([name, { kind, options }]) => {
    const login = lanes[name]?.login;
    const path = `stores.${name}.lane.login`;
    const asksForPassword = storeKind(kind).login === 'password';
    if (RESERVED.has(name))
      return [{ path: `stores.${name}`, message: `"${name}" is reserved; choose another store name` }];
    if (asksForPassword && login === undefined)
      return [
        {
          path,
          message: `"login" is missing; a store of kind ${kind} needs \`{ databaseId: "db-…" }\` for RDS tokens, or \`{ secret: "arn:…" }\``,
        },
      ];
    if (!asksForPassword && login !== undefined)
      return [{ path, message: `a store of kind ${kind} is accessed with IAM only; remove "login"` }];
    if (login === undefined) return [];
    const found = storeKind(kind);
    const token = 'databaseId' in login ? 'token' : 'password';
    const message = found.loginProblem(found.options.parse(options), token);
    return message === undefined ? [] : [{ path: `stores.${name}.options`, message }];
  });
}

export function checkLogRetention({ logRetentionDays }: DeploymentSettings): ConfigurationProblem[] {
  const known = Object.values(RetentionDays).filter((days) => typeof days === 'number' && days < 9999);
  if (logRetentionDays === undefined || known.includes(logRetentionDays)) return [];
  return [
    {
      path: 'deployment.logRetentionDays',
      message: `found the number ${logRetentionDays}; CloudWatch supports ${known.join(', ')} days; write one of them`,
    },
  ];
}

/** The policy of the bus has a statement for each producer that uses it. */
export function checkBusPolicy(
  configuration: Configuration,
  settings: DeploymentSettings,
): ConfigurationProblem[] {
  const length = busPolicyLength(configuration, settings);
  if (length <= LONGEST_BUS_POLICY) return [];
  const onBus = Object.values(configuration.producers).filter(({ bus }) => bus === true).length;
  return [
    {
      path: 'producers',
      message: `${onBus} producers use the bus, and its policy would have ${length} characters; EventBridge takes ${LONGEST_BUS_POLICY}; remove \`bus: true\` from producers that can use the HTTP API, or give each of them one role as its principal`,
    },
  ];
}

/** A shorter lock of `compliance` is more likely a mistake: it ends before anybody can have asked for the evidence. */
const SHORTEST_COMPLIANCE_DAYS = 30;

export function checkLock({ deletionLog: { lock, days } }: DeploymentSettings): ConfigurationProblem[] {
  if (lock !== 'compliance' || days >= SHORTEST_COMPLIANCE_DAYS) return [];
  return [
    {
      path: 'deployment.deletionLog.days',
      message: `found the number ${days} with the lock \`compliance\`; write the number of days for which you need evidence, at least ${SHORTEST_COMPLIANCE_DAYS}, because a longer one applies only to entries that come later, and a shorter one to none that is there; to try Tenure out, write \`governance\``,
    },
  ];
}

/**
 * The registry and the deletion log of this very deployment: disposing of their content would destroy the evidence.
 * CloudFormation begins generated names with the stack's name and the logical id.
 */
export function checkOwnPlaces(
  { stores }: Configuration,
  { name }: DeploymentSettings,
): ConfigurationProblem[] {
  const own = {
    table: { prefix: `${name}-state-Registry`, what: 'the registry' },
    bucket: { prefix: `${name}-state-deletionlog`, what: 'the deletion log' },
  } as const;
  return Object.entries(stores).flatMap(([store, { options }]) =>
    Object.entries(own).flatMap(([option, { prefix, what }]) => {
      const place = options[option];
      if (typeof place !== 'string' || !place.startsWith(prefix)) return [];
      return [
        {
          path: `stores.${store}.options.${option}`,
          message: `"${place.slice(0, 60)}" is ${what} of this deployment, which must not be a store; name the ${option} where your application keeps its data`,
        },
      ];
    }),
  );
}
