import { ParameterTier, StringParameter } from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import type { Configuration } from '../../shared/domain/configuration/configuration.ts';
import { claimOf, placeOf } from '../../shared/domain/configuration/store-place.ts';

export interface StoreClaimsProps {
  /** The deployment's name. */
  readonly name: string;
  readonly stores: Configuration['stores'];
}

/**
 * How many parameters are made at the same time. Systems Manager takes about three new ones in a second, and a deployment
 * with 200 stores would be throttled and rolled back.
 * https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/573
 */
const AT_ONCE = 3;

/**
 * One parameter for each store: this place belongs to this deployment. A second deployment that names the same place
 * fails and is rolled back, because a parameter of this name exists. So does a deployment whose name was changed: it would
 * begin with an empty registry, while the old one knows what has to be kept and deleted. The parameters hold no data and
 * go with the store or the stack.
 */
export class StoreClaims extends Construct {
  constructor(scope: Construct, id: string, { name, stores }: StoreClaimsProps) {
    super(scope, id);
    const places = Object.values(stores).flatMap((store) => placeOf(store) ?? []);
    const claims: StringParameter[] = [];
    for (const place of places) {
      const parameterName = claimOf(place);
      // By place: a store may be called something else.
      const claim = new StringParameter(this, parameterName.split('/').at(-1) ?? '', {
        parameterName,
        stringValue: name,
        description: `A store that belongs to the Tenure deployment ${name}`,
        tier: ParameterTier.STANDARD,
      });
      const before = claims.at(-AT_ONCE);
      if (before !== undefined) claim.node.addDependency(before);
      claims.push(claim);
    }
  }
}
