import type {
  Fate,
  Filed,
  Followed,
  Held,
  PeopleStep,
  Placed,
  Unheld,
} from '../../examples/stories/people-steps.ts';
import type { StoryRecord } from '../../examples/stories/story.ts';
import { type Client, pagesOf } from '../../shared/client/client.ts';
import type { CoverAnswer } from '../../shared/contract/people/legal-holds.ts';
import type { PersonText } from '../../shared/contract/people/person-text.ts';
import type { ProgressAnswer } from '../../shared/contract/people/requests.ts';
import type { PolicySet } from '../../shared/domain/configuration/policy.ts';
import { present } from '../../shared/domain/present.ts';
import type { Instant } from '../../shared/domain/record/ids.ts';
import { demoPlace } from './demo-place.ts';
import { fetchCopy } from './story-archive.ts';
import type { StoryPrinter } from './story-printer.ts';

/** What a step came to, for `--json`. */
export interface PeopleResult {
  readonly step: string;
  readonly says: string;
  readonly passed: boolean;
}

interface Desk {
  readonly as: (who: string) => Client;
  readonly print: StoryPrinter;
  /** Until everything that can happen now has happened. */
  readonly settle: () => Promise<void>;
  readonly policies: PolicySet;
  /** What the story's applications wrote. */
  readonly records: readonly StoryRecord[];
}

/** Carries out what a person or a lawyer asks for, over HTTP, and compares the answer with what the story says. */
export async function askedOf(
  step: PeopleStep,
  desk: Desk,
): Promise<{ readonly result: PeopleResult; readonly failures: readonly string[] }> {
  const failures = await failuresOf(step, desk);
  await desk.settle();
  const result = { step: nameOf(step), says: step.says, passed: failures.length === 0 };
  return { result, failures };
}

function nameOf(step: PeopleStep): string {
  switch (step.kind) {
    case 'filed':
      return `request: ${step.request.kind}`;
    case 'followed':
      return `answer: ${step.state}`;
    case 'fetched':
      return 'copy: fetched and checked';
    case 'lifted':
      return 'request: release';
    case 'held':
      return 'legal hold: place';
    case 'unheld':
      return 'legal hold: release';
    case 'placed':
      return "the deployment's own region";
  }
}

async function failuresOf(step: PeopleStep, desk: Desk): Promise<readonly string[]> {
  switch (step.kind) {
    case 'filed':
      return file(step, desk);
    case 'followed':
      return follow(step, desk);
    case 'fetched':
      return fetchCopy(step, { ...desk, client: desk.as(step.by) });
    case 'lifted':
      await desk.as(step.by).releaseRequest({ id: step.id });
      return [];
    case 'held':
      return hold(step, desk);
    case 'unheld':
      return release(step, desk);
    case 'placed':
      return place(step, desk);
  }
}

/** The dry run and the request give the same answer, because nothing was done in between. */
async function file({ by, request, deadline, answer }: Filed, desk: Desk): Promise<readonly string[]> {
  const client = desk.as(by);
  const dry = await client.fileRequest({ ...request, dryRun: true });
  const filed = await client.fileRequest(request);
  const [one] = filed.requests;
  if (one === undefined) return ['the answer has no request'];
  const records = [...(filed.holdings ?? [])];
  if (filed.next !== undefined) {
    const rest = (cursor: object) => client.queryRequests({ request: one.request, ...cursor });
    records.splice(0);
    for await (const page of pagesOf(rest)) records.push(...(page.holdings ?? []));
  }
  desk.print.follows(
    '=',
    `The request is ${one.state}; the answer is due by ${desk.print.local(Date.parse(one.deadline))}.`,
  );
  const due = desk.print.local(Date.parse(one.deadline));
  const failures = [
    ...compared(records, answer, desk.print),
    ...(due.startsWith(deadline) ? [] : [`the answer is due by ${due}, not by ${deadline}`]),
  ];
  return (dry.holdings ?? []).length === (filed.holdings ?? []).length
    ? failures
    : [...failures, 'the dry run said something else than the answer'];
}

async function follow(
  { by, id, state, answer, letter = [] }: Followed,
  desk: Desk,
): Promise<readonly string[]> {
  const client = desk.as(by);
  const records: ProgressAnswer[] = [];
  let now: string | undefined;
  for await (const page of pagesOf((cursor) => client.queryRequests({ id, ...cursor }))) {
    now = page.requests[0]?.state;
    records.push(...(page.holdings ?? []));
  }
  desk.print.follows('=', `The request is ${now ?? 'unknown'}.`);
  const failures = [...compared(records, answer, desk.print)];
  if (now !== state) failures.push(`the request is ${now ?? 'unknown'}, not ${state}`);
  const { text } = await client.queryRequests({ id, text: true });
  if (text === undefined) return [...failures, 'there is no text for the person'];
  const lines = linesOf(text);
  for (const line of lines) desk.print.follows('=', line);
  const whole = lines.join(' ');
  for (const part of letter)
    if (!whole.includes(part)) failures.push(`the text for the person does not say “${part}”`);
  return failures;
}

function linesOf({ paragraphs }: PersonText): readonly string[] {
  return paragraphs.map(({ says, categories, rule, document, notes }) => {
    const because = [rule === undefined ? [] : `“${rule}”`, document ?? [], notes].flat().join('; ');
    return `To the person: ${says} (${categories.join(', ')})${because === '' ? '' : `: ${because}`}`;
  });
}

async function hold({ hold: placed, covers }: Held, desk: Desk): Promise<readonly string[]> {
  const client = desk.as('operator');
  const failures: string[] = [];
  const dry = await client.placeHold({ ...placed, dryRun: true });
  if (dry.dryRun) {
    desk.print.follows('=', `It would cover ${counted(dry.wouldCover)}.`);
    if (dry.wouldCover.holdings !== covers)
      failures.push(`the hold would cover ${dry.wouldCover.holdings} records, not ${covers}`);
  }
  const answer = await client.placeHold(placed);
  if (answer.dryRun) return [...failures, 'the hold was not placed'];
  const { state, inFlight = [] } = answer.hold;
  desk.print.follows('=', `The hold is ${state}; ${inFlight.length} attempts are in flight.`);
  if (state !== 'in-force') failures.push(`the hold is ${state}, not in force`);
  if (inFlight.length > 0) failures.push('something is in flight, although nothing happens at this time');
  return failures;
}

function counted({ holdings, byStore }: CoverAnswer): string {
  return `${holdings} records (${byStore.map(({ store, holdings: own }) => `${store}: ${own}`).join(', ')})`;
}

async function release({ id, reason, waiting }: Unheld, desk: Desk): Promise<readonly string[]> {
  const answer = await desk.as('operator').releaseHold({ id, reason });
  const { state } = answer.hold;
  desk.print.follows('=', `The hold is ${state}; ${answer.waiting.holdings} records waited for it.`);
  return [
    ...(state === 'released' ? [] : [`the hold is ${state}, not released`]),
    ...(answer.waiting.holdings === waiting
      ? []
      : [`${answer.waiting.holdings} records waited for the release, not ${waiting}`]),
  ];
}

/** As synth checks it, with and without what the configuration acknowledges. */
async function place(
  { policy, because, exports }: Placed,
  { policies, print }: Desk,
): Promise<readonly string[]> {
  const { region, outside, refusals } = demoPlace(policies);
  const found = outside.find((each) => each.policy === policy);
  if (found === undefined) return [`the policy allows ${region}, so there is nothing to acknowledge`];
  const refusal = refusals.find((message) => message.includes(`"${policy}"`));
  print.follows('=', `Without an acknowledgement it is refused: ${refusal ?? 'it is not'}`);
  print.follows('=', `Acknowledged: ${found.reason ?? 'not at all'}`);
  const copies = found.exports === true ? 'have the records of this policy' : 'leave out its records';
  print.follows('=', `Copies for people are made in ${region}, too, and ${copies}.`);
  return [
    ...(refusal === undefined ? [`a deployment in ${region} is not refused without an acknowledgement`] : []),
    ...(found.exports === exports ? [] : [`copies ${copies}`]),
    ...(found.reason?.includes(because) === true ? [] : [`no reason for ${region} says “${because}”`]),
  ];
}

/** Prints what the answer says of each record, and why it is not what the story says. */
function compared(
  records: readonly ProgressAnswer[],
  fates: readonly Fate[],
  print: StoryPrinter,
): readonly string[] {
  const local = (at: Instant): string => print.local(at);
  for (const record of records) print.follows('=', lineOf(record, local));
  const left = [...records];
  const failures: string[] = [];
  for (const fate of fates) {
    const place = left.findIndex((record) => isFate(record, fate, local));
    if (place < 0) failures.push(`no record is as expected: ${JSON.stringify(fate)}`);
    else left.splice(place, 1);
  }
  return [...failures, ...left.map((record) => `the answer also says: ${lineOf(record, local)}`)];
}

function isFate(record: ProgressAnswer, fate: Fate, local: (at: Instant) => string): boolean {
  const { store, categories, state, action, at, rule = '', restricted } = record;
  return (
    store === fate.store &&
    categories.includes(fate.category) &&
    state === fate.state &&
    (fate.action === undefined || fate.action === action) &&
    restricted === fate.restricted &&
    (fate.until === undefined || (at !== undefined && local(Date.parse(at)).startsWith(fate.until))) &&
    rule.includes(fate.rule ?? '')
  );
}

function lineOf(record: ProgressAnswer, local: (at: Instant) => string): string {
  const { store, categories, state, action, at, restricted, rule, source, reasons } = record;
  const { document, sentence } = present({ document: source?.document, sentence: source?.sentence });
  const parts = [
    `${categories.join(', ')} in ${store}: ${state}`,
    ...(action === undefined ? [] : [action]),
    ...(at === undefined ? [] : [`${WORDS[state]} ${local(Date.parse(at))}`]),
    ...(restricted === true ? ['restricted'] : []),
    ...(rule === undefined ? [] : [`because “${rule}”`]),
    ...(document === undefined ? [] : [`${document}${sentence === undefined ? '' : `: “${sentence}”`}`]),
    ...reasons,
  ];
  return parts.join(', ');
}

const WORDS: Readonly<Record<ProgressAnswer['state'], string>> = {
  gone: 'on',
  due: 'by',
  restricted: 'until',
  'kept-by-law': 'until',
  held: 'until',
  later: 'until',
  undetermined: 'until',
  kept: 'until',
};
