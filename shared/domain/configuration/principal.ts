import { present } from '../present.ts';
import type { Configuration } from './configuration.ts';

/** Who is speaking, once the edge knows: one producer, or an operator. */
export type Speaker =
  | { readonly role: 'producer'; readonly producer: string }
  | { readonly role: 'operator' };

/** The roles of a principal: at most one producer, and either of the roles for people. */
export interface Caller {
  readonly producer?: string;
  readonly operator: boolean;
  readonly auditor: boolean;
}

/**
 * One spelling for a principal: the ARN of an assumed role names its session and leaves out the role's path, so roles
 * are compared by partition, account and name (which is unique within an account whatever its path).
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
 */
export function principalKey(arn: string): string {
  const assumed = /^arn:([^:]+):sts::(\d+):assumed-role\/([^/]+)\/.+$/.exec(arn);
  if (assumed) return `role:${assumed[1]}:${assumed[2]}:${assumed[3]}`;
  const role = /^arn:([^:]+):iam::(\d+):role\/(?:.+\/)?([^/]+)$/.exec(arn);
  if (role) return `role:${role[1]}:${role[2]}:${role[3]}`;
  return arn;
}

/** An unknown principal is not a producer and has no role. */
export function callerOf(configuration: Configuration, arn: string): Caller {
  const key = principalKey(arn);
  const names = (principals: readonly string[]): boolean =>
    principals.some((each) => principalKey(each) === key);
  const producer = producerByPrincipal(configuration, arn);
  return {
    ...present({ producer }),
    operator: names(configuration.operators),
    auditor: names(configuration.auditors),
  };
}

export function producerByPrincipal(configuration: Configuration, arn: string): string | undefined {
  const key = principalKey(arn);
  return Object.entries(configuration.producers).find(([, { principals }]) =>
    principals.some((each) => principalKey(each) === key),
  )?.[0];
}

export function producerBySource(configuration: Configuration, source: string): string | undefined {
  return Object.entries(configuration.producers).find(([, producer]) => producer.source === source)?.[0];
}

/** How the configuration refers to all callers with a token of this issuer. */
export function issuerPrincipal(issuer: string): string {
  return `issuer:${issuer}`;
}
