import { Stack } from 'aws-cdk-lib';
import { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { Construct } from 'constructs';
import { type Role, type Route, ROUTES } from '../../shared/contract/routes.ts';
import { pinned } from './pinned.ts';

export interface HttpAddressProps {
  readonly name: string;
  readonly description: string;
  readonly logicalId: string;
  /** Only routes that this role may call; by default all. */
  readonly role?: Role;
}

/** Where the HTTP API is, and what may be asked there. It stays when the functions that answer are deployed anew. */
export class HttpAddress extends Construct {
  readonly api: HttpApi;
  readonly url: string;
  readonly routes: readonly Route[];

  constructor(scope: Construct, id: string, { name, description, logicalId, role }: HttpAddressProps) {
    super(scope, id);
    this.routes = Object.values<Route>(ROUTES).filter(
      ({ roles }) => role === undefined || roles.includes(role),
    );
    this.api = pinned(
      new HttpApi(this, 'Api', { apiName: name, description, createDefaultStage: false }),
      logicalId,
    );
    const { region, urlSuffix } = Stack.of(this);
    this.url = `https://${this.api.apiId}.execute-api.${region}.${urlSuffix}/`;
  }

  /** Every route that a role may call, as a request to it is named in a policy. */
  arnsFor(role: Role): string[] {
    return this.routes
      .filter(({ roles }) => roles.includes(role))
      .map(({ method, path }) =>
        Stack.of(this).formatArn({
          service: 'execute-api',
          resource: this.api.apiId,
          resourceName: `$default/${method}${path.replaceAll(/:\w+/g, '*')}`,
        }),
      );
  }
}
