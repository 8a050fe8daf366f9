import { present } from '../domain/present.ts';
import { requestLimits } from '../domain/request-limits.ts';
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

/** The configuration of a store's client: all attempts of a request fit into a call of the store. */
export function clientConfig({ region, timeoutSeconds, connection }: StoreTools) {
  return {
    region,
    ...requestLimits(timeoutSeconds),
    ...foundAt(connection),
  };
}
