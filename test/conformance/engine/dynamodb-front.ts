import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The operation and its parsed body; a replacement answer, or `undefined` to let the engine answer. */
export type Intercept = (
  operation: string,
  body: Record<string, unknown>,
) => Promise<CannedAnswer | undefined> | CannedAnswer | undefined;

export interface CannedAnswer {
  readonly status: number;
  readonly body: unknown;
}

export interface DynamoFront {
  readonly endpoint: string;
  intercept: Intercept;
  stop(): void;
}

/** A proxy in front of a DynamoDB engine that gives answers which no engine gives on demand. */
export async function dynamoFront(engine: string): Promise<DynamoFront> {
  const server = createServer((request, response) => {
    void textOf(request).then(async (text) => {
      const operation = String(request.headers['x-amz-target']).split('.')[1] ?? '';
      const canned = await front.intercept(operation, JSON.parse(text) as Record<string, unknown>);
      if (canned) return response.writeHead(canned.status).end(JSON.stringify(canned.body));
      const headers = new Headers({ 'x-amz-target': `DynamoDB_20120810.${operation}` });
      for (const name of ['content-type', 'authorization', 'x-amz-date']) {
        headers.set(name, String(request.headers[name]));
      }
      const answer = await fetch(engine, { method: 'POST', headers, body: text });
      return response
        .writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.0' })
        .end(await answer.text());
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const front: DynamoFront = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    intercept: () => undefined,
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
  return front;
}

/** An error as DynamoDB words it, with a text that must not come through. */
export function dynamoError(name: string, message: string, status = 400): CannedAnswer {
  return { status, body: { __type: `com.amazonaws.dynamodb.v20120810#${name}`, message } };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}
