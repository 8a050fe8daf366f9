/** Sentences that people write, and the place and message that each gets. The messages are read as a lawyer would. */
export const WRONG_SENTENCES: readonly (readonly [sentence: string, answer: string])[] = [
  [
    '3 yeers after contract.ended',
    '3: expected a unit (hours, days, weeks, months or years), found "yeers"; did you mean "years"?',
  ],
  ['7 yrs after contract.ended', '3: expected a unit (hours, days, weeks, months or years), found "yrs"'],
  [
    '30 days affter contract.ended',
    '9: expected "after" or "from" after the period, found "affter"; did you mean "after"?',
  ],
  ['30 days of contract.ended', '9: expected "after" or "from" after the period, found "of"'],
  ['3 years', '8: expected "after" or "from" after the period, found the end of the rule'],
  [
    '3 years from',
    '13: expected an event such as contract.ended, or a noun such as contract term, found the end of the rule',
  ],
  [
    'years after contract.ended',
    '7: expected "plus", "or", "held", "paused", "but not before", "at the next run", "if", "unless", "then" or the end of the rule, found "after"; write a number before "years"',
  ],
  [
    "seven year's after contract.ended",
    '11: a rule has no apostrophe; write "years" for "years’", and the name of an event for what belongs to it',
  ],
  [
    'half a year after contract.ended',
    '6: expected "plus", "or", "held", "paused", "but not before", "at the next run", "if", "unless", "then" or the end of the rule, found "a"; "half" before it was read as a name, because it is not a number that a rule can have; write it in digits',
  ],
  [
    'one thousand days after contract.ended',
    '19: expected "plus", "or", "held", "paused", "but not before", "at the next run", "if", "unless", "then" or the end of the rule, found "after"; "one thousand days" before it was read as a name, because it is not a number that a rule can have; write it in digits',
  ],
  [
    'several years after contract.ended',
    '15: expected "plus", "or", "held", "paused", "but not before", "at the next run", "if", "unless", "then" or the end of the rule, found "after"; "several years" before it was read as a name, because it is not a number that a rule can have; write it in digits',
  ],
  [
    '6 (seven) years after contract.ended',
    '1: this number is 6, but the one in parentheses is 7; write only the right one',
  ],
  ['2.5 years after contract.ended', '1: expected a whole number such as 30, or a date such as 2030-12-31'],
  [
    '1/2 year after contract.ended',
    '2: a rule has no slash; write a date as 2030-12-31, and only whole numbers',
  ],
  ['3-5 years after contract.ended', '1: expected a whole number such as 30, or a date such as 2030-12-31'],
  [
    'after contract.ended',
    '1: "after" needs a period, such as "3 years after X"; for the moment itself, write "upon X"',
  ],
  ['within contract.ended', '8: expected a period after "within", such as 30 days, found "contract.ended"'],
  ['within 30 days', '15: expected "after" or "from" after the period, found the end of the rule'],
  [
    'withing 30 days after contract.ended',
    '9: the words before "30" were read as a name; did you mean "within" instead of "withing"?',
  ],
  [
    'untill contract.ended',
    '8: "untill contract.ended" was read as a name, but a name is one event such as contract.ended, or a noun of at most 4 words; did you mean "until" instead of "untill"?',
  ],
  [
    'upn contract.ended',
    '5: "upn contract.ended" was read as a name, but a name is one event such as contract.ended, or a noun of at most 4 words; did you mean "upon" instead of "upn"?',
  ],
  [
    'until the child is 25',
    '7: write "the 25th birthday of child.born", with the event of the birth, for the day on which somebody is 25',
  ],
  [
    'until the child turns 18',
    '7: write "the 18th birthday of child.born", with the event of the birth, for the day on which somebody is 18',
  ],
  [
    'once the pupil reaches the age of 25',
    '6: write "the 25th birthday of pupil.born", with the event of the birth, for the day on which somebody is 25',
  ],
  [
    'until they are 25',
    '7: write "the 25th birthday of person.born", with the event of the birth, for the day on which somebody is 25',
  ],
  [
    'delte 30 days after contract.ended',
    '7: the words before "30" were read as a name; did you mean "delete" instead of "delte"?',
  ],
  [
    'deleted 30 days after contract.ended',
    '9: the words before "30" were read as a name; did you mean "delete" instead of "deleted"?',
  ],
  [
    'purge 30 days after contract.ended',
    '1: "purge" is not an action of the language; write "delete" if that is meant; the actions are delete, anonymise and restrict, and for people archive, review and notify',
  ],
  [
    'dispose of 3 years after contract.ended',
    '1: "dispose" is not an action of the language; write "delete" if that is meant; the actions are delete, anonymise and restrict, and for people archive, review and notify',
  ],
  [
    'delete the data within 30 days after contract.ended',
    '8: leave out "the data": the category says what the rule is about, so write only when',
  ],
  [
    'delete all invoices after 10 years',
    '8: leave out "all invoices": the category says what the rule is about, so write only when',
  ],
  [
    'the data must be deleted within 30 days after contract.ended',
    '1: a rule does not say who deletes what, because its category does; leave out "the data must …", and begin with the action or the period, such as "delete 3 years after X" or "within 30 days after X"',
  ],
  [
    'records shall be kept for 7 years',
    '1: a rule does not say who deletes what, because its category does; leave out "records shall …", and begin with the action or the period, such as "delete 3 years after X" or "within 30 days after X"',
  ],
  [
    'invoices are deleted 10 years after contract.ended',
    '1: a rule does not say who deletes what, because its category does; leave out "invoices are …", and begin with the action or the period, such as "delete 3 years after X" or "within 30 days after X"',
  ],
  [
    'we delete it 30 days after contract.ended',
    '1: a rule does not say who deletes what, because its category does; leave out "we …", and begin with the action or the period, such as "delete 3 years after X" or "within 30 days after X"',
  ],
  [
    'other documents: delete 6 years after contract.ended',
    '1: write the name of a part of the data in quotation marks if it has several words: "other documents": …',
  ],
  ['if paid: delete 6 years after contract.ended', '1: write a comma after the condition, not a colon'],
  [
    'keep the last 5 versions',
    '6: to keep the last 5, say how many newer ones there have to be, such as "5 newer version.created than this.created"',
  ],
  [
    'keep the last 7 of each week',
    '6: a rule cannot keep some copies of each day, week, month or year; make each kind of copy a category of its own with its own period, such as "30 days after daily.made" and "1 year after monthly.made"',
  ],
  [
    'keep the last 30 days',
    '6: "the last 30 …" does not say from when the period counts; write it with an event, such as "30 days after record.created"',
  ],
  [
    'keep forever and ever',
    '14: it is not clear what "and" adds; write "the later of A and B" if all of them have to have happened, "the earlier of A and B" if one is enough, or ", then" before another stage',
  ],
  [
    'keep until',
    '11: expected an event such as contract.ended, or a noun such as contract term, found the end of the rule',
  ],
  [
    'contract.ended or audit.completed',
    '34: expected "whichever is later" or "whichever is earlier" at the end, found the end of the rule',
  ],
  [
    '3 years after contract.ended or audit.completed, whichever is later',
    '33: it is not clear whether the period also starts here; write "… after the later of A and B" if it does, or "… or until B" if it does not',
  ],
  [
    '3 years after contract.ended and 1 year after audit.completed',
    '30: it is not clear what "and" adds; write "the later of A and B" if all of them have to have happened, "the earlier of A and B" if one is enough, or ", then" before another stage',
  ],
  [
    'the later of 3 years after contract.ended',
    '42: expected "and" and a second date for "the later of" (which starts at character 1), found the end of the rule',
  ],
  [
    'the later of 3 years after contract.ended adn audit.completed',
    '43: expected "and" and a second date for "the later of" (which starts at character 1), found "adn"; did you mean "and"?',
  ],
  [
    'the later of contract.ended',
    '28: expected "and" and a second date for "the later of" (which starts at character 1), found the end of the rule',
  ],
  [
    '3 years after contract.ended, whichever is later',
    '31: "whichever" needs two dates joined by "or", such as "A or B, whichever is later"',
  ],
  [
    '3 years after contract.ended, but no earlier',
    '45: expected "than" after "no earlier", found the end of the rule',
  ],
  [
    '3 years after contract.ended, foo',
    '31: expected "or", "held", "paused", "but not before", "at the next run", "if", "unless" or "then" after ",", found "foo"',
  ],
  [
    '3 years after contract.ended foo',
    '30: expected "plus", "or", "held", "paused", "but not before", "at the next run", "if", "unless", "then" or the end of the rule, found "foo"',
  ],
  [
    '3 years after the contract foo bar baz qux',
    '40: "contract foo bar baz qux" was read as a name, but a name is one event such as contract.ended, or a noun of at most 4 words',
  ],
  [
    '3 years after contract.ended iff paid',
    '30: expected "plus", "or", "held", "paused", "but not before", "at the next run", "if", "unless", "then" or the end of the rule, found "iff"; did you mean "if"?',
  ],
  [
    '3 years after contract.ended, otherwise 1 year after audit.completed',
    '31: "otherwise" needs a condition before it, such as "if paid, 1 year after X, otherwise …"',
  ],
  ['if paid 3 years after contract.ended', '9: expected a comma after the condition, found "3"'],
  [
    'if paid, 3 years after contract.ended, otherwise',
    '49: expected a period such as 30 days, "within", "until", "the later of" or an event, found the end of the rule',
  ],
  [
    'if a.b has happend, 3 years after contract.ended',
    '12: expected "occurred" after "has", found "happend"; did you mean "happened"?',
  ],
  [
    'if a.b occured, 3 years after contract.ended',
    '8: expected a comma after the condition, found "occured"; did you mean "occurred"?',
  ],
  [
    'if amount > 5, 3 years after contract.ended',
    '11: write the comparison in words, such as "is at least 5", "is more than 5" or "is 5"',
  ],
  ['if amount is over, 3 years after contract.ended', '18: expected a number, found ","'],
  [
    'if amount is not, 3 years after contract.ended',
    '17: expected a value: text in quotation marks, a number, true or false, found ","',
  ],
  [
    'if kind starts with inv, 3 years after contract.ended',
    '21: expected the text in quotation marks, found "inv"',
  ],
  [
    'if the age of p.b at contract.ended is minor, 3 years after contract.ended',
    '40: expected "under 18" or "at least 18", found "minor"',
  ],
  [
    'if the age of p.b at contract.ended is over 17, 3 years after contract.ended',
    '40: it is not clear whether the birthday itself counts; write "under 18" or "at least 18"',
  ],
  [
    'if the age of p.b is 17, 3 years after contract.ended',
    '19: expected "at" and the event at which the age is taken, found "is"',
  ],
  [
    '3 years after contract.ended, held form a.a until b.b',
    '36: expected "from" after "held", and the event that starts it, found "form"; did you mean "from"?',
  ],
  [
    '3 years after contract.ended, heldd from a.a until b.b',
    '31: expected "or", "held", "paused", "but not before", "at the next run", "if", "unless" or "then" after ",", found "heldd"; did you mean "held"?',
  ],
  [
    '3 years after contract.ended, held from a.a',
    '44: expected "until" and the event that ends it, found the end of the rule',
  ],
  [
    '3 years after contract.ended, at the next rum on 09-01',
    '43: expected "run", such as "at the next run on 09-01", found "rum"; did you mean "run"?',
  ],
  [
    '3 years after contract.ended, at the next run',
    '46: expected "on" and a day of the year (09-01) or a weekday (Monday), found the end of the rule',
  ],
  [
    '3 years after the end of the calender year of contract.ended',
    '30: expected "month", "calendar year", "fiscal year" or "year ending MM-DD" after "the end of the", found "calender"; did you mean "calendar"?',
  ],
  [
    '3 years after the end of the year',
    '30: expected "month", "calendar year", "fiscal year" or "year ending MM-DD" after "the end of the", found "year"',
  ],
  [
    '3 years after the end of contract.ended',
    '26: expected "month", "calendar year", "fiscal year" or "year ending MM-DD" after "the end of the", found "contract.ended"',
  ],
  [
    '3 years after "contract.ended"',
    '15: expected an event such as contract.ended, or a noun such as contract term, found "contract.ended"',
  ],
  [
    '3 years after contract.ended then',
    '34: expected a period such as 30 days, "within", "until", "the later of" or an event, found the end of the rule',
  ],
  [
    'within 30 days beginning with contract.ended',
    '16: it is not clear whether the first day counts; if it does not, write "after" instead of "beginning", and if it does, write "after" and a period that is a day shorter',
  ],
  [
    'the period in contract.ended contract after x.y',
    '30: expected "after" or "from" after the period, found "contract"',
  ],
  ['not later 30 days after contract.ended', '11: expected "than" after "not later", found "30"'],
  ['as soon possible', '9: expected "as" after "as soon", found "possible"'],
  [
    'as long as necessary',
    '1: "as long as" gives no date; if an event ends it, write "until X"; if it only delays another date, write "…, held from A until B"; if nothing says when it ends, write: not computable, because "…"',
  ],
  ['3 years after contract.ended!', '29: the character "!" is not allowed in a rule'],
  ['3 years after “contract.ended”', '15: write straight quotation marks (") around a text'],
  ['until 31.12.2030', '7: expected a whole number such as 30, or a date such as 2030-12-31'],
  ['until 2030-02-30', '7: 2030-02-30 is not a valid date between 1900 and 2200'],
  ['until 12/31/2030', '9: a rule has no slash; write a date as 2030-12-31, and only whole numbers'],
  ['3 months and 3 months after contract.ended', '14: the period has months twice; add them up'],
  [
    '3 years after last the contract.ended',
    '20: expected an event such as contract.ended, or a noun such as contract term, found "the"',
  ],
  [
    'for as long as the debt is open',
    '5: "as long as" gives no date; if an event ends it, write "until X"; if it only delays another date, write "…, held from A until B"; if nothing says when it ends, write: not computable, because "…"',
  ],
  [
    'if plan = "free", 3 years after contract.ended',
    '9: write the comparison in words, such as "is at least 5", "is more than 5" or "is 5"',
  ],
  [
    '3 years after contract.ended, and by audit.completed',
    '31: it is not clear what "and" adds; write "the later of A and B" if all of them have to have happened, "the earlier of A and B" if one is enough, or ", then" before another stage',
  ],
  [
    'the later of contract and employment plus 6 years',
    '27: it is not clear whether the period is added to all dates or only to this one; write "6 years after the later of A and B" for all, or "6 years after B" in the place of "B plus 6 years"',
  ],
  [
    'the earlier of x.y and a.b or c.d, whichever is later',
    '28: it is not clear where the list before this ends; put the list in parentheses, such as (the later of A and B) or C, whichever is earlier',
  ],
  [
    'the end of the month of x.y or a.b, whichever is later',
    '32: it is not clear whether the words before the first event are also about this; write them again if they are, or "… or until B" if they are not',
  ],
  [
    '30 days after contract.ended plus 1 year',
    '30: it is not clear what "plus" adds to; use parentheses: (30 days after X) plus 1 year, or 30 days after (X plus 1 year)',
  ],
  [
    '3 years after x.y, suspended from a.b until c.d',
    '20: "suspended" does not say what happens when it ends; write "held from A until B" (the date waits for the end), "paused from A until B" (that time does not count) or "held from A until B, then restarted" (the period starts again)',
  ],
  [
    'within 30 days beginning with x.y',
    '16: it is not clear whether the first day counts; if it does not, write "after" instead of "beginning", and if it does, write "after" and a period that is a day shorter',
  ],
  [
    'purge 30 days after x.y',
    '1: "purge" is not an action of the language; write "delete" if that is meant; the actions are delete, anonymise and restrict, and for people archive, review and notify',
  ],
  [
    'if a.b has occurred and c.d has occurred or paid, 1 year after x.y',
    '42: it is not clear whether "and" or "or" comes first; use parentheses, such as A and (B or C)',
  ],
  [
    'if the age of p.b at t.g is over 18, 7 years after t.g',
    '29: it is not clear whether the birthday itself counts; write "under 18" or "at least 18"',
  ],
  [
    '1 year after x.y if urgent, otherwise within 30 days after y.z',
    '1: it is not clear whether this branch is a minimum or a maximum; write "at least …" or "until …" if nothing happens before that, and "within …" or "by …" if it has to happen before that',
  ],
  [
    'if paid, anonymise 1 year after x.y, otherwise keep for 3 years after x.y',
    '48: it is not clear what is done in this branch; write its action, such as "anonymise …" or "delete …"',
  ],
  [
    'if paid, if closed, 1 year after x.y, otherwise 2 years after x.y',
    '66: it is not clear which condition "otherwise" belongs to; join the conditions with "and", or use parentheses, such as if A, (if B, X, otherwise Y) or if A, (if B, X), otherwise Y',
  ],
  [
    '1 year after x.y if paid if closed',
    '26: it is not clear how this condition and the one before it belong together; join them with "and" or "or", or use parentheses, such as (X if A, otherwise Y) if B',
  ],
  [
    'within 30 days after x.y, at the next monthly run',
    '27: a maximum cannot wait for a run or an end that comes later; write "30 days after X, at the next monthly run" if it is done at the run after the period, or "by the next monthly run after X" if that run is the latest',
  ],
];
