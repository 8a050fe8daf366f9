import type { ErrorCode } from '../contract/error-codes.ts';

/** Codes of the API, and those of the way to it. `UNKNOWN`: of a newer API than this client. */
export type ClientErrorCode = ErrorCode | 'UNKNOWN' | 'UNREACHABLE' | 'ANSWER_INVALID';

/** A request that was not answered with what was asked for. The message repeats nothing that was sent. */
export class ClientError extends Error {
  readonly code: ClientErrorCode;
  /** HTTP status; absent when there was no answer. */
  readonly status?: number;
  /** Leads to what was wrong in the request. */
  readonly path?: string;

  constructor(
    code: ClientErrorCode,
    message: string,
    more: { readonly status?: number; readonly path?: string; readonly cause?: unknown } = {},
  ) {
    super(message, more.cause === undefined ? {} : { cause: more.cause });
    this.name = 'ClientError';
    this.code = code;
    if (more.status !== undefined) this.status = more.status;
    if (more.path !== undefined) this.path = more.path;
  }
}
