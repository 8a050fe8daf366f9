import type { RefusalCode } from '../domain/configuration/permission.ts';

/**
 * Every code that crosses a wire, with what it means and what to do. A caller gets only these sentences: what was sent
 * is never repeated. `docs/api.md` lists them; a test compares.
 */
export const ERROR_CODES = {
  BODY_INVALID: 'The body does not have the documented shape: correct the part that the path names.',
  BATCH_TOO_LARGE: 'A batch can have at most 100 items and 256 KB: split it into smaller batches.',
  ITEM_TOO_LARGE:
    'An item can have at most 64 KB, and a message on the bus 288 KB: send only keys and dates, never content.',
  TEXT_INVALID:
    'A text contains NUL, U+FFFE, U+FFFF, or half of a character (a lone surrogate): correct the text that the path names.',
  JSON_TOO_DEEP: 'The JSON is nested deeper than 100 levels: send only what is documented.',
  JSON_NAME_TWICE: 'An object contains the same name twice: give every name once.',
  JSON_NAME_FORBIDDEN: 'An object contains the name `__proto__`: omit it.',
  JSON_NUMBER_TOO_LARGE: 'A number is too large, or too close to zero, to be kept: correct it.',
  QUOTA_EXCEEDED:
    'The producer has used its items of this hour, and nothing of the request was accepted: send it again after the seconds in `Retry-After`.',
  CURSOR_INVALID:
    'The cursor belongs to a different query or was changed: repeat the query without a cursor.',
  SINCE_INVALID:
    'A backup cannot have been made in the future: send the time when the backup was made that the store was restored from.',
  PERIOD_INVALID: '`from` must be before `to`: correct the period.',

  UNKNOWN_PRODUCER: 'No producer with this name or source is configured: add it to retention.config.ts.',
  SOURCE_MISMATCH:
    "The CloudEvent's source is not the one configured for its sender: send the configured source.",
  FORBIDDEN: 'This principal does not have the required role: ask the platform team for it.',
  NOT_FOUND: 'Nothing with this name or id was found: check it against the list.',
  ENTRY_DROPPED:
    'The log has dropped this entry, because it was older than the log keeps entries: a receipt that was made before stays right, and no new one can be made.',
  ENTRY_NOT_SIGNED:
    'The signed log has no entry with this index: check the index against `POST /v1/log/entries/query`, or ask again in an hour.',
  RECORD_NOT_IN_ENTRY:
    'The entry with this index is not about a record with this reference: check both against the list of the page.',
  LOG_UNREADABLE:
    'The log cannot be read as it was written, so no receipt was made: have the platform team follow docs/runbooks/log-forked.md.',

  EVENT_UNDECLARED: 'No policy declares this event type: declare it in the policy that needs it.',
  EVENT_NOT_GRANTED: 'The producer is not allowed to send this event: grant it in retention.config.ts.',
  CONCERNED_NOT_GRANTED:
    'The producer is not allowed to send the event that this corrects or retracts, perhaps not any more: an operator has to correct it, or grant it in retention.config.ts.',
  EVENT_NOT_OWN:
    'Only the producer that sent an event, or an operator, can correct or retract it: omit `producer`.',
  EVENT_ENTITY_TYPE: 'The policies declare this event for a different entity type: send that type.',
  EVENT_ID_REUSED:
    'A different event was already sent with this id: give every event its own id, and do not change an event when you send it again.',
  EVENT_DATE_INVALID: 'The value is not a date: send an ISO 8601 date, or a date-time with an offset.',
  EVENT_DATE_AMBIGUOUS: 'The date is ambiguous: send YYYY-MM-DD, or a date-time with an offset.',
  EVENT_DATE_OUT_OF_RANGE: 'Dates must be between the years 1900 and 2200: correct the year.',
  EVENT_DATE_IMPLAUSIBLE:
    'The policy does not expect this event on this date, such as 1970-01-01 or a day before 1950: send the date on which it happened, or declare `plausible` dates for the event in the policy.',
  EVENT_PURPOSE_MISSING:
    'The policy declares this event by purpose: send the attribute `purpose` with the purpose that it is about, and one event for each purpose.',
  EVENT_PURPOSE_UNKNOWN:
    "No policy that declares this event has a purpose with this name: send a declared one, or add it to the policy's `purposes`.",

  ENTITY_TYPE_UNKNOWN:
    'No entity type with this name is configured: use a configured type, or add it to retention.config.ts.',
  ENTITY_ID_BLANK:
    'The id is blank once it is normalised as its entity type says: send the id of one entity.',
  ENTITY_NOT_OWN: 'The entity belongs to another producer, or its type is shared: omit `producer`.',
  LINK_NOT_DECLARED:
    'The configuration does not say that entities of this type identify the other one: add `identifies` to the entity type in retention.config.ts, or omit the link.',
  ROLE_UNDECLARED:
    'No category of the record names this role under `subjects`: send a role that one of them names, or none.',
  ENTITIES_WITHOUT_RULE:
    'No rule of these categories waits for an event of these entity types, so the record would never become due: name the entity whose events the rule waits for.',

  STORE_NOT_GRANTED: 'The producer is not granted a store with this name: grant it in retention.config.ts.',
  CATEGORY_NOT_GRANTED:
    'The producer is not allowed to register this category: grant it in retention.config.ts.',
  CATEGORY_UNKNOWN: 'No policy covers this category: add it to the policy that says how long it is kept.',
  REGION_NOT_ALLOWED:
    "The category's policy does not allow the region of this store: use a store in an allowed region.",
  PURPOSE_UNDECLARED:
    "The policies of these categories do not declare this purpose: send a declared one, or add it to the policy's `purposes`.",
  LOCATOR_NOT_GRANTED:
    "The first key value does not start with one of the producer's prefixes: register only the producer's own records.",
  LOCATOR_TYPE:
    "The key values do not match the number and types of the store's key columns: send them as configured.",
  LOCATOR_TOO_LONG:
    'The locator is longer than 2048 bytes, the longest key of any supported store: check the key values.',
  HOLDING_TOO_LARGE:
    'A record can have at most 50 different registrations, 100 entities and 20 purposes: withdraw what is not needed any more.',
  REGISTRATION_TOO_OLD:
    'The registration is older than everything that is remembered of this record: register it again with the present time.',
  ATTRIBUTE_UNDECLARED: 'No policy declares an attribute with this name here: declare it, or omit it.',
  ATTRIBUTE_TYPE:
    'The attribute does not have the type that the policy declares: send text, a number or a boolean as declared.',
  ZONE_UNKNOWN: 'The zone is not an IANA time zone name: send a name such as Europe/Berlin.',

  HOLD_SCOPE_UNKNOWN:
    'The configuration knows no store, category or policy of this name, so the hold would keep nothing: check the name.',
  HOLD_ID_REUSED:
    'This id belongs to another legal hold, or to one that was released. Ids are used once: choose another one.',
  HOLD_LIMIT:
    'This entity has 50 legal holds in force, and the hold was not placed: release one, and use a new id.',
  HOLD_REVIEW_PAST: 'The review date has passed: choose today or a later date.',
  REQUEST_ID_REUSED:
    'A different request was already filed with this id: give every request its own id, and do not change a request when you send it again.',
  REQUEST_NOT_GRANTED:
    'The producer may not file requests about this entity type: an operator has to file it, or name the producer under `requests.filers` in retention.config.ts.',
  EXPORT_NOT_READY:
    'The copy is not ready yet: look at `export.step` of the request, and ask again when it is `ready`.',
  EXPORT_EXPIRED: 'The copy was deleted, because its time is over: file another request.',
  REQUEST_STATE: 'The state of the request does not allow this: look at its `state` and `timeline`.',
  REQUEST_TEXT_TOO_LONG:
    'The person has too many records for one answer: run `tenure request show --html`, which reads them page by page.',
  SUBJECT_PAGE_TOO_LONG:
    'The subject has too many records for one answer: run `tenure subject --html`, which reads them page by page.',
  EXTENSION_NOT_ALLOWED:
    'A law that may apply knows no extension of its deadline: answer in time, or file the request with its jurisdiction.',
  EXTENSION_TOO_LATE:
    'The deadline has passed, and only a deadline that has not passed can be extended: answer the person now.',

  POLICIES_INVALID:
    'The policy files have mistakes: correct them. `detail` names the line and column of each.',
  POLICIES_REFUSED:
    'The policies do not fit the configuration that is deployed: correct what `detail` names, or deploy the other configuration first.',
  POLICIES_TOO_LARGE:
    'The policies are too large to be compared with those that are active: remove versions that are over.',

  RULE_NOT_STOPPED:
    'No rule with this policy and text is stopped in this lane: check it against `GET /v1/lanes`; it may have been approved already.',
  VENDOR_NOT_ASKED:
    'No request about this record waits for an answer in this lane: take the name of the record from the `requested` entry of the deletion log.',
  STAGE_NEEDED:
    'Several requests about this record wait for an answer: say which one the vendor has carried out, with `stage`, and `part` where there is one, as its `requested` entry in the deletion log or its event has them.',
  POLICIES_NOT_WAITING:
    'These policies do not wait to be approved: `tenure policy status` says which are deployed, active and waiting.',
  POLICIES_NOT_COUNTED:
    'What these policies change is still being counted: ask again in some minutes, and look at the plan before you approve them.',

  PROPOSAL_OWN:
    'You proposed this, or the same name or role did, and another person has to confirm it: ask another operator. docs/four-eyes.md says who counts as another person.',
  PROPOSAL_OUTDATED:
    'What was proposed has changed since, so nothing was done: look at it again, and propose it again if it is still right.',
  PROPOSAL_OVER: 'The proposal was withdrawn or has expired, so nothing was done: propose it again.',
  PROPOSAL_BUSY:
    'Somebody has confirmed this a moment ago, and it is being carried out: send the request again in a minute.',
  PROPOSAL_CONFIRMED:
    'Another person has confirmed this already, so it cannot be withdrawn: confirm it again if it was not carried out.',
  PROPOSAL_TOO_LARGE:
    'The corrections of this request are too large to be kept until somebody confirms them: send fewer in one request.',

  RESTORE_INCOMPLETE:
    'The registry was restored from a backup and does not know everything yet: finish the steps of docs/runbooks/restore.md first.',
  NOT_DURABLE: 'The event bus did not confirm the item, so it counts as not sent: send the same item again.',
  MESSAGE_CUT:
    'The message was too large to be kept, so only its beginning is there and it cannot be replayed: have its sender send it again in smaller parts, then discard it.',
  DEAD_LETTER:
    'The message could not be delivered, or it stopped the function that processed it: fix the cause, then replay it.',
  OWN_FAULT:
    'Processing the message failed on our side for twelve days: it is tried again once a day, so fix the cause that `ingest.failed` names.',
  INTERNAL:
    'An internal error occurred and nothing was accepted: try again, and contact the platform team if the error persists.',
} as const satisfies Record<string, string> & Record<RefusalCode, string>;

export type ErrorCode = keyof typeof ERROR_CODES;

export function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(ERROR_CODES, code);
}
