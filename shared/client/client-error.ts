import type { ErrorCode } from '../contract/error-codes.ts';

/** Codes of the API, and codes for connection problems. `UNKNOWN`: a code of an API that is newer than this client. */
export type ClientErrorCode = ErrorCode | 'UNKNOWN' | 'UNREACHABLE' | 'ANSWER_INVALID' | 'TOO_MANY_REQUESTS';

/** A request that failed. The message never repeats what was sent. */
export class ClientError extends Error {
  readonly code: ClientErrorCode;
  /** HTTP status; absent when there was no answer. */
  readonly status?: number;
  /** The path of the wrong part of the request. */
  readonly path?: string;
  /** After which number of seconds the API answers again. Nothing of the request was accepted. */
  readonly retryAfterSeconds?: number;

  constructor(
    code: ClientErrorCode,
    message: string,
    more: {
      readonly status?: number;
      readonly path?: string;
      readonly retryAfterSeconds?: number;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, more.cause === undefined ? {} : { cause: more.cause });
    this.name = 'ClientError';
    this.code = code;
    if (more.status !== undefined) this.status = more.status;
    if (more.path !== undefined) this.path = more.path;
    if (more.retryAfterSeconds !== undefined) this.retryAfterSeconds = more.retryAfterSeconds;
  }
}
