import { CfnElement, RemovalPolicy } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * For what data lives in: it stays when the stack goes, and keeps its logical id wherever its construct moves to. A
 * changed logical id would replace it.
 */
export function pinned<Resource extends IConstruct & { applyRemovalPolicy(policy: RemovalPolicy): void }>(
  resource: Resource,
  logicalId: string,
): Resource {
  resource.applyRemovalPolicy(RemovalPolicy.RETAIN);
  const element = resource.node.defaultChild;
  if (!(element instanceof CfnElement)) throw new TypeError(`${logicalId} is no resource of CloudFormation`);
  element.overrideLogicalId(logicalId);
  return resource;
}
