import type { AwsService } from './aws-services.ts';

/** Failures of the infrastructure, never expected outcomes. */
export type AdapterErrorCode =
  | `${AwsService}_UNREACHABLE`
  | 'CURSOR_INVALID'
  | 'EXPORT_REFUSED'
  | 'ITEM_INVALID'
  | 'ITEM_SCHEMA_UNKNOWN'
  | 'ITEM_TOO_LARGE'
  | 'KEY_MISSING'
  | 'LOGIN_UNREADABLE'
  | 'LOG_CHUNK_INVALID'
  | 'LOG_INDEX_CONFLICT'
  | 'LOG_REFUSED'
  | 'QUEUE_REFUSED'
  | 'QUEUE_UNKNOWN'
  | 'REGISTRY_KEY_MISSING'
  | 'REGISTRY_UNPROCESSED'
  | 'SECRET_UNREADABLE'
  | 'SIGNING_KEY_UNFIT'
  | 'CIPHERTEXT_BROKEN';

/** The message says what was wrong, where, and what to do; it never carries a key, a reference or a value. */
export class AdapterError extends Error {
  readonly code: AdapterErrorCode;
  constructor(code: AdapterErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'AdapterError';
    this.code = code;
  }
}
