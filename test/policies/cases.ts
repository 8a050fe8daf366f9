import type { Deployed } from './deployed.ts';
import type { Document } from './policies.ts';

export type Context = Readonly<Record<string, string | readonly string[]>>;

/** A call as IAM sees it. */
export interface Asked {
  readonly action: string;
  readonly resource: string;
  readonly context?: Context;
}

export type Who =
  /** A role of the templates, with the policies that are attached to it there. */
  | { readonly kind: 'role'; readonly arn: string }
  /** Somebody of any account, with policies that this deployment made to be attached. */
  | { readonly kind: 'attached'; readonly arn: string; readonly policies: readonly string[] }
  /** Somebody of any account whose own policies allow everything. */
  | { readonly kind: 'administrator'; readonly arn: string }
  | { readonly kind: 'service'; readonly name: string }
  | { readonly kind: 'anonymous' };

export interface Case extends Asked {
  /** A fact: "the api writes no holding". */
  readonly name: string;
  readonly who: Who;
  readonly allowed: boolean;
}

/** What the program that judges gets. */
export interface JudgedRequest {
  readonly principal?: string;
  readonly action: string;
  readonly resource: string;
  readonly account: string;
  readonly context: Context;
  readonly identity: readonly string[];
  readonly resourcePolicy?: string;
}

const EVERYTHING = 'everything';
/** What the policy of a key has to say so that the account's own policies count. */
const KEY_OF_ACCOUNT = 'key of the account';

/** Policies that are in no template. */
export function otherDocuments({ account }: Deployed): Readonly<Record<string, Document>> {
  const all = { Effect: 'Allow', Action: '*', Resource: '*' } as const;
  const root = { AWS: `arn:aws:iam::${account}:root` };
  return {
    [EVERYTHING]: { Version: '2012-10-17', Statement: [all] },
    [KEY_OF_ACCOUNT]: { Version: '2012-10-17', Statement: [{ ...all, Action: 'kms:*', Principal: root }] },
  };
}

/** Adds what every request has: who asks, over TLS, in the region. A case that says otherwise is right. */
export function judgedRequest(one: Case, { policies, account }: Deployed): JudgedRequest {
  const { who, action, resource } = one;
  const identity = identityOf(who, policies.ofIdentity);
  const resourcePolicy =
    policies.ofResource.get(policyOwner(action, resource)) ??
    (resource.includes(':kms:') ? KEY_OF_ACCOUNT : undefined);
  return {
    ...(who.kind === 'anonymous' ? {} : { principal: principalOf(who) }),
    action,
    resource,
    account,
    identity,
    ...(resourcePolicy === undefined ? {} : { resourcePolicy }),
    context: {
      'aws:SecureTransport': 'true',
      ...(action.startsWith('s3:') ? { 's3:TlsVersion': '1.3' } : {}),
      ...('arn' in who ? { 'aws:PrincipalArn': who.arn } : {}),
      ...one.context,
    },
  };
}

function identityOf(who: Who, ofIdentity: ReadonlyMap<string, readonly string[]>): readonly string[] {
  switch (who.kind) {
    case 'role':
      return ofIdentity.get(who.arn) ?? [];
    case 'attached':
      return who.policies.flatMap((arn) => ofIdentity.get(arn) ?? []);
    case 'administrator':
      return [EVERYTHING];
    case 'service':
    case 'anonymous':
      return [];
  }
}

/** A role asks as a session of it. */
function principalOf(who: Exclude<Who, { readonly kind: 'anonymous' }>): string {
  if (who.kind === 'service') return who.name;
  const [, account, name] = /^arn:aws:iam::(\d+):role\/(?:.*\/)?([^/]+)$/.exec(who.arn) ?? [];
  return name === undefined ? who.arn : `arn:aws:sts::${account}:assumed-role/${name}/session`;
}

/** Whose resource policy counts: that of a role says only who may assume it. */
function policyOwner(action: string, resource: string): string {
  if (resource.includes(':role/') && !action.startsWith('sts:')) return '';
  return resource.startsWith('arn:aws:s3:::') ? (resource.split('/')[0] ?? '') : resource;
}

export function textOf({ action, resource, context = {} }: Asked): string {
  return JSON.stringify([action, resource, Object.entries(context).toSorted(([a], [b]) => (a < b ? -1 : 1))]);
}
