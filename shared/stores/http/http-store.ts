import { present } from '../../domain/present.ts';
import type { Action, StoreAction } from '../../domain/record/actions.ts';
import type { Acted, Locator, Presence, Promised, ReadBack, Store, Target } from '../../ports/store.ts';
import { deadline, eachParallel } from '../bounded-calls.ts';
import { actedFailure } from '../store-failure.ts';
import { type StoreTools, unsupported } from '../store-kind.ts';
import type { HttpOptions } from './http-options.ts';
import { type Said, saidToAsk, saidToFollow, saidToRead } from './vendor-answers.ts';
import { type About, type Sent, vendorCalls } from './vendor-calls.ts';

/** That number of requests is sent at the same time. */
const AT_ONCE = 10;
const NOT_HERE = { state: 'unknown', code: 'STORE_SCHEMA' } as const;

/**
 * A person's records at a vendor. Its verbs are requests, which the vendor carries out when it will; nothing says that a
 * record is gone unless the vendor's own answer to a read does.
 */
export function openHttpStore(options: HttpOptions, tools: StoreTools): Store {
  const { origin = '', notice, read, chaseAfterDays, confirmWithinDays } = options;
  const calls = vendorCalls(options, tools);

  function asking(action: StoreAction, verb: Action, batch: readonly Target[]): Promise<Acted[]> {
    const ask = options[action];
    if (ask === undefined) throw unsupported('http', verb);
    const signal = deadline(tools);
    return eachParallel(
      batch,
      async ({ locator, request }) => {
        // Without a name, one that is sent again would be another request.
        if (request === undefined) return actedFailure('STORE_SCHEMA');
        const sent = await calls.send(ask, { locator, action, request }, signal);
        return 'unsent' in sent ? actedFailure(sent.unsent) : actedOf(saidToAsk(ask, sent, origin));
      },
      AT_ONCE,
    );
  }

  async function readOne(locator: Locator, signal: AbortSignal): Promise<Said | undefined> {
    if (read === undefined) return undefined;
    return said(await calls.send(read, { locator, action: 'read' }, signal), (sent) =>
      saidToRead(read, sent),
    );
  }

  async function followed(promised: Promised, signal: AbortSignal): Promise<Said | undefined> {
    const action = actionOf(promised.expect);
    const follow = options[action]?.follow;
    const url = atVendor(promised.follow, origin);
    if (follow === undefined || url === undefined) return undefined;
    const about: About = { locator: promised.locator, action };
    const sent = await calls.follow(url, follow.headers, about, signal);
    return said(sent, (answer) => saidToFollow(follow, answer));
  }

  return {
    batch: AT_ONCE,
    atOnce: 1,
    vendor: { chaseAfterDays, confirmWithinDays, ...(notice !== undefined && { byNotice: true }) },
    look(batch) {
      const signal = deadline(tools);
      return eachParallel(batch, async (one) => presenceOf(await readOne(one, signal)), AT_ONCE);
    },
    delete: async (batch) => asking('delete', 'delete', batch),
    anonymise: async (batch) => asking('anonymise', 'anonymise', batch),
    restrict: async (batch, on) => asking(on ? 'restrict' : 'lift', 'restrict', batch),
    readBack(batch) {
      const signal = deadline(tools);
      return eachParallel(
        batch,
        async (promised) => {
          const word = await followed(promised, signal);
          // A refusal is final, and what waits may be there.
          if (word?.state === 'refused' || word?.state === 'waiting') return wordOf(word);
          return readBackOf(promised, word, await readOne(promised.locator, signal));
        },
        AT_ONCE,
      );
    },
    read: async (batch) => batch.map(() => NOT_HERE),
    list: async () => NOT_HERE,
    idsOf: async (batch) => batch.map(() => NOT_HERE),
    range: async () => NOT_HERE,
    survey: async () => ({ personal: [], uncovered: [], neverPresent: [], datasets: [], notSeen: [] }),
    recovery: async () => ({ days: 0, isWhole: false }),
    close: async () => {},
  };
}

function said(sent: Sent, of: (answer: Exclude<Sent, { readonly unsent: unknown }>) => Said): Said {
  return 'unsent' in sent ? { state: 'unknown', code: sent.unsent } : of(sent);
}

/** An address that was kept under another origin is not asked: a request carries keys. */
function atVendor(text: string | undefined, origin: string): URL | undefined {
  if (text === undefined || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  return url.origin === origin ? url : undefined;
}

function actionOf(expect: Promised['expect']): StoreAction {
  switch (expect) {
    case 'gone':
      return 'delete';
    case 'masked':
      return 'anonymise';
    case 'restricted':
      return 'restrict';
    case 'unrestricted':
      return 'lift';
  }
}

function actedOf(answer: Said): Acted {
  switch (answer.state) {
    case 'confirmed':
      return { outcome: 'confirmed' };
    case 'gone':
      return { outcome: 'already-so' };
    case 'accepted': {
      const { follow, retryAfterSeconds } = answer;
      return { outcome: 'requested', ...present({ follow: follow?.href, retryAfterSeconds }) };
    }
    case 'refused':
      return { outcome: 'refused', code: answer.code };
    case 'unknown': {
      const { code, retryAfterSeconds } = answer;
      if (retryAfterSeconds === undefined) return actedFailure(code);
      return { outcome: 'failed', code, retryAfterSeconds };
    }
    // No answer to a request means this.
    case 'waiting':
    case 'present':
      return { outcome: 'failed', code: 'STORE_ERROR' };
  }
}

/** Where nothing can be read it may be there. */
function presenceOf(seen: Said | undefined): Presence {
  switch (seen?.state) {
    case 'gone':
      return { state: 'gone' };
    case 'unknown':
    case 'refused':
      return { state: 'unknown', code: seen.code };
    case 'present':
    case 'confirmed':
    case 'accepted':
    case 'waiting':
    case undefined:
      return { state: 'present' };
  }
}

/** What was read counts, and not what the vendor says: it may say that it has done it, and still have the record. */
function readBackOf({ expect }: Promised, word: Said | undefined, seen: Said | undefined): ReadBack {
  if (seen?.state === 'gone') return { state: 'kept' };
  if (seen?.state === 'unknown') return { state: 'unknown', code: seen.code };
  if (seen?.state === 'present' && expect === 'gone') return { state: 'broken' };
  return word === undefined ? { state: 'pending' } : wordOf(word);
}

function wordOf(word: Said): ReadBack {
  switch (word.state) {
    case 'confirmed':
      return { state: 'confirmed' };
    case 'refused':
      return { state: 'refused', code: word.code };
    case 'unknown':
      return { state: 'unknown', code: word.code };
    case 'waiting':
    case 'accepted':
      return { state: 'pending', ...present({ retryAfterSeconds: word.retryAfterSeconds }) };
    case 'gone':
    case 'present':
      return { state: 'pending' };
  }
}
