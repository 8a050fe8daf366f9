import { HttpAuthorizer, HttpAuthorizerType, type IHttpRouteAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpIamAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { Role } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { Environment } from '../../functions/api/config.ts';
import { configurationOf } from '../../shared/domain/configuration/configuration-part.ts';
import type { Configuration } from '../../shared/domain/configuration/configuration.ts';
import { present } from '../../shared/domain/present.ts';
import type { DeploymentSettings } from '../deployment-schema.ts';
import type { StateStack } from '../stacks/state-stack.ts';
import { registryAccess } from '../registry-access.ts';
import type { HttpAddress } from './http-address.ts';
import { HttpFront } from './http-front.ts';
import type { QueuePair } from './queue-pair.ts';
import { type FunctionSettings, TenureFunction } from './tenure-function.ts';

export interface ApiProps {
  readonly deployment: DeploymentSettings;
  readonly configuration: Configuration;
  readonly functions: FunctionSettings;
  readonly state: StateStack;
  readonly sweep: QueuePair;
}

type AuditorSignIn = NonNullable<DeploymentSettings['auditorSignIn']>;

/** HTTP API Gateway gives up after 30 seconds. */
const TIMEOUT_SECONDS = 29;

/** The HTTP API, for requests signed by IAM principals. Auditors can have a separate address that accepts tokens. */
export class Api extends Construct {
  readonly worker: TenureFunction<typeof Environment>;

  constructor(scope: Construct, id: string, props: ApiProps) {
    super(scope, id);
    const { deployment, configuration, functions, state, sweep } = props;
    const { key } = functions;
    this.worker = new TenureFunction<typeof Environment>(this, 'Function', {
      settings: functions,
      bundle: 'api',
      description: 'Answers requests of applications, operators and auditors',
      configuration: configurationOf('api', configuration),
      environment: {
        ...state.registry.variables,
        KEY_ARN: key.key.keyArn,
        BUS_NAME: state.intake.bus.eventBusName,
        INGEST_QUEUE_URL: state.intake.ingest.queue.queueUrl,
        SWEEP_QUEUE_URL: sweep.queue.queueUrl,
        ...state.exports.variables,
        LOG_BUCKET: state.deletionLog.bucket.bucketName,
      },
      timeoutSeconds: TIMEOUT_SECONDS,
      memoryMegabytes: 1024,
      ...present({ reservedConcurrency: deployment.concurrency?.api }),
      // The bus trusts this role, so it is defined with the bus. Its permissions are granted here, and removed with
      // this stack.
      role: Role.fromRoleName(this, 'Role', state.apiRole.roleName),
    });
    const worker = this.worker.function;
    state.registry.grant(worker, registryAccess({ verb: 'api' }));
    state.intake.grantPublish(worker);
    state.intake.ingest.grantSend(worker);
    sweep.grantSend(worker);
    state.exports.grantRead(worker);
    state.deletionLog.grantReadTree(worker);

    const { requestsPerSecond } = deployment;
    const front = { settings: functions, handler: worker, requestsPerSecond };
    new HttpFront(this, 'Http', { ...front, address: state.http, authorizer: new HttpIamAuthorizer() });
    if (deployment.auditorSignIn === undefined || state.auditorHttp === undefined) return;
    const authorizer = this.#signIn(deployment.auditorSignIn, state.auditorHttp);
    new HttpFront(this, 'AuditorHttp', { ...front, address: state.auditorHttp, authorizer });
  }

  /** Created explicitly: an authorizer that is bound to a route would be created in the stack of the address. */
  #signIn({ issuer, audience }: AuditorSignIn, { api: httpApi }: HttpAddress): IHttpRouteAuthorizer {
    const { authorizerId } = new HttpAuthorizer(this, 'SignIn', {
      httpApi,
      type: HttpAuthorizerType.JWT,
      identitySource: ['$request.header.Authorization'],
      jwtIssuer: issuer,
      jwtAudience: [...audience],
    });
    return HttpAuthorizer.fromHttpAuthorizerAttributes(this, 'Auditors', {
      authorizerId,
      authorizerType: 'JWT',
    });
  }
}
