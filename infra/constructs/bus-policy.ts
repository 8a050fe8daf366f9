import type { Configuration } from '../../shared/domain/configuration/configuration.ts';

/** A statement of a resource policy in CloudFormation's form. */
export interface BusStatement {
  readonly Sid: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal: '*' | { readonly AWS: string };
  readonly Action: 'events:PutEvents';
  readonly Resource: string;
  readonly Condition: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

interface BusPolicyInput {
  readonly producers: Configuration['producers'];
  readonly busArn: string;
  readonly account: string;
  readonly partition: string;
  /** Tenure's own sources, each with the role that may use it. */
  readonly own: readonly { readonly name: string; readonly source: string; readonly roleArn: string }[];
}

/**
 * Which principals may send which source to the bus. Within an account an Allow restricts nothing, because identities
 * have their own policies. So these are Denies: of every source for all but its principals, and of every unknown
 * source. Producers of other accounts also need an Allow.
 */
export function busStatements({
  producers,
  busArn,
  account,
  partition,
  own,
}: BusPolicyInput): readonly BusStatement[] {
  const pairs = [
    ...Object.entries(producers).map(([name, { source, principals }]) => ({ name, source, principals })),
    ...own.map(({ name, source, roleArn }) => ({ name, source, principals: [roleArn] })),
  ];
  const base = { Action: 'events:PutEvents', Resource: busArn } as const;
  const denied = pairs.map(({ source, principals }, index): BusStatement => ({
    ...base,
    Sid: `Source${index}`,
    Effect: 'Deny',
    Principal: '*',
    Condition: {
      'ForAnyValue:StringEquals': { 'events:source': source },
      // A source without principals is denied to every principal: the exception is left out.
      ...(principals.length === 0 ? {} : { ArnNotEquals: { 'aws:PrincipalArn': principals } }),
    },
  }));
  const unknown: BusStatement = {
    ...base,
    Sid: 'NoOtherSource',
    Effect: 'Deny',
    Principal: '*',
    Condition: { 'ForAnyValue:StringNotEquals': { 'events:source': pairs.map(({ source }) => source) } },
  };
  return [...denied, unknown, ...foreign(producers, account).map((found) => allowed(found, base, partition))];
}

interface Foreign {
  readonly account: string;
  readonly principals: readonly string[];
}

function foreign(producers: Configuration['producers'], account: string): Foreign[] {
  const all = Object.values(producers).flatMap(({ principals }) => principals);
  const byAccount = Map.groupBy(new Set(all), (principal) => principal.split(':')[4] ?? '');
  byAccount.delete(account);
  return [...byAccount].map(([other, principals]) => ({ account: other, principals }));
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
    Sid: `Account${account}`,
    Effect: 'Allow',
    Principal: { AWS: `arn:${partition}:iam::${account}:root` },
    Condition: { ArnEquals: { 'aws:PrincipalArn': principals } },
  };
}
