import type { ReportFields } from '../../ports/report.ts';
import type { Report, ReportCode } from '../ports/report.ts';

export interface MemoryReport {
  readonly report: Report;
  readonly lines: { readonly code: ReportCode; readonly fields: ReportFields }[];
}

/** Collects every line that a function reports. */
export function memoryReport(): MemoryReport {
  const lines: { readonly code: ReportCode; readonly fields: ReportFields }[] = [];
  return { lines, report: (code, fields = {}) => void lines.push({ code, fields }) };
}
