import { HOLD_TEXTS } from '../shared/domain/record/hold.ts';
import { PROPOSALS } from '../shared/domain/record/proposal.ts';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { RegionInfo } from 'aws-cdk-lib/region-info';
import type { ConfigurationProblem } from '../shared/domain/configuration/configuration-problem.ts';
import type { Configuration } from '../shared/domain/configuration/configuration.ts';
import { principalKey } from '../shared/domain/configuration/principal.ts';
import { storeKind } from '../shared/stores/kinds.ts';
import { busPolicyLength, LONGEST_BUS_POLICY } from './constructs/bus-policy.ts';
import type { DeploymentSettings, LaneSettings } from './deployment-schema.ts';
import type { ForeignRole } from './foreign-roles.ts';

/** Roles and users, which the bus and the api can identify. An account root or a session is not allowed. */
const PRINCIPAL = /^arn:[a-z-]+:iam::\d{12}:(role|user)\/([\w+=,.@/-]+\/)?[\w+=,.@-]{1,64}$/;

export function checkPrincipals(
  configuration: Configuration,
  { region }: DeploymentSettings,
): ConfigurationProblem[] {
  const { partition } = RegionInfo.get(region);
  const { producers, operators, auditors } = configuration;
  const lists = [
    ...Object.entries(producers).map(([name, { principals }]) => ({
      path: `producers.${name}.principals`,
      principals,
    })),
    { path: 'operators', principals: operators },
    { path: 'auditors', principals: auditors },
  ];
  const written = new Map<string, string>();
  return lists.flatMap(({ path, principals }) =>
    principals.flatMap((principal, index) => {
      const key = principalKey(principal);
      const other = written.get(key) ?? principal;
      written.set(key, other);
      const message = principalProblem(principal, partition) ?? pathProblem(principal, other);
      return message === undefined ? [] : [{ path: `${path}.${index}`, message }];
    }),
  );
}

/** IAM of one partition knows no principal of another: a policy that names one cannot be deployed, or never matches. */
function principalProblem(principal: string, partition: string | undefined): string | undefined {
  if (!PRINCIPAL.test(principal))
    return `found "${principal.slice(0, 60)}"; write the ARN of a role or user, such as \`arn:aws:iam::111122223333:role/crm\``;
  const [, found] = principal.split(':');
  if (partition === undefined || found === partition) return undefined;
  return `found a principal of the partition ${found}, but the deployment is in ${partition}, where IAM does not know it; name one of ${partition}, or deploy Tenure in ${found}, too`;
}

/** The API sees the name of a role without its path, so it would take the one for the other. */
function pathProblem(principal: string, other: string): string | undefined {
  if (principal === other) return undefined;
  return `"${principal.slice(0, 100)}" and "${other.slice(0, 100)}" cannot both exist: an account has only one role of a name, whatever its path; write the path that it has`;
}

/** The name of the deployment is also that of its bus. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-bus.html */
export function checkName({ name }: DeploymentSettings): ConfigurationProblem[] {
  if (name !== 'default') return [];
  return [
    {
      path: 'deployment.name',
      message: '"default" is the name of the event bus that every account has; choose another name',
    },
  ];
}

/** CloudWatch notifies topics of its own region only, and CloudFormation refuses others. */
export function checkTopic({ alarms, region }: DeploymentSettings): ConfigurationProblem[] {
  if (alarms === undefined || !('topic' in alarms)) return [];
  const found = alarms.topic.split(':')[3];
  if (found === region) return [];
  return [
    {
      path: 'deployment.alarms.topic',
      message: `the topic is in ${found}, and alarms notify only topics of their own region; name a topic in ${region}`,
    },
  ];
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

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html */
const RESOURCES_OF_A_STACK = 500;
const OUTPUTS_OF_A_STACK = 200;
/** What the state stack has at most beside them. A test counts it. */
export const OTHER_RESOURCES = 44;
export const OTHER_OUTPUTS = 42;

/** The state stack has a claim for each store, a rule for each producer, and a role and an output for each foreign role. */
export function checkStateStack(
  { stores, producers }: Configuration,
  foreignRoles: readonly ForeignRole[],
): ConfigurationProblem[] {
  const counts = [Object.keys(stores).length, Object.keys(producers).length, foreignRoles.length] as const;
  const resources = counts.reduce((sum, count) => sum + count, OTHER_RESOURCES);
  const outputs = foreignRoles.length + OTHER_OUTPUTS;
  if (resources <= RESOURCES_OF_A_STACK && outputs <= OUTPUTS_OF_A_STACK) return [];
  const [ofStores, ofProducers, ofForeign] = counts;
  return [
    {
      path: 'producers',
      message: `${ofStores} stores, ${ofProducers} producers and ${ofForeign} roles for other accounts need about ${resources} resources and ${outputs} outputs in one stack, and CloudFormation allows ${RESOURCES_OF_A_STACK} and ${OUTPUTS_OF_A_STACK}; divide them among several deployments`,
    },
  ];
}

/** Scopes of sealed texts that do not belong to a store: a lane with such a name could open them. */
const RESERVED: ReadonlySet<string> = new Set([
  'quarantine',
  'cursor',
  'registry',
  'request',
  HOLD_TEXTS,
  PROPOSALS,
]);

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

export function checkLock({
  deletionLog: { lock, days, keepDays },
}: DeploymentSettings): ConfigurationProblem[] {
  if (keepDays !== undefined && keepDays < days)
    return [
      {
        path: 'deployment.deletionLog.keepDays',
        message: `found the number ${keepDays}, and the lock lasts ${days} days: an entry cannot be dropped while it is locked; write at least ${days}, or omit it to keep all entries`,
      },
    ];
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
  const own = [
    { option: 'table', prefix: `${name}-state-Registry`, what: 'the registry' },
    { option: 'bucket', prefix: `${name}-state-deletionlog`, what: 'the deletion log' },
    { option: 'bucket', prefix: `${name}-state-exports`, what: 'the bucket of exports' },
  ];
  return Object.entries(stores).flatMap(([store, { options }]) =>
    own.flatMap(({ option, prefix, what }) => {
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
