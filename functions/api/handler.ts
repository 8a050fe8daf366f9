import { Hono } from 'hono';
import { handle, type LambdaEvent } from 'hono/aws-lambda';
import * as z from 'zod';
import { createApi } from './api.ts';
import type { ApiPorts } from './api-ports.ts';

/** What the IAM authorizer of an HTTP API (payload 2.0) adds once it has checked the signature. */
const Signed = z.looseObject({
  requestContext: z.looseObject({
    authorizer: z.looseObject({ iam: z.looseObject({ userArn: z.string() }) }),
  }),
});

/**
 * Fired by the HTTP API behind its IAM authorizer, which has checked the signature and names the principal; a request
 * without one is refused by `createApi`. Clients repeat what they got no answer to: every write is idempotent.
 */
export function apiHandler(ports: ApiPorts) {
  const api = createApi(ports);
  const front = new Hono<{ Bindings: { readonly event: LambdaEvent } }>();
  front.all('*', (context) => {
    const signed = Signed.safeParse(context.env.event);
    const bindings = signed.success ? { principal: signed.data.requestContext.authorizer.iam.userArn } : {};
    return api.fetch(context.req.raw, bindings);
  });
  return handle(front);
}
