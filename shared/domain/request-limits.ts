/** How long one request to a service may take, and how often it is sent. */
export interface RequestLimits {
  /** The first one included. */
  readonly maxAttempts: number;
  /** Milliseconds, for each attempt. */
  readonly requestHandler: {
    readonly connectionTimeout: number;
    readonly requestTimeout: number;
    /** Without a byte for so long while an answer is being read. */
    readonly socketTimeout: number;
    /** Without it the SDK logs a warning, and goes on waiting. */
    readonly throwOnRequestTimeout: true;
  };
}

const ATTEMPTS = 3;
const CONNECT_MILLISECONDS = 3000;

/**
 * The limits of every client of an AWS service, so that all attempts together fit into `callSeconds`. The SDK's own
 * defaults have no limit: a function in a network without a route would wait until its time is over.
 * https://docs.aws.amazon.com/sdk-for-javascript/v3/developer-guide/node-configuring-timeouts.html
 */
export function requestLimits(callSeconds: number): RequestLimits {
  const each = (callSeconds * 1000) / ATTEMPTS;
  return {
    maxAttempts: ATTEMPTS,
    requestHandler: {
      connectionTimeout: Math.min(CONNECT_MILLISECONDS, each),
      requestTimeout: each,
      socketTimeout: each,
      throwOnRequestTimeout: true,
    },
  };
}

/** A call of the api, which has 29 seconds, also ends in time if the first service that it needs cannot be reached. */
export const OWN_LIMITS: RequestLimits = requestLimits(15);

/** One attempt may take the whole time of the call, which has to be aborted when its time is over. */
export function unhurriedLimits(callSeconds: number): RequestLimits {
  return requestLimits(callSeconds * ATTEMPTS);
}

/** A new connection to a database has 10 seconds, and asks for its password meanwhile. */
export const PASSWORD_LIMITS: RequestLimits = requestLimits(9);

/** Of a copy within S3: it answers when all bytes are copied. */
export const COPY_LIMITS: RequestLimits = requestLimits(90);
