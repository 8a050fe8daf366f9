import { CfnElement, RemovalPolicy } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

interface Removable extends IConstruct {
  applyRemovalPolicy(policy: RemovalPolicy): void;
}

/**
 * For what stays when the stack is deleted. Only what the first deployment itself has made goes when that deployment
 * fails, because nothing is in it yet, and what stayed would be in the way of the next attempt.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
 */
export function retained(resource: Removable): void {
  resource.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
}

/**
 * For resources that hold data: they are retained, and keep their logical id wherever their construct moves to. A changed
 * logical id would replace them.
 */
export function pinned<Resource extends Removable>(resource: Resource, logicalId: string): Resource {
  retained(resource);
  const element = resource.node.defaultChild;
  if (!(element instanceof CfnElement)) throw new TypeError(`${logicalId} is not a CloudFormation resource`);
  element.overrideLogicalId(logicalId);
  return resource;
}
