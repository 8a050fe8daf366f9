import { RemovalPolicy } from 'aws-cdk-lib';
import {
  HttpMethod,
  HttpRoute,
  HttpRouteKey,
  HttpStage,
  type IHttpRouteAuthorizer,
  LogGroupLogDestination,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { HttpAddress } from './http-address.ts';
import type { FunctionSettings } from './tenure-function.ts';

export interface HttpFrontProps {
  readonly address: HttpAddress;
  readonly settings: FunctionSettings;
  readonly authorizer: IHttpRouteAuthorizer;
  readonly handler: IFunction;
}

/** The fields of the access log: the route's key, never the path, who signed, and nothing that the caller sent. */
const ACCESS_LOG = JSON.stringify({
  requestId: '$context.requestId',
  time: '$context.requestTime',
  routeKey: '$context.routeKey',
  status: '$context.status',
  principal: '$context.identity.userArn',
  error: '$context.error.responseType',
  integrationStatus: '$context.integrationStatus',
  latency: '$context.responseLatency',
});

/** Serves the routes of an address, all with one authorizer. */
export class HttpFront extends Construct {
  constructor(scope: Construct, id: string, { address, settings, authorizer, handler }: HttpFrontProps) {
    super(scope, id);
    const httpApi = address.api;
    const integration = new HttpLambdaIntegration('Function', handler, { scopePermissionToRoute: false });
    for (const { method, path } of address.routes) {
      const routeKey = HttpRouteKey.with(gatewayPath(path), HttpMethod[method]);
      new HttpRoute(this, `${method}${path}`, { httpApi, routeKey, integration, authorizer });
    }
    const accessLog = new LogGroup(this, 'AccessLog', {
      retention: settings.logRetention,
      encryptionKey: settings.key.key,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    new HttpStage(this, 'Stage', {
      httpApi,
      stageName: '$default',
      autoDeploy: true,
      accessLogSettings: {
        destination: new LogGroupLogDestination(accessLog),
        format: AccessLogFormat.custom(ACCESS_LOG),
      },
    });
  }
}

/** `/v1/lanes/:lane/pause` as API Gateway writes it. */
function gatewayPath(path: string): string {
  return path.replaceAll(/:(\w+)/g, '{$1}');
}
