import type { Node } from 'constructs';

/**
 * The feature flags of the CDK on which the templates depend. They are set here and not only in a `cdk.json`, so that a
 * deployment in another app, with other flags, gets the templates that are tested. References between the stacks are
 * weak: an export that the service stack imports would block every change of its value in the state stack.
 * https://docs.aws.amazon.com/cdk/v2/guide/featureflags.html
 */
export const FEATURE_FLAGS = {
  '@aws-cdk/core:defaultCrossStackReferences': 'weak',
  '@aws-cdk/core:enablePartitionLiterals': true,
  '@aws-cdk/aws-iam:minimizePolicies': true,
  '@aws-cdk/aws-iam:importedRoleStackSafeDefaultPolicyName': true,
  '@aws-cdk/custom-resources:logApiResponseDataPropertyTrueDefault': false,
} as const;

/** Before the node has children: they would have read other flags. */
export function setFeatureFlags(node: Node): void {
  for (const [flag, value] of Object.entries(FEATURE_FLAGS)) node.setContext(flag, value);
}
