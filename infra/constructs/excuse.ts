import { Stack, Validations } from 'aws-cdk-lib';
import type { IGrantable } from 'aws-cdk-lib/aws-iam';
import { Construct, type IConstruct } from 'constructs';

/** Acknowledges a rule of the AwsSolutions checks that does not apply here, with the reason. */
export function excuse(scope: IConstruct, rule: string, reason: string): void {
  Validations.of(scope).acknowledge({ id: `AwsSolutions-${rule}`, reason });
}

/**
 * Acknowledges a grant on resources with a `*`, with the reason. The checks identify such a grant by its resource after
 * references between stacks are resolved, so this waits until then.
 */
export function excuseWildcard(grantee: IGrantable, resource: string, reason: string): void {
  const scope = [grantee.grantPrincipal, grantee].find((each) => Construct.isConstruct(each));
  if (scope === undefined) return;
  scope.node.addValidation({
    validate() {
      excuse(scope, `IAM5[Resource::${flattened(Stack.of(scope).resolve(resource))}]`, reason);
      return [];
    },
  });
}

/** The resource as the checks write it: references in angle brackets, everything else as JSON. */
function flattened(resource: unknown): string {
  if (typeof resource === 'string') return resource;
  const {
    'Fn::Join': join,
    'Fn::GetAtt': attribute,
    Ref: ref,
  } = resource as Readonly<Record<string, unknown>>;
  if (Array.isArray(join)) return (join[1] as unknown[]).map(flattened).join(String(join[0]));
  if (Array.isArray(attribute)) return `<${attribute.join('.')}>`;
  return typeof ref === 'string' ? `<${ref}>` : JSON.stringify(resource);
}
