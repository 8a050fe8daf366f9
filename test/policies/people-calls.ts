import { type Role, type Route, ROUTES } from '../../shared/contract/routes.ts';
import type { Asked, Case, Who } from './cases.ts';
import type { Deployed, DeployedResource } from './deployed.ts';
import { PARTITION } from './identities.ts';
import { bucketNamed, keyParameter, putEvents, variable } from './port-calls.ts';

/** ARNs of the routes that a role may call, with an example in place of each parameter. */
export function routesOf(roleName: Role, deployed: Deployed): readonly string[] {
  const { region, account } = deployed;
  const address = deployed.ofType('AWS::ApiGatewayV2::Api')[0]?.ref ?? '';
  return Object.values<Route>(ROUTES)
    .filter(({ roles }) => roles.includes(roleName))
    .map(
      ({ method, path }) =>
        `arn:${PARTITION}:execute-api:${region}:${account}:${address}/$default/${method}${path.replaceAll(/:\w+/g, 'crm')}`,
    );
}

/** The policy to attach that grants an action on a resource of this kind: its logical id begins with the role's name. */
export function policyToAttach(
  name: 'Producer' | 'Operator' | 'Auditor' | 'Sender',
  deployed: Deployed,
): string {
  const found = deployed
    .ofType('AWS::IAM::ManagedPolicy')
    .filter(({ id }: DeployedResource) => id.includes(`${name}Policy`));
  const [one] = found;
  if (one === undefined || found.length > 1) throw new Error(`There are ${found.length} policies ${name}.`);
  return one.ref;
}

/** What applications and people do with the policies that they attach. */
export function peopleCases(deployed: Deployed): readonly Case[] {
  const { configuration } = deployed.functions.find(({ name }) => name === 'api') ?? {};
  if (configuration === undefined) throw new Error('There is no api.');
  const attached = (arn: string, ...names: Parameters<typeof policyToAttach>[0][]): Who => ({
    kind: 'attached',
    arn,
    policies: names.map((name) => policyToAttach(name, deployed)),
  });
  const isForeign = (arn: string): boolean => arn.split(':')[4] !== deployed.account;
  const own = (arns: readonly string[]): readonly string[] =>
    arns.filter((arn) => arn.startsWith('arn:') && !isForeign(arn) && !roleArns.has(arn));
  const roleArns = new Set(deployed.ofType('AWS::IAM::Role').map(({ arn }) => arn));
  /** Principals of other accounts assume a role of this deployment, and the role calls. */
  const assuming = (arns: readonly string[], name: string, roleName: Role): readonly Case[] => {
    const bridges = arns.filter((arn) => roleArns.has(arn));
    return bridges.flatMap((resource) => [
      ...arns.filter(isForeign).map((arn) => ({
        name: `${name} of another account gets its role`,
        who: { kind: 'administrator', arn } as const,
        action: 'sts:AssumeRole',
        resource,
        allowed: true,
      })),
      ...calling({ kind: 'role', arn: resource }, `${name} of another account`, roleName),
    ]);
  };
  const calling = (who: Who, name: string, roleName: Role): readonly Case[] =>
    routesOf(roleName, deployed).map((resource) => ({
      name: `${name} calls ${resource.split('/').slice(2).join('/')}`,
      who,
      action: 'execute-api:Invoke',
      resource,
      allowed: true,
    }));
  const producers = Object.entries(configuration.producers).flatMap(([name, producer]) => [
    ...own(producer.principals).flatMap((arn) => {
      const who = attached(arn, 'Producer', 'Sender');
      const sends = { who, name: `The producer ${name} sends on the bus`, allowed: true };
      return [
        ...calling(who, `The producer ${name}`, 'producer'),
        ...(producer.bus === true ? [{ ...putEvents(deployed, [producer.source]), ...sends }] : []),
      ];
    }),
    ...assuming(producer.principals, `The producer ${name}`, 'producer'),
    ...(producer.bus === true
      ? producer.principals.filter(isForeign).map((arn) => ({
          ...putEvents(deployed, [producer.source]),
          who: { kind: 'administrator', arn } as const,
          name: `The producer ${name} of another account sends on the bus`,
          allowed: true,
        }))
      : []),
  ]);
  return [
    ...administration(deployed),
    ...producers,
    ...own(configuration.operators).flatMap((arn) =>
      calling(attached(arn, 'Operator'), 'An operator', 'operator'),
    ),
    ...assuming(configuration.operators, 'An operator', 'operator'),
    ...own(configuration.auditors).flatMap((arn) =>
      calling(attached(arn, 'Auditor'), 'An auditor', 'auditor'),
    ),
    ...own(configuration.auditors).map((arn): Case => ({
      name: 'An auditor reads the public key of the log',
      who: attached(arn, 'Auditor'),
      action: 'kms:GetPublicKey',
      resource: deployed.the('AWS::KMS::Key', 'SigningKey').arn,
      allowed: true,
    })),
    ...own(configuration.auditors).map((arn): Case => ({
      name: 'An auditor reads the parameter with the key of the log',
      who: attached(arn, 'Auditor'),
      action: 'ssm:GetParameters',
      resource: keyParameter({ fn: sealOf(deployed), deployed }),
      allowed: true,
    })),
    ...assuming(configuration.auditors, 'An auditor', 'auditor'),
  ];
}

/** What people of the account do with its key: without it, a mistake could not be corrected by anyone. */
const ADMINISTRATION =
  'CancelKeyDeletion CreateAlias CreateGrant Decrypt DeleteAlias DescribeKey DisableKey DisableKeyRotation ' +
  'EnableKey EnableKeyRotation Encrypt GenerateDataKey GenerateDataKeyWithoutPlaintext GetKeyPolicy ' +
  'GetKeyRotationStatus ListGrants ListKeyPolicies ListKeyRotations ListResourceTags PutKeyPolicy ReEncryptFrom ' +
  'ReEncryptTo RetireGrant RevokeGrant RotateKeyOnDemand ScheduleKeyDeletion TagResource UntagResource UpdateAlias ' +
  'UpdateKeyDescription';

/** And with the one that signs: all but to sign, and to let others sign. */
const SIGNING_ADMINISTRATION =
  'CancelKeyDeletion CreateAlias DeleteAlias DescribeKey DisableKey EnableKey GetKeyPolicy GetPublicKey ListGrants ' +
  'ListKeyPolicies ListResourceTags PutKeyPolicy RevokeGrant ScheduleKeyDeletion TagResource UntagResource ' +
  'UpdateAlias UpdateKeyDescription Verify';

function sealOf(deployed: Deployed): Deployed['functions'][number] {
  const seal = deployed.functions.find(({ name }) => name === 'seal');
  if (seal === undefined) throw new Error('No function is called seal.');
  return seal;
}

function administration(deployed: Deployed): readonly Case[] {
  const who: Who = {
    kind: 'administrator',
    arn: `arn:${PARTITION}:iam::${deployed.account}:role/administrator`,
  };
  const may = (name: string, asked: Asked): Case => ({ ...asked, name, who, allowed: true });
  const seal = sealOf(deployed);
  const bucket = bucketNamed(variable(seal, 'LOG_BUCKET'));
  return [
    ...ADMINISTRATION.split(' ').map((verb) =>
      may(`An administrator uses kms:${verb}`, {
        action: `kms:${verb}`,
        resource: deployed.the('AWS::KMS::Key', 'TenureKey').arn,
      }),
    ),
    ...SIGNING_ADMINISTRATION.split(' ').map((verb) =>
      may(`An administrator uses kms:${verb} of the signing key`, {
        action: `kms:${verb}`,
        resource: deployed.the('AWS::KMS::Key', 'SigningKey').arn,
      }),
    ),
    may('An administrator lists the log', { action: 's3:ListBucket', resource: bucket }),
    may('An administrator puts tags on the bucket of the log', {
      action: 's3:PutBucketTagging',
      resource: bucket,
    }),
    // Only one who names the checkpoint that is there replaces it.
    may('An administrator replaces the checkpoint', {
      action: 's3:PutObject',
      resource: `${bucket}/checkpoint`,
      context: { 's3:if-match': 'etag' },
    }),
  ];
}
