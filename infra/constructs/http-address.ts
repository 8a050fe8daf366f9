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

  /**
   * The ARNs of all routes that a role may call, for policies. Routes below one path are one ARN where the role may call
   * them all: a managed policy has at most 6,144 characters.
   */
  arnsFor(role: Role): string[] {
    const groups = Map.groupBy(this.routes, ({ method, path }) => `${method}${belowOf(path) ?? path}`);
    const names = [...groups.values()].flatMap((group) => {
      const own = group.filter(({ roles }) => roles.includes(role));
      const [first] = own;
      const below = first && belowOf(first.path);
      return first !== undefined &&
        below !== undefined &&
        (group.length > 1 || first.path.includes(':')) &&
        own.length === group.length
        ? [`${first.method}${below}*`]
        : own.map(({ method, path }) => `${method}${path.replaceAll(/:\w+/g, '*')}`);
    });
    return names.map((name) =>
      Stack.of(this).formatArn({
        service: 'execute-api',
        resource: this.api.apiId,
        resourceName: `$default/${name}`,
      }),
    );
  }
}

/** `/v1/lanes/` of `/v1/lanes/:lane/pause`; nothing for `/v1/lanes`. */
function belowOf(path: string): string | undefined {
  return /^\/v1\/[^/]+\//.exec(path)?.[0];
}
