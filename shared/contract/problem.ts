import * as z from 'zod';
import { ERROR_CODES, type ErrorCode } from './error-codes.ts';

export const PROBLEM_TYPE = 'application/problem+json';

/** RFC 9457, with our `code` and the `path` to what was wrong. */
export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.string(),
  path: z.exactOptional(z.string()),
  detail: z.exactOptional(z.string()),
});
export type Problem = z.output<typeof Problem>;

/**
 * `detail` says what kind of mistake it was. Like everything here, it never repeats what was sent; of policy files, which
 * have nothing about a person, it quotes what is wrong.
 */
export function problem(code: ErrorCode, path?: string, detail?: string): Problem {
  return {
    type: `urn:tenure:error:${code}`,
    title: ERROR_CODES[code],
    status: statusOf(code),
    code,
    ...(path === undefined || path === '' ? {} : { path }),
    ...(detail === undefined || detail === ERROR_CODES[code] ? {} : { detail }),
  };
}

function statusOf(code: ErrorCode): 400 | 403 | 404 | 409 | 410 | 413 | 429 | 500 | 503 {
  switch (code) {
    case 'FORBIDDEN':
    case 'ENTITY_NOT_OWN':
    case 'UNKNOWN_PRODUCER':
    case 'REQUEST_NOT_GRANTED':
    case 'PROPOSAL_OWN':
      return 403;
    case 'NOT_FOUND':
    case 'ENTRY_NOT_SIGNED':
    case 'RECORD_NOT_IN_ENTRY':
      return 404;
    case 'ENTRY_DROPPED':
      return 410;
    case 'RESTORE_INCOMPLETE':
    case 'RULE_NOT_STOPPED':
    case 'VENDOR_NOT_ASKED':
    case 'STAGE_NEEDED':
    case 'POLICIES_NOT_WAITING':
    case 'POLICIES_NOT_COUNTED':
    case 'PROPOSAL_OUTDATED':
    case 'PROPOSAL_OVER':
    case 'PROPOSAL_BUSY':
    case 'PROPOSAL_CONFIRMED':
    case 'HOLD_ID_REUSED':
    case 'HOLD_LIMIT':
    case 'REQUEST_STATE':
    case 'REQUEST_ID_REUSED':
    case 'EXTENSION_NOT_ALLOWED':
    case 'EXTENSION_TOO_LATE':
    case 'EXPORT_NOT_READY':
    case 'EXPORT_EXPIRED':
      return 409;
    case 'BATCH_TOO_LARGE':
    case 'ITEM_TOO_LARGE':
    case 'PROPOSAL_TOO_LARGE':
      return 413;
    case 'QUOTA_EXCEEDED':
      return 429;
    case 'LOG_UNREADABLE':
    case 'DEAD_LETTER':
    case 'OWN_FAULT':
    case 'INTERNAL':
      return 500;
    case 'NOT_DURABLE':
      return 503;
    // Every other code means that the request has to be changed.
    case 'BODY_INVALID':
    case 'TEXT_INVALID':
    case 'MESSAGE_CUT':
    case 'JSON_TOO_DEEP':
    case 'JSON_NAME_TWICE':
    case 'JSON_NAME_FORBIDDEN':
    case 'JSON_NUMBER_TOO_LARGE':
    case 'CURSOR_INVALID':
    case 'PERIOD_INVALID':
    case 'SINCE_INVALID':
    case 'SOURCE_MISMATCH':
    case 'EVENT_UNDECLARED':
    case 'EVENT_NOT_GRANTED':
    case 'CONCERNED_NOT_GRANTED':
    case 'EVENT_NOT_OWN':
    case 'EVENT_ENTITY_TYPE':
    case 'EVENT_ID_REUSED':
    case 'EVENT_DATE_INVALID':
    case 'EVENT_DATE_AMBIGUOUS':
    case 'EVENT_DATE_OUT_OF_RANGE':
    case 'EVENT_DATE_IMPLAUSIBLE':
    case 'EVENT_PURPOSE_MISSING':
    case 'EVENT_PURPOSE_UNKNOWN':
    case 'ENTITY_ID_BLANK':
    case 'ROLE_UNDECLARED':
    case 'ENTITY_TYPE_UNKNOWN':
    case 'LINK_NOT_DECLARED':
    case 'ENTITIES_WITHOUT_RULE':
    case 'STORE_NOT_GRANTED':
    case 'CATEGORY_NOT_GRANTED':
    case 'CATEGORY_UNKNOWN':
    case 'REGION_NOT_ALLOWED':
    case 'PURPOSE_UNDECLARED':
    case 'LOCATOR_NOT_GRANTED':
    case 'LOCATOR_TYPE':
    case 'LOCATOR_TOO_LONG':
    case 'HOLDING_TOO_LARGE':
    case 'REGISTRATION_TOO_OLD':
    case 'ATTRIBUTE_UNDECLARED':
    case 'ATTRIBUTE_TYPE':
    case 'ZONE_UNKNOWN':
    case 'POLICIES_INVALID':
    case 'POLICIES_REFUSED':
    case 'POLICIES_TOO_LARGE':
    case 'HOLD_SCOPE_UNKNOWN':
    case 'HOLD_REVIEW_PAST':
    case 'REQUEST_TEXT_TOO_LONG':
    case 'SUBJECT_PAGE_TOO_LONG':
      return 400;
  }
}
