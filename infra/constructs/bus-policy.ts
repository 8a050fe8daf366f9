import { createHash } from 'node:crypto';
import { RegionInfo } from 'aws-cdk-lib/region-info';
import { API_SOURCE } from '../../shared/contract/bus.ts';
import { NOTICE_SOURCE } from '../../shared/contract/notice.ts';
import { SWEEP_SOURCE } from '../../shared/contract/heartbeat.ts';
import { NOTICES } from '../../shared/domain/record/notice.ts';
import type { Configuration } from '../../shared/domain/configuration/configuration.ts';
import type { DeploymentSettings } from '../deployment-schema.ts';

/** A statement of a resource policy in CloudFormation's form. */
export interface BusStatement {
  readonly Sid: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal: '*' | { readonly AWS: string };
  readonly Action: 'events:PutEvents';
  readonly Resource: string;
  readonly Condition: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

export interface BusPolicy {
  readonly Version: '2012-10-17';
  readonly Statement: readonly BusStatement[];
}

export interface BusPolicyInput {
  readonly producers: Configuration['producers'];
  readonly busArn: string;
  readonly account: string;
  readonly partition: string;
  /** The roles with Tenure's own sources. */
  readonly apiRoleArn: string;
  readonly sweepRoleArn: string;
}

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html (policy size) */
export const LONGEST_BUS_POLICY = 10_240;

const LONGEST_ID = 64;

/**
 * Which principals may send which source to the bus. Within an account an Allow restricts nothing, because identities
 * have their own policies. So these are Denies: of every source for all but its principals, and of every unknown
 * source. A producer that does not use the bus has no statement, so that its source is unknown here. Producers of other
 * accounts also need an Allow.
 *
 * It is one document, and a property of the bus: CloudFormation replaces it with one request, so that a changed list of
 * producers has no moment in which a source is known and has no Deny. It is there before anything is connected to the
 * bus, and stays for as long as the bus. (`AWS::Events::EventBusPolicy` is one resource for each statement: made, changed
 * and removed one by one, deleted with the stack, and with an id that is unique in the account.)
 */
export function busPolicy({ producers, busArn, account, partition, ...roles }: BusPolicyInput): BusPolicy {
  const onBus = Object.entries(producers).filter(([, { bus }]) => bus === true);
  const pairs = [
    ...onBus.map(([name, { source, principals }]) => ({ name, source, principals })),
    { name: 'TenureApi', source: API_SOURCE, principals: [roles.apiRoleArn] },
    { name: 'TenureSweep', source: SWEEP_SOURCE, principals: [roles.sweepRoleArn] },
    { name: 'TenureNotices', source: NOTICE_SOURCE, principals: [roles.sweepRoleArn] },
  ];
  const base = { Action: 'events:PutEvents', Resource: busArn } as const;
  const denied = pairs.map(({ name, source, principals }): BusStatement => ({
    ...base,
    Sid: statementId('Source', name),
    Effect: 'Deny',
    Principal: '*',
    Condition: {
      'ForAnyValue:StringEquals': { 'events:source': source },
      // A source without principals is denied to every principal: the exception is left out.
      ...(principals.length === 0 ? {} : { ArnNotEquals: { 'aws:PrincipalArn': principals } }),
    },
  }));
  // Whatever its source: a rule of an application may name the type alone.
  const notices: BusStatement = {
    ...base,
    Sid: 'NoticeTypes',
    Effect: 'Deny',
    Principal: '*',
    Condition: {
      'ForAnyValue:StringEquals': { 'events:detail-type': Object.values(NOTICES) },
      ArnNotEquals: { 'aws:PrincipalArn': [roles.sweepRoleArn] },
    },
  };
  const unknown: BusStatement = {
    ...base,
    Sid: 'UnknownSource',
    Effect: 'Deny',
    Principal: '*',
    Condition: { 'ForAnyValue:StringNotEquals': { 'events:source': pairs.map(({ source }) => source) } },
  };
  const principals = onBus.flatMap(([, producer]) => producer.principals);
  const foreign = accountsOf(principals, account).map((found) => allowed(found, base, partition));
  return { Version: '2012-10-17', Statement: [...denied, notices, unknown, ...foreign] };
}

/** CloudFormation names the roles: at most 64 characters. */
const ROLE_NAME = 'x'.repeat(64);

/** How many characters the policy has at most. The names of Tenure's own roles are not known before they are made. */
export function busPolicyLength(
  { producers }: Configuration,
  { name, account, region }: DeploymentSettings,
): number {
  const partition = RegionInfo.get(region).partition ?? 'aws';
  const busArn = `arn:${partition}:events:${region}:${account}:event-bus/${name}`;
  const roleArn = `arn:${partition}:iam::${account}:role/${ROLE_NAME}`;
  const roles = { apiRoleArn: roleArn, sweepRoleArn: roleArn };
  return JSON.stringify(busPolicy({ producers, busArn, account, partition, ...roles })).length;
}

/** The name of a producer has no underscore, so two names never have one id. A long one is cut, and told apart by a hash. */
function statementId(kind: string, name: string): string {
  const id = `${kind}_${name.replaceAll('-', '_')}`;
  if (id.length <= LONGEST_ID) return id;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 16);
  return `${id.slice(0, LONGEST_ID - hash.length - 1)}_${hash}`;
}

interface Foreign {
  readonly account: string;
  readonly principals: readonly string[];
}

function accountsOf(principals: readonly string[], own: string): Foreign[] {
  const byAccount = Map.groupBy(new Set(principals), (principal) => principal.split(':')[4] ?? '');
  byAccount.delete(own);
  return [...byAccount].map(([account, ofAccount]) => ({ account, principals: ofAccount }));
}

/**
 * Allows the account and restricts it by a condition, so that the deployment does not fail when a principal does not
 * exist yet.
 */
function allowed(
  { account, principals }: Foreign,
  base: { readonly Action: 'events:PutEvents'; readonly Resource: string },
  partition: string,
): BusStatement {
  return {
    ...base,
    Sid: statementId('Account', account),
    Effect: 'Allow',
    Principal: { AWS: `arn:${partition}:iam::${account}:root` },
    Condition: { ArnEquals: { 'aws:PrincipalArn': principals } },
  };
}
