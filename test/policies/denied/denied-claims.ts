import type { Case, Who } from '../cases.ts';
import { type Cast, denied, shortName } from '../cast.ts';

/** A parameter says which deployment a store belongs to. Only a deployment writes it. */
export function deniedClaims(cast: Cast): readonly Case[] {
  const claims = cast.deployed.ofType('AWS::SSM::Parameter').map(({ arn }) => arn);
  const everyone: readonly (readonly [string, Who])[] = [
    ...cast.everyRole.map(({ name, who }) => [name, who] as const),
    ...cast.producers.map(({ name, who }) => [`the producer ${name}`, who] as const),
    ['an operator', cast.operator],
    ['an auditor', cast.auditor],
    ['a stranger', cast.stranger],
  ];
  return claims.flatMap((resource) =>
    everyone.flatMap(([name, who]) =>
      ['PutParameter', 'DeleteParameter'].map((action) =>
        denied(`${name} does not use ${action} on the claim ${shortName(resource)}`, who, {
          action: `ssm:${action}`,
          resource,
        }),
      ),
    ),
  );
}
