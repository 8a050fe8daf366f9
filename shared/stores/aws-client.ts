import { present } from '../domain/present.ts';
import type { AwsCredentials, StoreConnection, StoreTools } from './store-kind.ts';

/** Where a client of an AWS SDK finds its service, and as whom; nothing where region and role say both. */
export function foundAt(connection: StoreConnection = {}): {
  readonly endpoint?: string;
  readonly credentials?: () => Promise<AwsCredentials>;
} {
  const { endpoint, credentials } = connection;
  return {
    ...present({ endpoint, credentials }),
  };
}

/** A client that a store opens: it gives up when a call of the store has to. */
export function clientConfig({ region, timeoutSeconds, connection }: StoreTools) {
  return {
    region,
    maxAttempts: 3,
    requestHandler: {
      connectionTimeout: Math.min(3, timeoutSeconds) * 1000,
      requestTimeout: timeoutSeconds * 1000,
    },
    ...foundAt(connection),
  };
}
