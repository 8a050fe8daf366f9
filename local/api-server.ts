import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { APIGatewayProxyResult, LambdaEvent } from 'hono/aws-lambda';
import { listenOnLoopback } from './engines/loopback.ts';
import { checkSignature, type KeyOwner, type SignedRequest } from './sigv4-check.ts';

export interface ApiServer {
  readonly url: string;
  /** Safe to repeat. */
  stop(): Promise<void>;
}

export type GatewayEvent = Extract<LambdaEvent, { readonly rawPath: string }>;
/** The function that the gateway calls. */
export type Gateway = (
  event: GatewayEvent,
) => Promise<Pick<APIGatewayProxyResult, 'statusCode' | 'headers' | 'body' | 'isBase64Encoded'>>;

/** API Gateway takes 10 MB; the function says what is too large for it. */
const LARGEST_BODY = 10_485_760;

/**
 * What API Gateway is in AWS: checks the signature, then hands the function an event (payload format 2.0). Listens on
 * the loopback address only. Signatures are checked against the real time: clients know no other.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export async function startApiServer(
  handler: Gateway,
  keys: ReadonlyMap<string, KeyOwner>,
): Promise<ApiServer> {
  const server = createServer((request, response) => {
    serve(handler, keys, request, response).catch(() => {
      answer(response, 500, 'application/json', JSON.stringify({ message: 'Internal Server Error' }));
    });
  });
  const local = await listenOnLoopback(server);
  return { url: local.endpoint, stop: () => local.stop() };
}

async function serve(
  handler: Gateway,
  keys: ReadonlyMap<string, KeyOwner>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await bodyOf(request);
  if (body === undefined) {
    return answer(response, 413, 'application/json', JSON.stringify({ message: 'Request Entity Too Large' }));
  }
  const { method = 'GET', url: target = '/', headers } = request;
  const signed = { method, target, headers, body };
  const check = await checkSignature(signed, keys, Date.now());
  if (!check.ok) {
    return answer(
      response,
      403,
      'application/json',
      JSON.stringify({ message: `Forbidden: ${check.reason}` }),
    );
  }
  const result = await handler(eventOf(signed, check.principal));
  const type = result.headers?.['content-type'] ?? 'application/json';
  answer(
    response,
    result.statusCode,
    String(type),
    Buffer.from(result.body, result.isBase64Encoded ? 'base64' : 'utf8'),
  );
}

function eventOf({ method, target, headers, body }: SignedRequest, userArn: string): GatewayEvent {
  const { pathname, search } = new URL(target, 'http://127.0.0.1');
  const http = { method, path: pathname, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: '' };
  const event = {
    version: '2.0',
    routeKey: '$default',
    rawPath: pathname,
    rawQueryString: search.slice(1),
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
    body: Buffer.from(body).toString('base64'),
    isBase64Encoded: true,
    requestContext: {
      accountId: '000000000000',
      apiId: 'local',
      authentication: null,
      authorizer: { iam: { userArn } },
      domainName: '127.0.0.1',
      domainPrefix: '127',
      http,
      requestId: 'local',
      routeKey: '$default',
      stage: '$default',
      time: '',
      timeEpoch: 0,
    },
  };
  // hono's type of the authorizer knows only the fields that its own examples read.
  return event as unknown as GatewayEvent;
}

async function bodyOf(request: IncomingMessage): Promise<Uint8Array | undefined> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size <= LARGEST_BODY) parts.push(part);
  }
  return size <= LARGEST_BODY ? Buffer.concat(parts) : undefined;
}

function answer(response: ServerResponse, status: number, type: string, body: string | Buffer): void {
  response.writeHead(status, { 'content-type': type }).end(body);
}
