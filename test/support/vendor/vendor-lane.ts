import type { ChunkKey } from '../../../shared/domain/record/work.ts';
import type { LaneCore } from '../../../shared/protocol/core.ts';
import { workOnChunk } from '../../../shared/protocol/lane/work-on-chunk.ts';
import { answering } from '../../../shared/stores/answering.ts';
import { HttpOptions } from '../../../shared/stores/http/http-options.ts';
import { http } from '../../../shared/stores/http/http.ts';
import { beat, due, entriesOf, handedOver, type World } from '../driver/dying-worker.ts';
import type { Certificate } from './certificates.ts';
import type { VendorServer } from './vendor-server.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;
const SECRET = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:vendor-AbCdEf';

/** How the tests' vendor is asked: a path with the id, and an address that says what came of it. */
export const ASKS = {
  delete: {
    method: 'DELETE',
    path: '/customers/{id}',
    headers: { authorization: 'Bearer {secret.token}' },
    confirmed: [{ status: [204] }],
    accepted: [{ status: [202], where: { '/state': ['queued'] } }],
    gone: [{ status: [410] }],
    follow: {
      at: 'location',
      headers: { authorization: 'Bearer {secret.token}' },
      confirmed: [{ status: [200], where: { '/state': ['done'] } }],
      waiting: [{ status: [200], where: { '/state': ['queued'] } }],
      refused: [{ status: [200], where: { '/state': ['rejected'] } }],
    },
  },
} as const;

export const READS = {
  read: {
    method: 'GET',
    path: '/customers/{id}',
    headers: { authorization: 'Bearer {secret.token}' },
    gone: [{ status: [404] }],
    present: [{ status: [200] }],
  },
} as const;

export interface VendorLane {
  readonly w: World;
  readonly core: LaneCore;
  readonly chunk: ChunkKey;
  /** What the secret says; how often it was read again because the vendor let nothing in. */
  readonly secret: Record<string, string>;
  readonly readAgain: () => number;
  /** One bell, when the chunk may begin. */
  attempt(): Promise<void>;
  /** Bells until this number of days has passed. */
  days(count: number): Promise<void>;
  outcomes(): readonly string[];
}

interface LaneOptions {
  readonly ids?: readonly string[];
  readonly options?: object;
  readonly timeoutSeconds?: number;
  readonly authorities?: Certificate;
}

/** Records that are due, in a lane whose store is the vendor. */
export async function vendorLane(
  server: VendorServer,
  certificate: Certificate,
  more: LaneOptions = {},
): Promise<VendorLane> {
  const { ids = ['n-1'], options = {}, timeoutSeconds = 5, authorities = certificate } = more;
  const { w } = await due({}, ids);
  const chunk = await handedOver(w, '2026-04-01T00:35:00Z');
  const secret: Record<string, string> = { token: 'first' };
  let again = 0;
  const parsed = HttpOptions.parse({
    origin: server.origin,
    secret: SECRET,
    privateAddresses: true,
    ...ASKS,
    ...options,
  });
  const store = await http.open(parsed, {
    region: 'eu-central-1',
    keys: [{ name: 'id', type: 'text' }],
    timeoutSeconds,
    pseudonymKey: async () => new Uint8Array(),
    connection: {
      vendor: {
        now: () => w.clock.now(),
        authorities: authorities.cert,
        async secret(_arn, isAgain) {
          if (isAgain) again += 1;
          return { ...secret };
        },
      },
    },
  });
  const core: LaneCore = {
    ...w.core,
    store: answering(store, (error) => {
      throw error;
    }),
  };
  const attempt = async (): Promise<void> => {
    const { notBefore = 0 } = (await w.registry.chunk(chunk)) ?? {};
    w.clock.set(Math.max(w.clock.now(), notBefore));
    await beat(w);
    await workOnChunk(core, chunk);
  };
  return {
    w,
    core,
    chunk,
    secret,
    readAgain: () => again,
    attempt,
    async days(count) {
      const until = w.clock.now() + count * DAY;
      while (w.clock.now() < until) {
        const next = (await w.registry.chunk(chunk))?.notBefore ?? until;
        if (next > until) w.clock.set(until);
        else await attempt();
        w.clock.advance(MINUTE);
      }
    },
    outcomes: () => entriesOf(w).map(({ outcome }) => outcome),
  };
}
