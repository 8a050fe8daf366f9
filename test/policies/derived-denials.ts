import { type Asked, type Case, type Context, textOf, type Who } from './cases.ts';
import type { FunctionCall } from './function-calls.ts';

/** A role and everything that its function, or a service in its name, asks for. */
export interface RoleCalls {
  readonly arn: string;
  readonly calls: readonly FunctionCall[];
}

/** Which action is next to one: of the same service and on the same resource, and one that nothing here calls. */
const NEXT_ACTIONS: Readonly<Record<string, string>> = {
  dynamodb: 'dynamodb:PartiQLDelete',
  sqs: 'sqs:PurgeQueue',
  kms: 'kms:ReEncryptFrom',
  events: 'events:DeleteEventBus',
  scheduler: 'scheduler:DeleteSchedule',
  logs: 'logs:DeleteLogStream',
  secretsmanager: 'secretsmanager:DeleteSecret',
};

/** Keys of a request whose other values have to be denied. */
/**
 * What follows from the calls themselves: no role may do what another does, unless it does the same; and next to each
 * call, the same on another resource, with another value of a condition key, without the key, or with another action of
 * the service is denied.
 */
export function derivedDenials(roles: readonly RoleCalls[]): readonly Case[] {
  const single = (calls: readonly FunctionCall[]): readonly FunctionCall[] =>
    calls.filter(({ isCombined }) => isCombined !== true);
  // A role that only takes messages may have SQS encrypt, too. It cannot send any, so that is nothing.
  const everywhere = unique(roles.flatMap(({ calls }) => single(calls))).filter(
    ({ context = {} }) => !('kms:ViaService' in context),
  );
  return roles.flatMap(({ arn, calls }) => {
    const own = new Set(single(calls).map(textOf));
    const who: Who = { kind: 'role', arn };
    const foreign = everywhere.map((asked) => ({ asked, why: 'does what only others do' }));
    const anywhere = new Set(
      calls.flatMap(({ action, isAnywhere }) => (isAnywhere === true ? [action] : [])),
    );
    const near = unique(single(calls).filter(({ isAnywhere }) => isAnywhere !== true))
      .flatMap(neighbours)
      .filter(({ asked }) => !anywhere.has(asked.action));
    const asked = new Map(
      [...near, ...foreign]
        .filter((each) => !own.has(textOf(each.asked)))
        .map((each) => [textOf(each.asked), each]),
    );
    return [...asked.values()].map(({ asked: each, why }): Case => ({
      ...each,
      name: `${arn.split('/').at(-1)} ${why}: ${described(each)}`,
      who,
      allowed: false,
    }));
  });
}

function described({ action, resource, context = {} }: Asked): string {
  const keys = Object.entries(context).map(([key, value]) => `${key} ${[value].flat().join('+')}`);
  return [action, resource, ...keys].join(' ');
}

function unique(calls: readonly Asked[]): readonly Asked[] {
  const plain = calls.map(({ action, resource, context = {} }): Asked => ({ action, resource, context }));
  return [...new Map(plain.map((each) => [textOf(each), each])).values()];
}

interface Neighbour {
  readonly asked: Asked;
  readonly why: string;
}

function neighbours(call: Asked): readonly Neighbour[] {
  const { action, resource, context = {} } = call;
  const service = action.split(':')[0] ?? '';
  const next = nextOf(call);
  const elsewhere = service === 'ec2' ? undefined : otherResource(resource);
  const { 'kms:ViaService': via, ...direct } = context;
  return [
    ...(next === undefined ? [] : [{ asked: next, why: 'does something else' }]),
    ...(elsewhere === undefined
      ? []
      : [{ asked: { ...call, resource: elsewhere }, why: 'does it somewhere else' }]),
    ...changedContexts(context).map((other) => ({
      asked: { ...call, context: other },
      why: 'does it to something else',
    })),
    ...(isItemOfRegistry(context)
      ? [{ asked: { action, resource }, why: 'does it without naming an item' }]
      : []),
    ...(via === undefined
      ? []
      : [{ asked: { ...call, context: direct }, why: 'does it without the service' }]),
  ];
}

function nextOf(call: Asked): Asked | undefined {
  const { action, resource } = call;
  const [service = ''] = action.split(':');
  // Only lists have a prefix.
  if (call.context !== undefined && 's3:prefix' in call.context) return { ...call, action: 's3:ListBucket' };
  if (service === 's3')
    return { action: resource.includes('/') ? 's3:PutObjectLegalHold' : 's3:PutBucketPolicy', resource };
  // No other action of the key knows how something is signed.
  if (action === 'kms:Sign') return { ...call, action: 'kms:Verify' };
  if (service === 'ec2') return resource === '*' ? { action: 'ec2:DescribeInstances', resource } : undefined;
  const next = NEXT_ACTIONS[service];
  if (next === undefined) return undefined;
  // Only events have a source.
  if (service !== 'events') return { ...call, action: next };
  return { action: resource.includes(':archive/') ? 'events:UpdateArchive' : next, resource };
}

/** Keys of the registry's items begin with their kind. */
function isItemOfRegistry({ 'dynamodb:LeadingKeys': keys = [] }: Context): boolean {
  return [keys].flat().some((key) => /^[A-Z]#/.test(key));
}

/** The context with another value of each key that tells apart what a role may do. */
function changedContexts(context: Context): readonly Context[] {
  const changed = (key: string): Context => {
    const value = context[key] ?? '';
    const other = typeof value === 'string' ? `other.${value}` : [...value, '0#other'];
    return { ...context, [key]: other };
  };
  const isOfEveryYear = context['kms:EncryptionContext:tenure'] === 'log';
  const keys = [
    ...(isItemOfRegistry(context) ? ['dynamodb:LeadingKeys'] : []),
    ...Object.keys(context).filter((key) => ['kms:ViaService', 'iam:PassedToService'].includes(key)),
    ...('kms:EncryptionContext:tenure' in context
      ? ['kms:EncryptionContext:tenure', 'kms:EncryptionContextKeys']
      : []),
    ...('kms:EncryptionContext:scope' in context && !isOfEveryYear ? ['kms:EncryptionContext:scope'] : []),
  ];
  return keys.map(changed);
}

/** A resource of the same type that is not of this deployment. Items of a bucket differ by their bucket. */
function otherResource(arn: string): string | undefined {
  if (arn === '*') return undefined;
  const key = /^(.*:key\/)[0-9a-f-]+$/.exec(arn);
  if (key !== null) return `${key[1]}00000000-0000-0000-0000-000000000000`;
  if (arn.startsWith('arn:aws:s3:::'))
    return arn.replace(/^arn:aws:s3:::[^/]+/, 'arn:aws:s3:::another-bucket');
  const [, before = '', name = '', after = ''] =
    /^(arn:aws:[^:]*:[^:]*:\d*:(?:[a-z-]+[/:])?)([^/:]+)(.*)$/.exec(arn) ?? [];
  return `${before}other-${name}${after}`;
}
