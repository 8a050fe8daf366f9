import { Stack, Validations } from 'aws-cdk-lib';
import type { IGrantable } from 'aws-cdk-lib/aws-iam';
import { Construct, type IConstruct } from 'constructs';

/** Says to the checks of AwsSolutions why a rule does not hold here. */
export function excuse(scope: IConstruct, rule: string, reason: string): void {
  Validations.of(scope).acknowledge({ id: `AwsSolutions-${rule}`, reason });
}

/**
 * Says why a grant names resources with a `*`. The checks know such a grant by how its resource reads when references
 * between stacks are resolved, and so it is said only then.
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

/** As the checks write it: references in angle brackets, everything unknown as JSON. */
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
