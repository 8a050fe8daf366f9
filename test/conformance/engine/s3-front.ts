import { once } from 'node:events';
import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FrontRequest {
  readonly method: string;
  /** Path and query, as sent. */
  readonly url: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

export interface CannedAnswer {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A replacement answer, or `undefined` to let the engine answer. */
export type Intercept = (
  request: FrontRequest,
) => Promise<CannedAnswer | undefined> | CannedAnswer | undefined;

export interface S3Front {
  readonly endpoint: string;
  intercept: Intercept;
  /** Method and subresource of what was sent, in order. */
  readonly seen: FrontRequest[];
  stop(): void;
}

/**
 * A proxy in front of an S3 engine that acts between two requests, and gives answers which no engine gives on demand.
 */
export async function s3Front(engine: string): Promise<S3Front> {
  const { hostname, port } = new URL(engine);
  const server = createServer((incoming, outgoing) => {
    void bytesOf(incoming).then(async (body) => {
      const seen = {
        method: incoming.method ?? '',
        url: incoming.url ?? '',
        headers: incoming.headers,
        body: body.toString(),
      };
      front.seen.push(seen);
      const canned = await front.intercept(seen);
      if (canned) {
        outgoing
          .writeHead(canned.status, { 'content-type': 'application/xml', ...canned.headers })
          .end(canned.body);
        return;
      }
      const { method, url: path, headers } = incoming;
      const passed = request({ hostname, port, method, path, headers }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(outgoing);
      });
      // A client that has ended may leave a request.
      passed.on('error', () => outgoing.destroy());
      passed.end(body);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const front: S3Front = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    intercept: () => undefined,
    seen: [],
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
  return front;
}

/** An error as S3 words it, with a text that must not come through. */
export function s3Error(code: string, message: string, status: number): CannedAnswer {
  return { status, body: `<Error><Code>${code}</Code><Message>${message}</Message></Error>` };
}

async function bytesOf(incoming: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of incoming) parts.push(part as Buffer);
  return Buffer.concat(parts);
}
