import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { listenOnLoopback, type LocalServer } from './loopback.ts';

type Fields = Readonly<Record<string, unknown>>;

/** How a vendor answers a request to dispose of a record. */
export type VendorManner =
  /** It does it at once, and says so. */
  | 'at-once'
  /** It accepts it, says where it can be asked later, and has done it when it is asked there for the second time. */
  | 'later'
  /** It accepts it, and forgets it; when it is asked by a second request, it does it `later`. */
  | 'when-chased';

/** A request that changes something, as the vendor got it. */
export interface VendorGot {
  readonly host: string;
  readonly method: string;
  readonly path: string;
  readonly idempotencyKey: string | undefined;
}

/** The vendors of the demonstration: one server, in which each has the name of its host. */
export interface LocalVendors extends LocalServer {
  /** What the secret of every vendor says. */
  readonly secret: Readonly<Record<string, string>>;
  readonly got: readonly VendorGot[];
  /** The manner of the vendor with this host. Default: `at-once`. */
  behave(host: string, manner: VendorManner): void;
  /** The vendor has a record, which is disposed of by requests to this path. */
  put(host: string, path: string, fields: Fields): void;
  /** Its fields; `undefined` when it is gone. */
  read(host: string, path: string): Fields | undefined;
}

interface Job {
  readonly place: string;
  readonly isForgotten: boolean;
  asked: number;
}

/**
 * Starts an API like those of vendors, in this process and in memory, on a free loopback port. `GET` of a record answers
 * 200 or 404. Every other method disposes of it: 200 with `{"state":"done"}`, or 202 with `{"state":"queued"}` and the
 * header `location`. There it says `queued` or `done`.
 */
export async function startVendors(): Promise<LocalVendors> {
  const manners = new Map<string, VendorManner>();
  const records = new Map<string, Fields>();
  const jobs = new Map<string, Job>();
  const got: VendorGot[] = [];

  const dispose = (place: string): Answer => {
    records.delete(place);
    return { status: 200, body: { state: 'done' } };
  };

  /** One that comes again by the same key is answered as the first time. */
  function accept(host: string, place: string, key: string, isForgotten: boolean): Answer {
    const location = `/requests/${key}`;
    if (!jobs.has(host + location)) jobs.set(host + location, { place, isForgotten, asked: 0 });
    return { status: 202, body: { state: 'queued' }, location };
  }

  function follow(job: Job): Answer {
    job.asked += 1;
    if (job.isForgotten || job.asked < 2) return { status: 200, body: { state: 'queued' } };
    return dispose(job.place);
  }

  function answerTo({ host, method, path, idempotencyKey = '' }: VendorGot): Answer {
    const place = host + path;
    const job = jobs.get(place);
    if (method === 'GET' && job !== undefined) return follow(job);
    if (method === 'GET') {
      const found = records.get(place);
      return found === undefined ? { status: 404, body: {} } : { status: 200, body: found };
    }
    switch (manners.get(host) ?? 'at-once') {
      case 'at-once':
        return dispose(place);
      case 'later':
        return accept(host, place, idempotencyKey, false);
      case 'when-chased': {
        const isFirst = got.every(
          (one) => one.host + one.path !== place || one.idempotencyKey === idempotencyKey,
        );
        return accept(host, place, idempotencyKey, isFirst);
      }
    }
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    await text(request);
    const { method = '', url: path = '', headers } = request;
    const key = headers['idempotency-key'];
    const idempotencyKey = typeof key === 'string' ? key : undefined;
    const one = { host: headers.host ?? '', method, path, idempotencyKey };
    const { status, body, location } = answerTo(one);
    if (method !== 'GET') got.push(one);
    response
      .writeHead(status, { 'content-type': 'application/json', ...(location !== undefined && { location }) })
      .end(JSON.stringify(body));
  }

  const server = createServer((request, response) => void handle(request, response));
  return {
    ...(await listenOnLoopback(server)),
    secret: { token: 'demo-token', key: 'demo-key' },
    got,
    behave: (host, manner) => void manners.set(host, manner),
    put: (host, path, fields) => void records.set(host + path, fields),
    read: (host, path) => records.get(host + path),
  };
}

interface Answer {
  readonly status: number;
  readonly body: object;
  readonly location?: string;
}
