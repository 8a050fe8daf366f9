import { Stack } from 'aws-cdk-lib';
import { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { Construct } from 'constructs';
import { type Role, type Route, ROUTES } from '../../shared/contract/routes.ts';
import { pinned } from './pinned.ts';

export interface HttpAddressProps {
  readonly name: string;
  readonly description: string;
  readonly logicalId: string;
  /** Only the routes of this role; by default all routes. */
  readonly role?: Role;
}

/** The HTTP API's address and routes. It stays when the functions that answer are deployed again. */
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

  /** The ARNs of all routes that a role may call, for policies. */
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
