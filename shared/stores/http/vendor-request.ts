import { Agent as PlainAgent, type IncomingMessage, request as plain } from 'node:http';
import { Agent, request as secure } from 'node:https';
import { present } from '../../domain/present.ts';
import type { StoreFailure } from '../../ports/store.ts';
import { networkFailure } from '../store-failure.ts';
import { AddressRefused, checkHost, publicLookup } from './vendor-address.ts';

/** What is read of an answer, at most. The rest is not waited for. */
export const MOST_ANSWER_BYTES = 64 * 1024;

export interface VendorRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** `privateAddresses`: those of one's own network are allowed. */
export interface VendorLimits {
  /** Ends the request, also while its answer is read. */
  readonly signal: AbortSignal;
  readonly privateAddresses: boolean;
  /** Certificates of authorities that are trusted besides those of Node, as PEM. */
  readonly authorities?: string;
  /** A server of this machine that is connected to instead: for tests and the demonstration. */
  readonly endpoint?: string;
}

export interface VendorAnswer {
  readonly status: number;
  readonly body: Uint8Array;
  readonly location?: string;
  readonly retryAfter?: string;
}

/** `mayHaveArrived`: the request was on its way, so the vendor may have carried it out. */
export interface NoVendorAnswer {
  readonly failure: StoreFailure;
  readonly mayHaveArrived: boolean;
}

/**
 * Sends one request, and reads its answer: at most `MOST_ANSWER_BYTES` within the time. A redirect is an answer like any
 * other, and is not followed. The address that a name leads to is checked when it is connected to. Never throws, and
 * nothing of the answer is in any message.
 */
export function askVendor(
  request: VendorRequest,
  limits: VendorLimits,
): Promise<VendorAnswer | NoVendorAnswer> {
  return new Promise((resolve) => {
    let mayHaveArrived = false;
    let isAnswered = false;
    const fail = (error: unknown) => resolve({ failure: failureOf(error), mayHaveArrived });
    try {
      const to = connectedTo(request.url, limits);
      const sent = open(request, to, limits);
      // What a proxy of one's own answers is not the vendor's, and none is used: only the socket leads there.
      sent.on('socket', (socket) => {
        const isSecure = to.protocol === 'https:';
        socket.once(isSecure ? 'secureConnect' : 'connect', () => {
          mayHaveArrived = true;
        });
        if (!socket.connecting) mayHaveArrived = true;
      });
      sent.on('error', fail);
      // No answer, but another protocol on this connection: Node closes it, and says nothing else.
      sent.on('close', () => {
        if (!isAnswered) fail(undefined);
      });
      sent.on('response', (answer) => {
        isAnswered = true;
        readAll(answer).then((body) => resolve(answerOf(answer, body)), fail);
      });
      sent.end(request.body);
    } catch (error) {
      fail(error);
    }
  });
}

/** The vendor, or the server of this machine that stands in for it. */
function connectedTo(url: URL, { endpoint }: VendorLimits): URL {
  const to = new URL(url);
  if (endpoint === undefined) return to;
  const { protocol, host } = new URL(endpoint);
  return Object.assign(to, { protocol, host });
}

function open({ method, url, headers, body }: VendorRequest, to: URL, limits: VendorLimits) {
  const isChecked = !limits.privateAddresses && limits.endpoint === undefined;
  if (isChecked) checkHost(url.hostname);
  const options = {
    method,
    headers: {
      'accept-encoding': 'identity',
      ...headers,
      host: url.host,
      ...(body !== undefined && { 'content-length': String(Buffer.byteLength(body)) }),
    },
    signal: limits.signal,
    maxHeaderSize: 16 * 1024,
    ...(isChecked && { lookup: publicLookup }),
  };
  // Each request has a connection of its own: it is rare, and none is reused whose address was checked long ago.
  return to.protocol === 'https:'
    ? secure(to, { ...options, agent: new Agent(), ...present({ ca: limits.authorities }) })
    : plain(to, { ...options, agent: new PlainAgent() });
}

async function readAll(answer: IncomingMessage): Promise<Uint8Array> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of answer as AsyncIterable<Buffer>) {
    parts.push(part);
    bytes += part.byteLength;
    if (bytes >= MOST_ANSWER_BYTES) break;
  }
  return new Uint8Array(Buffer.concat(parts).subarray(0, MOST_ANSWER_BYTES));
}

function answerOf({ statusCode = 0, headers }: IncomingMessage, body: Uint8Array): VendorAnswer {
  return {
    status: statusCode,
    body,
    ...present({ location: headers.location, retryAfter: headers['retry-after'] }),
  };
}

function failureOf(error: unknown): StoreFailure {
  if (error instanceof AddressRefused) return 'STORE_DENIED';
  if (error instanceof Error && (error.name === 'AbortError' || error.name === 'TimeoutError'))
    return 'STORE_TIMEOUT';
  return networkFailure(error) ?? 'STORE_ERROR';
}
