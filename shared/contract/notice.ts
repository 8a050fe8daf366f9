import { isoUtc } from '../domain/calendar/utc-time.ts';
import { type Notice, NOTICES } from '../domain/record/notice.ts';

/**
 * The `source` of what applications are told. The bus policy keeps it for Tenure, so a rule that names it can trust what it
 * gets. No rule carries these events to `ingest`, and they are not in the archive.
 */
export const NOTICE_SOURCE = 'tenure.notices';

/** A CloudEvent. Receivers drop duplicates by its `id`. */
export function noticeDetail({ id, kind, at, data }: Notice): {
  readonly type: string;
  readonly detail: string;
} {
  const type = NOTICES[kind];
  const event = { specversion: '1.0', id, source: NOTICE_SOURCE, type, time: isoUtc(at), data };
  return { type, detail: JSON.stringify(event) };
}
