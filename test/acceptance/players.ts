import { setTimeout as sleep } from 'node:timers/promises';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import {
  AttachRolePolicyCommand,
  CreateRoleCommand,
  DeleteRoleCommand,
  DetachRolePolicyCommand,
  ListAttachedRolePoliciesCommand,
} from '@aws-sdk/client-iam';
import { AssumeRoleCommand } from '@aws-sdk/client-sts';
import { type Client, type Credentials, tenureClient } from '../../shared/client/client.ts';
import type { CloudEvent } from '../../shared/contract/cloud-event.ts';
import type { Clients, Place } from './place.ts';

/** Roles of the run, each with the managed policies that the deployment offers for it. */
const POLICIES = {
  crm: ['ProducerPolicyArn', 'SenderPolicyArn'],
  shop: ['ProducerPolicyArn', 'SenderPolicyArn'],
  operator: ['OperatorPolicyArn'],
  auditor: ['AuditorPolicyArn'],
} as const;
export type Player = keyof typeof POLICIES;
export const PLAYERS = Object.keys(POLICIES) as readonly Player[];
export const SOURCES = { crm: 'example.crm', shop: 'example.shop' } as const;

/** The applications and people of the run. */
export interface Players {
  client(player: Player): Promise<Client>;
  /** What the bus answered: `accepted`, or the name of the error. */
  putEvent(player: Player, source: string, event: CloudEvent): Promise<string>;
}

const PREFIX = 'tenure-acceptance-';
/** How long a new role or policy may take until it is known everywhere. */
const PROPAGATION_MILLISECONDS = 60_000;

export function roleName(player: Player): string {
  return `${PREFIX}${player}`;
}

export function roleArn({ partition, account }: Place, player: Player): string {
  return `arn:${partition}:iam::${account}:role/${roleName(player)}`;
}

/** Roles that the account's own principals may assume. */
export async function createRoles(place: Place, { iam }: Clients): Promise<void> {
  const principal = { AWS: `arn:${place.partition}:iam::${place.account}:root` };
  const AssumeRolePolicyDocument = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: principal, Action: 'sts:AssumeRole' }],
  });
  for (const player of PLAYERS) {
    const RoleName = roleName(player);
    await iam
      .send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }))
      .catch(unless('EntityAlreadyExists'));
  }
}

export async function attachPolicies(
  { iam }: Clients,
  outputs: Readonly<Record<string, string>>,
): Promise<void> {
  for (const player of PLAYERS) {
    for (const name of POLICIES[player]) {
      const PolicyArn = outputs[name];
      if (PolicyArn === undefined) throw new Error(`the state stack has no output ${name}`);
      await iam.send(new AttachRolePolicyCommand({ RoleName: roleName(player), PolicyArn }));
    }
  }
}

export async function deleteRoles({ iam }: Clients): Promise<void> {
  for (const player of PLAYERS) {
    const RoleName = roleName(player);
    const attached = await iam
      .send(new ListAttachedRolePoliciesCommand({ RoleName }))
      .catch(unless('NoSuchEntity'));
    for (const { PolicyArn } of attached?.AttachedPolicies ?? [])
      await iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn }));
    await iam.send(new DeleteRoleCommand({ RoleName })).catch(unless('NoSuchEntity'));
  }
}

/** What the players do, they do with credentials of their own role. */
export function playersOf(place: Place, { sts }: Clients, url: string, busName: string): Players {
  const known = new Map<Player, Credentials>();

  async function credentialsOf(player: Player): Promise<Credentials> {
    const found = known.get(player);
    if (found !== undefined) return found;
    const assume = new AssumeRoleCommand({ RoleArn: roleArn(place, player), RoleSessionName: player });
    const { Credentials: given } = await patiently(() => sts.send(assume));
    const credentials = {
      accessKeyId: given?.AccessKeyId ?? '',
      secretAccessKey: given?.SecretAccessKey ?? '',
      sessionToken: given?.SessionToken ?? '',
    };
    known.set(player, credentials);
    return credentials;
  }

  return {
    async client(player) {
      const credentials = await credentialsOf(player);
      return tenureClient({ url, region: place.region, credentials: () => credentials });
    },
    async putEvent(player, Source, event) {
      const bus = new EventBridgeClient({ ...place.settings, credentials: await credentialsOf(player) });
      const entry = { EventBusName: busName, Source, DetailType: event.type, Detail: JSON.stringify(event) };
      try {
        const { Entries = [] } = await bus.send(new PutEventsCommand({ Entries: [entry] }));
        return Entries[0]?.ErrorCode ?? 'accepted';
      } catch (error) {
        return error instanceof Error ? error.name : String(error);
      } finally {
        bus.destroy();
      }
    },
  };
}

/** Repeats what is denied only because IAM has not spread a change yet. */
export async function patiently<Result>(call: () => Promise<Result>): Promise<Result> {
  const until = Date.now() + PROPAGATION_MILLISECONDS;
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (Date.now() > until) throw error;
      await sleep(3000);
    }
  }
}

export function unless(code: string): (error: unknown) => undefined {
  return (error) => {
    if (error instanceof Error && error.name.startsWith(code)) return undefined;
    throw error;
  };
}
