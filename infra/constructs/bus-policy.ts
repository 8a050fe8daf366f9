import type { Configuration } from '../../shared/domain/configuration/configuration.ts';

/** A statement of a resource policy, as CloudFormation takes it. */
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
  /** The source under which the api publishes, and the api's role: the one pair that is not a producer's. */
  readonly api: { readonly source: string; readonly roleArn: string };
}

/**
 * Who may put which source on the bus. Within an account an Allow pins nothing, because identities bring their own; so
 * these are Denies: of a source by anyone but its principals, and of every source that is nobody's. Producers of other
 * accounts need an Allow besides.
 */
export function busStatements({
  producers,
  busArn,
  account,
  partition,
  api,
}: BusPolicyInput): readonly BusStatement[] {
  const pairs = [
    ...Object.entries(producers).map(([name, { source, principals }]) => ({ name, source, principals })),
    { name: 'TenureApi', source: api.source, principals: [api.roleArn] },
  ];
  const base = { Action: 'events:PutEvents', Resource: busArn } as const;
  const denied = pairs.map(({ source, principals }, index): BusStatement => ({
    ...base,
    Sid: `Source${index}`,
    Effect: 'Deny',
    Principal: '*',
    Condition: {
      'ForAnyValue:StringEquals': { 'events:source': source },
      // Without a principal nobody may: the condition that every principal meets is left out.
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

/** Named by account, so that a principal that does not exist yet does not fail the deployment. */
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
