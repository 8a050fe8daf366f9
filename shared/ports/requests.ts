import type { PersonRequest } from '../domain/people/request.ts';
import type { Instant, RequestRef } from '../domain/record/ids.ts';
import type { Page } from './page.ts';

/** Requests of people. What is open is also in one list, which the hourly sweep reads and people see. */
export interface Requests {
  /** On `next.version - 1`; 0 stands for no request. */
  putRequest(next: PersonRequest): Promise<'written' | 'moved'>;
  /** Those of these requests that are there. 100 to a request. */
  requests(refs: readonly RequestRef[]): Promise<Map<RequestRef, PersonRequest>>;
  /** Before the request itself, so that none is without its place in the list. Listed again, it is listed as of then. */
  listRequest(listed: ListedRequest): Promise<void>;
  /** At most 100 a page, in order of their references. */
  listedRequests(after?: string): Promise<Page<ListedRequest>>;
  /** Only if it was not listed again since. */
  unlistRequest(listed: ListedRequest): Promise<void>;
}

export interface ListedRequest {
  readonly ref: RequestRef;
  readonly at: Instant;
}
