import type { ReportCode as FirstReportCode, ReportFields } from '../../ports/report.ts';

/** Codes that only the second design of the core reports. */
export type ReportCode = FirstReportCode | 'holding.set-aside' | 'census.re-hinted' | 'dispose.left';

/** Logs and counts. Never throws. */
export interface Report {
  (code: ReportCode, fields?: ReportFields): void;
}
