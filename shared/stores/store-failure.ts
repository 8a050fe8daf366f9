import type { Acted, StoreFailure } from '../ports/store.ts';

/** Codes of Node's network errors, and of the resolver. */
const NETWORK: Readonly<Record<string, StoreFailure>> = {
  ECONNREFUSED: 'STORE_UNREACHABLE',
  ECONNRESET: 'STORE_UNREACHABLE',
  EPIPE: 'STORE_UNREACHABLE',
  ENOTFOUND: 'STORE_UNREACHABLE',
  EAI_AGAIN: 'STORE_UNREACHABLE',
  EHOSTUNREACH: 'STORE_UNREACHABLE',
  EHOSTDOWN: 'STORE_UNREACHABLE',
  ENETUNREACH: 'STORE_UNREACHABLE',
  ENETDOWN: 'STORE_UNREACHABLE',
  ECONNABORTED: 'STORE_UNREACHABLE',
  ETIMEDOUT: 'STORE_TIMEOUT',
  ESOCKETTIMEDOUT: 'STORE_TIMEOUT',
};

/** The failure for a network error or one of its causes. Never reads the message. */
export function networkFailure(error: unknown): StoreFailure | undefined {
  for (const inner of causes(error)) {
    const code = textOf(inner, 'code');
    const failure = code === undefined ? undefined : NETWORK[code];
    if (failure) return failure;
  }
  return undefined;
}

/** The error, its causes, and the members of an AggregateError (one for each address that was tried). */
function* causes(error: unknown, depth = 0): Generator<unknown> {
  if (typeof error !== 'object' || error === null || depth > 4) return;
  yield error;
  if (error instanceof AggregateError) for (const inner of error.errors) yield* causes(inner, depth + 1);
  if (error instanceof Error) yield* causes(error.cause, depth + 1);
}

export function textOf(error: unknown, property: 'code' | 'name' | 'where'): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const value: unknown = Reflect.get(error, property);
  return typeof value === 'string' ? value : undefined;
}

/** `refused`: the store answered, and will answer the same until something is changed. `failed`: worth a retry. */
export function actedFailure(code: StoreFailure): Acted {
  switch (code) {
    case 'STORE_DENIED':
    case 'STORE_CONSTRAINT':
    case 'STORE_SCHEMA':
      return { outcome: 'refused', code };
    case 'STORE_UNREACHABLE':
    case 'STORE_TIMEOUT':
    case 'STORE_THROTTLED':
    case 'STORE_ERROR':
      return { outcome: 'failed', code };
  }
}
