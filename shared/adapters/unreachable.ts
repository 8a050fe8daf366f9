import { AdapterError } from './adapter-error.ts';
import { AWS_SERVICES, type AwsService } from './aws-services.ts';

/** Node's and the resolver's codes for a host that cannot be reached, or breaks off. */
const NETWORK: ReadonlySet<unknown> = new Set([
  'EAI_AGAIN',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'ENETDOWN',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
]);

/** What AWS answered is never among them. */
export function isNetworkError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code: unknown = 'code' in error ? error.code : undefined;
  return error.name === 'TimeoutError' || NETWORK.has(code);
}

export function unreachable(service: AwsService, host: string, cause: unknown): AdapterError {
  return new AdapterError(
    `${service}_UNREACHABLE`,
    `No answer from ${host}, although the request was sent several times. A function in a VPC needs a way to this service: create the VPC endpoint com.amazonaws.<region>.${AWS_SERVICES[service]} for its subnets and security groups, or a NAT gateway (docs/vpc.md).`,
    { cause },
  );
}

interface Context {
  readonly endpointV2?: { readonly url: URL };
}
type Handler<Input, Output> = (input: Input) => Promise<Output>;
type Middleware = <Input, Output>(next: Handler<Input, Output>, context: Context) => Handler<Input, Output>;

interface Client {
  readonly middlewareStack: {
    add(middleware: Middleware, options: { readonly step: 'initialize'; readonly name: string }): void;
  };
}

/**
 * The client, which throws a coded error if all attempts of a request got no answer. The first step encloses the SDK's
 * own attempts.
 */
export function tellingUnreachable<Own extends Client>(service: AwsService, client: Own): Own {
  const tell: Middleware = (next, context) => async (input) => {
    try {
      return await next(input);
    } catch (error) {
      if (!isNetworkError(error)) throw error;
      throw unreachable(service, context.endpointV2?.url.host ?? 'its endpoint', error);
    }
  };
  client.middlewareStack.add(tell, { step: 'initialize', name: 'tellUnreachable' });
  return client;
}
