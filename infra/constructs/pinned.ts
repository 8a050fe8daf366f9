import { CfnElement, RemovalPolicy } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * For resources that hold data: they are retained when the stack is deleted, and keep their logical id wherever their
 * construct moves to. A changed logical id would replace them.
 */
export function pinned<Resource extends IConstruct & { applyRemovalPolicy(policy: RemovalPolicy): void }>(
  resource: Resource,
  logicalId: string,
): Resource {
  resource.applyRemovalPolicy(RemovalPolicy.RETAIN);
  const element = resource.node.defaultChild;
  if (!(element instanceof CfnElement)) throw new TypeError(`${logicalId} is not a CloudFormation resource`);
  element.overrideLogicalId(logicalId);
  return resource;
}
