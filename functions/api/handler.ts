import { Hono } from 'hono';
import { handle, type LambdaContext, type LambdaEvent } from 'hono/aws-lambda';
import * as z from 'zod';
import {
  adoptedTable,
  awsArchiveLinks,
  awsBus,
  awsDynamo,
  awsKeys,
  awsLogFiles,
  awsQueues,
  awsRegistry,
} from '../../shared/adapters/aws-ports.ts';
import { randomTokens } from '../../shared/adapters/random-tokens.ts';
import { systemClock } from '../../shared/adapters/system-clock.ts';
import { API_SOURCE } from '../../shared/contract/bus.ts';
import { issuerPrincipal } from '../../shared/domain/configuration/principal.ts';
import { parseEnvironment } from '../../shared/runtime/environment.ts';
import { deployedConfiguration } from '../../shared/runtime/deployed-configuration.ts';
import { powertoolsReport } from '../../shared/runtime/report.ts';
import { warmStart } from '../../shared/runtime/warm-start.ts';
import { createApi } from './api.ts';
import type { ApiPorts } from './api-ports.ts';
import { Environment } from './config.ts';

/** What an authorizer of an HTTP API (payload format 2.0) adds after it has checked the signature or the token. */
const Authorized = z.object({
  requestContext: z.object({
    authorizer: z.union([
      z.object({ iam: z.object({ userArn: z.string() }) }),
      z.object({ jwt: z.object({ claims: z.object({ iss: z.string() }) }) }),
    ]),
  }),
});
type Authorizer = z.output<typeof Authorized>['requestContext']['authorizer'];

/**
 * Fired by the HTTP API after its authorizer has checked the signature and identified the principal. `createApi`
 * refuses a request without a principal. Clients repeat requests without an answer, so every write is idempotent.
 */
export function apiHandler(ports: ApiPorts) {
  const api = createApi(ports);
  const front = new Hono<{ Bindings: { readonly event: LambdaEvent } }>();
  front.all('*', (context) => {
    const authorized = Authorized.safeParse(context.env.event);
    const bindings = authorized.success
      ? { principal: principalOf(authorized.data.requestContext.authorizer) }
      : {};
    return api.fetch(context.req.raw, bindings);
  });
  return handle(front);
}

/** All callers with a token of one issuer are one principal. The configuration says whether it is an auditor. */
function principalOf(authorizer: Authorizer): string {
  return 'iam' in authorizer ? authorizer.iam.userArn : issuerPrincipal(authorizer.jwt.claims.iss);
}

const start = warmStart(async () => {
  const env = parseEnvironment(Environment, process.env);
  const dynamo = awsDynamo();
  const report = powertoolsReport('api');
  const configuration = await deployedConfiguration(import.meta.url);
  return apiHandler({
    configuration,
    registry: awsRegistry(dynamo, env),
    keys: awsKeys(dynamo, env, configuration.timing),
    bus: awsBus(env, API_SOURCE, report),
    exports: awsArchiveLinks(env),
    log: awsLogFiles(env),
    queues: awsQueues({ ingest: env.INGEST_QUEUE_URL, sweep: env.SWEEP_QUEUE_URL }),
    clock: systemClock(),
    tokens: randomTokens(),
    report,
    ...adoptedTable(env),
  });
});

export const handler = async (event: LambdaEvent, context: LambdaContext) => (await start())(event, context);
