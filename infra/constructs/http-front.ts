import { RemovalPolicy } from 'aws-cdk-lib';
import {
  CfnStage,
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
import type { DeploymentSettings } from '../deployment-schema.ts';
import type { HttpAddress } from './http-address.ts';
import type { FunctionSettings } from './tenure-function.ts';

export interface HttpFrontProps {
  readonly address: HttpAddress;
  readonly settings: FunctionSettings;
  readonly authorizer: IHttpRouteAuthorizer;
  readonly handler: IFunction;
  readonly requestsPerSecond: DeploymentSettings['requestsPerSecond'];
}

/** Up to 100 items a request. */
const PRODUCERS = 500;
const PEOPLE = 50;

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
  constructor(scope: Construct, id: string, props: HttpFrontProps) {
    super(scope, id);
    const { address, settings, authorizer, handler } = props;
    const httpApi = address.api;
    const integration = new HttpLambdaIntegration('Function', handler, { scopePermissionToRoute: false });
    const routes = address.routes.map((route) => {
      const { method, path } = route;
      const routeKey = HttpRouteKey.with(gatewayPath(path), HttpMethod[method]);
      const made = new HttpRoute(this, `${method}${path}`, { httpApi, routeKey, integration, authorizer });
      return { route, key: routeKey.key, made };
    });
    const accessLog = new LogGroup(this, 'AccessLog', {
      retention: settings.logRetention,
      encryptionKey: settings.key.key,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const stage = new HttpStage(this, 'Stage', {
      httpApi,
      stageName: '$default',
      autoDeploy: true,
      accessLogSettings: {
        destination: new LogGroupLogDestination(accessLog),
        format: AccessLogFormat.custom(ACCESS_LOG),
      },
    });
    const { producers = PRODUCERS, people = PEOPLE } = props.requestsPerSecond ?? {};
    const cfnStage = stage.node.defaultChild;
    if (!(cfnStage instanceof CfnStage))
      throw new TypeError('The default child of the stage is not a CfnStage');
    cfnStage.defaultRouteSettings = limit(people);
    // Each of these routes has a limit of its own: a flood of events leaves the routes of operators free.
    const ofProducers = routes.filter(({ route }) => route.roles.includes('producer'));
    cfnStage.routeSettings = Object.fromEntries(
      ofProducers.map(({ key }) => [key, upperCase(limit(producers))]),
    );
    // API Gateway refuses limits for a route that it does not have yet.
    for (const { made } of ofProducers) stage.node.addDependency(made);
  }
}

/** A burst may be as large as what a second allows. */
function limit(requestsPerSecond: number) {
  return { throttlingRateLimit: requestsPerSecond, throttlingBurstLimit: requestsPerSecond };
}

/** The settings of single routes are JSON, which CDK passes on as it is. */
function upperCase({ throttlingRateLimit, throttlingBurstLimit }: ReturnType<typeof limit>) {
  return { ThrottlingRateLimit: throttlingRateLimit, ThrottlingBurstLimit: throttlingBurstLimit };
}

/** `/v1/lanes/:lane/pause` as API Gateway writes it. */
function gatewayPath(path: string): string {
  return path.replaceAll(/:(\w+)/g, '{$1}');
}
