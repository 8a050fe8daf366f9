import { present } from '../domain/present.ts';
import type { AwsCredentials, StoreConnection, StoreTools } from './store-kind.ts';

/** Endpoint and credentials of an AWS SDK client; empty where the region and the role are enough. */
export function foundAt(connection: StoreConnection = {}): {
  readonly endpoint?: string;
  readonly credentials?: () => Promise<AwsCredentials>;
} {
  const { endpoint, credentials } = connection;
  return {
    ...present({ endpoint, credentials }),
  };
}

/** The configuration of a store's client: its requests time out when a call of the store does. */
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
