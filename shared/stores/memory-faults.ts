import { present } from '../domain/present.ts';
import type { Instant } from '../domain/record/ids.ts';
import type { Acted, Locator, StoreFailure } from '../ports/store.ts';
import { actedFailure } from './store-failure.ts';
import type { StoreCall } from './store-kind.ts';

/** A fault that a test injects into the answers of a call. */
export interface Fault {
  readonly call: StoreCall;
  readonly code: StoreFailure | 'STORE_LOCKED';
  /** Only for this record. Default: for every record. */
  readonly locator?: Locator;
  /** The store acts, and only its answer is lost. */
  readonly acts?: boolean;
  /** Answers `refused` until then, instead of the code's usual outcome. */
  readonly until?: Instant;
  /** How many answers it affects. Default: all until `repair`. */
  readonly times?: number;
}

export function unknown(code: Fault['code']): { readonly state: 'unknown'; readonly code: StoreFailure } {
  return { state: 'unknown', code: code === 'STORE_LOCKED' ? 'STORE_DENIED' : code };
}

export function faultAnswer({ code, until }: Fault): Acted {
  if (code !== 'STORE_LOCKED' && until === undefined) return actedFailure(code);
  return { outcome: 'refused', code, ...present({ until }) };
}
