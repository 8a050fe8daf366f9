import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import {
  HttpApi,
  HttpMethod,
  HttpStage,
  type IHttpRouteAuthorizer,
  LogGroupLogDestination,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { type Role, type Route, ROUTES } from '../../shared/contract/routes.ts';
import type { FunctionSettings } from './tenure-function.ts';

export interface HttpFrontProps {
  readonly name: string;
  readonly description: string;
  readonly settings: FunctionSettings;
  readonly authorizer: IHttpRouteAuthorizer;
  readonly handler: IFunction;
  /** Only routes that this role may call; by default all. */
  readonly role?: Role;
}

/** What an access log tells: the route's key, never the path; nothing that a caller wrote. */
const ACCESS_LOG = JSON.stringify({
  requestId: '$context.requestId',
  time: '$context.requestTime',
  routeKey: '$context.routeKey',
  status: '$context.status',
  error: '$context.error.responseType',
  integrationStatus: '$context.integrationStatus',
  latency: '$context.responseLatency',
});

/** An HTTP API with one authorizer on every route of the contract. */
export class HttpFront extends Construct {
  readonly url: string;
  readonly #api: HttpApi;
  readonly #routes: readonly Route[];

  constructor(scope: Construct, id: string, props: HttpFrontProps) {
    super(scope, id);
    const { role, settings } = props;
    this.#routes = Object.values<Route>(ROUTES).filter(
      ({ roles }) => role === undefined || roles.includes(role),
    );
    this.#api = new HttpApi(this, 'Api', {
      apiName: props.name,
      description: props.description,
      createDefaultStage: false,
      defaultAuthorizer: props.authorizer,
    });
    const integration = new HttpLambdaIntegration('Function', props.handler, {
      scopePermissionToRoute: false,
    });
    for (const { method, path } of this.#routes) {
      this.#api.addRoutes({ path: gatewayPath(path), methods: [HttpMethod[method]], integration });
    }
    const accessLog = new LogGroup(this, 'AccessLog', {
      retention: settings.logRetention,
      encryptionKey: settings.key.key,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const stage = new HttpStage(this, 'Stage', {
      httpApi: this.#api,
      stageName: '$default',
      autoDeploy: true,
      accessLogSettings: {
        destination: new LogGroupLogDestination(accessLog),
        format: AccessLogFormat.custom(ACCESS_LOG),
      },
    });
    this.url = stage.url;
  }

  /** Every route that a role may call, as a request to it is named in a policy. */
  arnsFor(role: Role): string[] {
    return this.#routes
      .filter(({ roles }) => roles.includes(role))
      .map(({ method, path }) =>
        Stack.of(this).formatArn({
          service: 'execute-api',
          resource: this.#api.apiId,
          resourceName: `$default/${method}${path.replaceAll(/:\w+/g, '*')}`,
        }),
      );
  }
}

/** `/v1/lanes/:lane/pause` as API Gateway writes it. */
function gatewayPath(path: string): string {
  return path.replaceAll(/:(\w+)/g, '{$1}');
}
