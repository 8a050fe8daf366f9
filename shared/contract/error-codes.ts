import type { RefusalCode } from '../domain/configuration/permission.ts';

/**
 * Every code that crosses a wire, with what it means and what to do. The sentences are all that a caller is told:
 * nothing that was sent is ever repeated. `docs/api.md` lists them; a test compares.
 */
export const ERROR_CODES = {
  BODY_INVALID: 'The body does not have the documented shape: correct what the path names.',
  BATCH_TOO_LARGE: 'A batch holds at most 100 items and 256 KB: send it in parts.',
  ITEM_TOO_LARGE: 'One item is at most 64 KB: send keys and dates only, never content.',
  CURSOR_INVALID: 'The cursor belongs to another query or was changed: ask again without it.',
  PERIOD_INVALID: '`from` has to be before `to`: correct the period.',

  UNKNOWN_PRODUCER:
    'Nobody of this name or source is configured as a producer: add it to retention.config.ts.',
  SOURCE_MISMATCH:
    "The CloudEvent's source is not the one configured for its sender: send the configured source.",
  FORBIDDEN: 'This principal has no role that may do this: ask the platform team for the role.',
  NOT_FOUND: 'Nothing is known under this name or id: check it against the list.',

  EVENT_UNDECLARED: 'No policy declares an event of this type: declare it in the policy that needs it.',
  EVENT_NOT_GRANTED: 'The producer may not emit this event: grant it in retention.config.ts.',
  EVENT_NOT_OWN:
    'Only its own producer, or an operator, corrects or retracts an event: leave `producer` out.',
  EVENT_ENTITY_TYPE: 'The policies declare this event for another type of entity: send that type.',
  EVENT_ID_REUSED:
    'Another event was sent under this id: give every event an id of its own, and repeat it unchanged.',
  EVENT_DATE_INVALID: '`occurred` is no date: send an ISO 8601 date, or a date-time with offset.',
  EVENT_DATE_AMBIGUOUS: 'The date can be read in several ways: send YYYY-MM-DD, or a date-time with offset.',
  EVENT_DATE_OUT_OF_RANGE: 'Dates lie between the years 1900 and 2200: correct the year.',

  ENTITY_TYPE_UNKNOWN: 'No entity type of this name is configured: use a configured one, or add it.',
  ENTITY_NOT_OWN: 'The entity belongs to another producer, or its type is shared: leave `producer` out.',

  STORE_NOT_GRANTED: 'The producer has no grant for a store of this name: grant it in retention.config.ts.',
  CATEGORY_NOT_GRANTED: 'The producer may not register this category: grant it in retention.config.ts.',
  CATEGORY_UNKNOWN: 'No policy covers this category: add it to the policy that says how long it is kept.',
  REGION_NOT_ALLOWED:
    "The category's policy does not allow the region of this store: use a store in an allowed region.",
  LOCATOR_NOT_GRANTED:
    "The first key value lies outside the producer's prefixes: register only rows of your own.",
  LOCATOR_TYPE:
    "The key values do not match the store's key columns in number and type: send them as configured.",
  LOCATOR_TOO_LONG: 'A locator is at most 2048 bytes: no store we know has longer keys.',
  HOLDING_UNKNOWN: 'This producer registered nothing at this locator: check store and locator.',
  ATTRIBUTE_UNDECLARED: 'No policy declares an attribute of this name here: declare it, or leave it out.',
  ATTRIBUTE_TYPE:
    'The attribute has another type than the policy declares: send text, number or boolean as declared.',
  ZONE_UNKNOWN: 'The zone is no IANA time zone name: send one such as Europe/Berlin.',

  NOT_DURABLE: 'The bus did not confirm it, so it counts as not sent: send the same item again.',
  DEAD_LETTER:
    'It could not be delivered, or ended the function that took it: mend the cause, then replay it.',
  INTERNAL:
    'Something broke on our side; nothing was acknowledged: try again, and tell the platform team if it lasts.',
} as const satisfies Record<string, string> & Record<RefusalCode, string>;

export type ErrorCode = keyof typeof ERROR_CODES;

export function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(ERROR_CODES, code);
}
