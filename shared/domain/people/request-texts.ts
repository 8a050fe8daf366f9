/** What stands for a rule where a request of a person decides: in entries, explanations and pauses. */
export const ERASURE_TEXT = 'erasure request of the person';
export const OBJECTION_TEXT = 'objection of the person';
export const RESTRICTION_TEXT = 'restriction request of the person';
export const LIFT_TEXT = 'nothing restricts the record any more';
export const REQUEST_TEXTS: readonly string[] = [ERASURE_TEXT, OBJECTION_TEXT, RESTRICTION_TEXT, LIFT_TEXT];
