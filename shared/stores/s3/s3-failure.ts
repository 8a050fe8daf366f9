import type { StoreFailure } from '../../ports/store.ts';
import { networkFailure, textOf } from '../store-failure.ts';

/** By S3's error code, which is also the name of the SDK's error. */
const NAMED: Readonly<Record<string, StoreFailure>> = {
  SlowDown: 'STORE_THROTTLED',
  ServiceUnavailable: 'STORE_THROTTLED',
  ThrottlingException: 'STORE_THROTTLED',
  OperationAborted: 'STORE_THROTTLED',
  ConditionalRequestConflict: 'STORE_THROTTLED',
  'KMS.ThrottlingException': 'STORE_THROTTLED',
  RequestTimeout: 'STORE_TIMEOUT',
  AbortError: 'STORE_TIMEOUT',
  TimeoutError: 'STORE_TIMEOUT',
  AccessDenied: 'STORE_DENIED',
  AllAccessDisabled: 'STORE_DENIED',
  AccountProblem: 'STORE_DENIED',
  InvalidAccessKeyId: 'STORE_DENIED',
  SignatureDoesNotMatch: 'STORE_DENIED',
  ExpiredToken: 'STORE_DENIED',
  InvalidToken: 'STORE_DENIED',
  CredentialsProviderError: 'STORE_DENIED',
  'KMS.DisabledException': 'STORE_DENIED',
  'KMS.NotFoundException': 'STORE_DENIED',
  'KMS.KMSInvalidStateException': 'STORE_DENIED',
  NoSuchBucket: 'STORE_SCHEMA',
  PermanentRedirect: 'STORE_SCHEMA',
  AuthorizationHeaderMalformed: 'STORE_SCHEMA',
  IllegalLocationConstraintException: 'STORE_SCHEMA',
  MethodNotAllowed: 'STORE_SCHEMA',
  InvalidRequest: 'STORE_SCHEMA',
  InvalidArgument: 'STORE_SCHEMA',
  EntityTooLarge: 'STORE_SCHEMA',
  // Archived: the object has to be restored first.
  InvalidObjectState: 'STORE_CONSTRAINT',
};

/** By code, network error or status only, because a message may quote a key. */
export function s3Failure(error: unknown): StoreFailure {
  return (
    namedFailure(textOf(error, 'name')) ?? networkFailure(error) ?? statusFailure(error) ?? 'STORE_ERROR'
  );
}

/** For the errors inside an answer to DeleteObjects, which are codes only. */
export function namedFailure(code: string | undefined): StoreFailure | undefined {
  return code !== undefined && Object.hasOwn(NAMED, code) ? NAMED[code] : undefined;
}

/** The object is gone, or is not the expected version. */
export function isOtherObject(error: unknown): boolean {
  return ['PreconditionFailed', 'NoSuchKey', 'NoSuchVersion'].includes(textOf(error, 'name') ?? '');
}

/** Errors without a code, as proxies and an overloaded S3 answer. */
const STATUSES: ReadonlyMap<unknown, StoreFailure> = new Map<unknown, StoreFailure>([
  [301, 'STORE_SCHEMA'],
  [307, 'STORE_SCHEMA'],
  [403, 'STORE_DENIED'],
  [429, 'STORE_THROTTLED'],
  [503, 'STORE_THROTTLED'],
]);

function statusFailure(error: unknown): StoreFailure | undefined {
  const metadata = error instanceof Error && '$metadata' in error ? error.$metadata : undefined;
  return STATUSES.get((metadata as { readonly httpStatusCode?: number } | undefined)?.httpStatusCode);
}
