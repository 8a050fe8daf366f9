import { problem } from '../../../shared/contract/problem.ts';
import { isoUtc } from '../../../shared/domain/calendar/utc-time.ts';
import type { Caller } from '../../../shared/domain/configuration/principal.ts';
import { requestRef } from '../../../shared/domain/configuration/references.ts';
import { personLetter, personPage } from '../../../shared/domain/people/person-text.ts';
import { isOpen, type PersonRequest } from '../../../shared/domain/people/request.ts';
import { present } from '../../../shared/domain/present.ts';
import type { RequestRef } from '../../../shared/domain/record/ids.ts';
import type { HoldingProgress } from '../../../shared/protocol/people/request-progress.ts';
import type { PersonText } from '../../../shared/contract/people/person-text.ts';
import type { ApiPorts, Operation } from '../api-ports.ts';
import { type CursorQuery, decryptCursor, nextOf } from '../cursor.ts';
import { exportLink } from './export-link.ts';
import { filerName, filerOf } from './filer.ts';
import { reachedBy } from '../../../shared/protocol/people/reached.ts';
import { isTaken, progressPage, type ProgressPlace } from './progress-page.ts';
import { pageAnswer, requestAnswer } from './request-answer.ts';

/** Pages of a person's records that one request reads for the text: one answer has to be enough for a letter. */
const TEXT_PAGES = 30;

/** One request with what it comes to, or the list of those that are open. A producer sees those that it filed. */
export const queryRequests: Operation<'queryRequests'> = async (ports, { caller, principal, input }) => {
  if (input.request === undefined && input.id === undefined) {
    if (input.link === true)
      return { kind: 'problem', problem: problem('BODY_INVALID', 'link', 'name the request') };
    return listOpen(ports, caller, input.cursor);
  }
  const request = await findRequest(ports, caller, input);
  if (request === undefined) return { kind: 'problem', problem: problem('NOT_FOUND', 'request') };
  const query = progressQuery(request);
  const cursor = await decryptCursor<ProgressPlace>(ports, query, input.cursor);
  if (!cursor.ok) return { kind: 'problem', problem: problem('CURSOR_INVALID', 'cursor') };
  const asked = { request, asIf: isTaken(request) };
  if (input.text === true) {
    const text = await textFor(ports, caller, asked);
    if (text === undefined) return { kind: 'problem', problem: problem('REQUEST_TEXT_TOO_LONG', 'text') };
    const answer = { asOf: isoUtc(ports.clock.now()), requests: [await requestAnswer(ports, request)], text };
    return { kind: 'answer', answer };
  }
  if (input.link === true) return exportLink(ports, { caller, principal }, request);
  const page = await progressPage(ports, caller, asked, cursor.place);
  return { kind: 'answer', answer: await pageAnswer(ports, { caller, request, query, page }) };
};

export function progressQuery({ ref }: Pick<PersonRequest, 'ref'>): CursorQuery {
  return { list: 'requests', filters: ref };
}

interface Which {
  readonly request?: string;
  readonly id?: string;
  readonly producer?: string;
}

/**
 * The request that is meant, if the caller may see it: operators and auditors see all, a producer what it filed. An id is
 * that of its filer; an operator names the producer.
 */
export async function findRequest(
  ports: Pick<ApiPorts, 'registry' | 'keys'>,
  caller: Caller,
  { request, id, producer }: Which,
): Promise<PersonRequest | undefined> {
  const seesAll = caller.operator || caller.auditor;
  const filer = seesAll && producer !== undefined ? producer : filerName(filerOf(caller));
  const ref =
    request === undefined
      ? requestRef(await ports.keys.registryKey(), filer, id ?? '')
      : (request as RequestRef);
  const found = (await ports.registry.requests([ref])).get(ref);
  return found !== undefined && maySee(caller, found) ? found : undefined;
}

function maySee(caller: Caller, { filer }: PersonRequest): boolean {
  if (caller.operator || caller.auditor) return true;
  return filer.role === 'producer' && filer.producer === caller.producer;
}

const OPEN: CursorQuery = { list: 'requests/open', filters: {} };

async function listOpen(ports: ApiPorts, caller: Caller, cursor: string | undefined) {
  const place = await decryptCursor<string>(ports, OPEN, cursor);
  if (!place.ok) return { kind: 'problem' as const, problem: problem('CURSOR_INVALID', 'cursor') };
  const page = await ports.registry.listedRequests(place.place);
  const found = await ports.registry.requests(page.items.map(({ ref }) => ref));
  const open = [...found.values()].filter((request) => isOpen(request) && maySee(caller, request));
  return {
    kind: 'answer' as const,
    answer: {
      asOf: isoUtc(ports.clock.now()),
      requests: await Promise.all(open.map((request) => requestAnswer(ports, request))),
      ...(await nextOf(ports, OPEN, page.next)),
    },
  };
}

/** Nothing where the person's records do not fit into one answer: `tenure request show --html` reads all pages. */
async function textFor(
  ports: ApiPorts,
  caller: Caller,
  asked: { readonly request: PersonRequest; readonly asIf: boolean },
): Promise<PersonText | undefined> {
  const reached = await reachedBy(ports, asked.request);
  const told: HoldingProgress[] = [];
  let after: ProgressPlace | undefined;
  for (let pages = 0; pages < TEXT_PAGES; pages += 1) {
    const page = await progressPage(ports, caller, { ...asked, reached }, after);
    told.push(...page.holdings);
    after = page.next;
    if (after === undefined) break;
  }
  if (after !== undefined) return undefined;
  const now = ports.clock.now();
  const letter = personLetter(asked.request, told, now);
  return {
    title: letter.title,
    introduction: letter.introduction,
    paragraphs: letter.paragraphs.map((each) => ({
      says: each.says,
      categories: [...each.categories],
      records: each.records,
      ...present({ all: each.all, rule: each.rule, sentence: each.sentence, document: each.document }),
      notes: [...each.notes],
    })),
    rights: [...letter.rights],
    html: personPage(letter, now),
  };
}
