import { ArnFormat, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';

/** The parameter into which `seal` writes the log's verifier keys for people. The first run makes it, and it stays. */
export class KeyRecord {
  readonly parameterName: string;
  readonly #scope: Construct;

  constructor(scope: Construct, deployment: string) {
    this.#scope = scope;
    this.parameterName = `/tenure/log-keys/${deployment}`;
  }

  grantWrite(grantee: iam.IGrantable): void {
    this.#grant(grantee, ['ssm:GetParameters', 'ssm:PutParameter']);
  }

  grantRead(grantee: iam.IGrantable): void {
    this.#grant(grantee, ['ssm:GetParameters']);
  }

  #grant(grantee: iam.IGrantable, actions: readonly string[]): void {
    const resource = Stack.of(this.#scope).formatArn({
      service: 'ssm',
      resource: 'parameter',
      // It begins with a slash.
      resourceName: this.parameterName.slice(1),
      arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
    });
    grantee.grantPrincipal.addToPrincipalPolicy(
      new iam.PolicyStatement({ actions: [...actions], resources: [resource] }),
    );
  }
}
