import { present } from '../../domain/present.ts';
import type { StoreFailure } from '../../ports/store.ts';
import type { Ask, Follow, Meaning, Read } from './http-options.ts';
import type { NoVendorAnswer, VendorAnswer } from './vendor-request.ts';

/** What a vendor said. `retryAfterSeconds`: when to ask again, if it said so. Nothing of its body is in it. */
export type Said =
  | { readonly state: 'confirmed' | 'gone' | 'present' }
  | { readonly state: 'accepted' | 'waiting'; readonly follow?: URL; readonly retryAfterSeconds?: number }
  /** Until a person has changed something, it would say the same. */
  | { readonly state: 'refused'; readonly code: StoreFailure }
  | { readonly state: 'unknown'; readonly code: StoreFailure; readonly retryAfterSeconds?: number };

/** An address that is longer is not kept: then it is asked again in time, or a person confirms. */
const MOST_FOLLOW = 1024;
const LONGEST_RETRY_SECONDS = 24 * 60 * 60;

/** What came of asking for something. `origin`: where it was sent; only there it is asked later. */
export function saidToAsk(ask: Ask, answer: VendorAnswer | NoVendorAnswer, origin: string): Said {
  if ('failure' in answer) return { state: 'unknown', code: answer.failure };
  const body = jsonOf(answer);
  if (means(ask.refused, answer, body)) return { state: 'refused', code: 'STORE_CONSTRAINT' };
  if (means(ask.gone, answer, body)) return { state: 'gone' };
  if (means(ask.confirmed, answer, body)) return { state: 'confirmed' };
  const isAccepted = ask.accepted.length === 0 ? isSuccess(answer) : means(ask.accepted, answer, body);
  if (!isAccepted) return byStatus(answer);
  const retry = present({ retryAfterSeconds: retryAfter(answer) });
  if (ask.follow === undefined) return { state: 'accepted', ...retry };
  const follow = followOf(ask.follow, answer, body, origin);
  return { state: 'accepted', ...retry, ...present({ follow }) };
}

/** What came of asking whether it is done. What nothing is said of is not known, and does not confirm anything. */
export function saidToFollow(follow: Follow, answer: VendorAnswer | NoVendorAnswer): Said {
  if ('failure' in answer) return { state: 'unknown', code: answer.failure };
  const body = jsonOf(answer);
  if (means(follow.refused, answer, body)) return { state: 'refused', code: 'STORE_CONSTRAINT' };
  if (means(follow.waiting, answer, body))
    return { state: 'waiting', ...present({ retryAfterSeconds: retryAfter(answer) }) };
  if (means(follow.confirmed, answer, body)) return { state: 'confirmed' };
  return notKnown(answer);
}

/** What came of reading a record. */
export function saidToRead(read: Read, answer: VendorAnswer | NoVendorAnswer): Said {
  if ('failure' in answer) return { state: 'unknown', code: answer.failure };
  const body = jsonOf(answer);
  if (means(read.present, answer, body)) return { state: 'present' };
  if (means(read.gone, answer, body)) return { state: 'gone' };
  return notKnown(answer);
}

/** A question that is not answered says nothing of the request: it may have forgotten it, or the question is wrong. */
function notKnown(answer: VendorAnswer): Said {
  const said = byStatus(answer);
  return said.state === 'refused' ? { ...said, state: 'unknown' } : said;
}

function isSuccess({ status }: VendorAnswer): boolean {
  return status >= 200 && status <= 299;
}

function means(meanings: readonly Meaning[], { status }: VendorAnswer, body: unknown): boolean {
  return meanings.some((one) => {
    return (
      one.status.includes(status) &&
      Object.entries(one.where ?? {}).every(([place, values]) => {
        return (values as readonly unknown[]).includes(valueAt(body, place));
      })
    );
  });
}

/** An answer that the configuration says nothing of. A success of that kind is not understood, so nothing is known. */
function byStatus(answer: VendorAnswer): Said {
  const { status } = answer;
  const retry = present({ retryAfterSeconds: retryAfter(answer) });
  if (status === 429 || status === 503) return { state: 'unknown', code: 'STORE_THROTTLED', ...retry };
  if (status === 401 || status === 403) return { state: 'refused', code: 'STORE_DENIED' };
  if (status >= 300 && status <= 499 && status !== 408) return { state: 'refused', code: 'STORE_SCHEMA' };
  return {
    state: 'unknown',
    code: status === 408 || status === 504 ? 'STORE_TIMEOUT' : 'STORE_ERROR',
    ...retry,
  };
}

/** Only at the same origin: a request carries keys. */
function followOf({ at }: Follow, answer: VendorAnswer, body: unknown, origin: string): URL | undefined {
  const text = at === 'location' ? answer.location : valueAt(body, at);
  if (typeof text !== 'string' || text === '' || text.length > MOST_FOLLOW || !URL.canParse(text, origin))
    return undefined;
  const url = new URL(text, origin);
  const isAtVendor = url.origin === origin && url.username === '' && url.password === '';
  return isAtVendor && url.href.length <= MOST_FOLLOW ? url : undefined;
}

/** Only of seconds (RFC 9110, section 10.2.3): of a date, the ordinary pauses are kept. */
function retryAfter({ retryAfter: text }: VendorAnswer): number | undefined {
  if (text === undefined || !/^\d{1,9}$/.test(text)) return undefined;
  return Math.min(Number(text), LONGEST_RETRY_SECONDS);
}

function jsonOf({ body }: VendorAnswer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)) as unknown;
  } catch {
    return undefined;
  }
}

/** RFC 6901. */
function valueAt(body: unknown, place: string): unknown {
  let value = body;
  for (const step of place.split('/').slice(1)) {
    const name = step.replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = Reflect.get(value, name);
  }
  return value;
}
