import type { ExportPage, ExportPart } from '../domain/export/export-part.ts';
import type { PersonRequest } from '../domain/people/request.ts';
import type { Instant, RequestRef } from '../domain/record/ids.ts';
import type { Page } from './page.ts';

/** A part names up to a hundred files: this many stay below 1 MB. */
export const EXPORT_PARTS_A_PAGE = 20;

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
  /** On `next.version - 1`; 0 stands for no part. */
  putExportPart(next: ExportPart): Promise<'written' | 'moved'>;
  exportPart(key: ExportPartKey): Promise<ExportPart | undefined>;
  /** In order of their numbers, those after `after`; at most `EXPORT_PARTS_A_PAGE`. `next`: the number that the page ended with. */
  exportParts(of: Omit<ExportPartKey, 'number'>, after?: number): Promise<ExportPartPage>;
  /** A page of a collection. Its name is its run's own, so it replaces none. */
  putExportPage(page: ExportPage): Promise<void>;
  /** All pages of a part, those that no part names among them; at most `EXPORT_PARTS_A_PAGE`. */
  exportPages(of: ExportPartKey, after?: string): Promise<Page<ExportPage>>;
}

export type ExportPartKey = Pick<ExportPart, 'store' | 'exportId' | 'number'>;

export interface ExportPartPage {
  readonly items: readonly ExportPart[];
  /** Absent on the last page. */
  readonly next?: number;
}

export interface ListedRequest {
  readonly ref: RequestRef;
  readonly at: Instant;
}
