import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { entriesOf } from '../../support/driver/dying-worker.ts';
import { type Certificate, makeCertificate } from '../../support/vendor/certificates.ts';
import { READS, vendorLane } from '../../support/vendor/vendor-lane.ts';
import {
  type Behaviour,
  type Got,
  startVendor,
  type VendorServer,
} from '../../support/vendor/vendor-server.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let certificate: Certificate;
let vendor: VendorServer;
beforeAll(async () => {
  certificate = await makeCertificate();
});
beforeEach(async () => {
  vendor = await startVendor(certificate);
});
afterEach(() => vendor.stop());

const asks = (): readonly Got[] => vendor.got.filter(({ method }) => method === 'DELETE');
const keysOf = (got: readonly Got[]) => got.map(({ headers }) => headers['idempotency-key']);
const accepts: Behaviour = (_, response) =>
  response
    .writeHead(202, { location: '/jobs/7', 'content-type': 'application/json' })
    .end('{"state":"queued","email":"ada@example.com"}');
const answers =
  (status: number, body = '', headers: Record<string, string> = {}): Behaviour =>
  (_, response) =>
    response.writeHead(status, headers).end(body);
const says = (state: string): Behaviour => answers(200, JSON.stringify({ state }));
const byMethod =
  (asked: Behaviour, read: Behaviour): Behaviour =>
  (got, response) =>
    got.method === 'GET' ? read(got, response) : asked(got, response);

describe('a vendor that does as it should', () => {
  it('is asked once, and asked later what came of it until it says that it is done', async () => {
    vendor.behave(byMethod(accepts, says('queued')));
    const lane = await vendorLane(vendor, certificate);
    await lane.attempt();
    expect(vendor.got).toMatchObject([
      { method: 'DELETE', path: '/customers/n-1', headers: { authorization: 'Bearer first' } },
    ]);
    expect(keysOf(asks())[0]).toMatch(/^[0-9a-f]{32}$/);
    expect(lane.outcomes()).toEqual(['requested']);
    expect(lane.w.holding('n-1')).toMatchObject({ state: 'active' });
    await lane.days(1);
    expect(asks()).toHaveLength(1);
    expect(vendor.got.slice(1).every(({ path }) => path === '/jobs/7')).toBe(true);
    // 5, 10, 20 … minutes: not more often.
    expect(vendor.got.length).toBeLessThan(12);
    vendor.behave(says('done'));
    await lane.days(1);
    expect(lane.outcomes()).toEqual(['requested', 'confirmed-by-vendor']);
    expect(lane.w.holding('n-1')).toMatchObject({ state: 'disposed' });
    expect(lane.w.registry.allChunks()).toEqual([]);
    const [, told] = entriesOf(lane.w);
    expect(told).toMatchObject({ stage: 'delete', rule: '30 days after contract.ended' });
    expect(told).not.toHaveProperty('readBack');
    expect(told).not.toHaveProperty('unrecoverableAt');
  });

  it('says at once that it is done, which is its word and no deletion', async () => {
    const lane = await vendorLane(vendor, certificate);
    await lane.attempt();
    expect(lane.outcomes()).toEqual(['confirmed-by-vendor']);
    expect(lane.w.holding('n-1')).toMatchObject({ state: 'disposed' });
  });

  it('is read where it can be: only then it is a deletion', async () => {
    let has = true;
    vendor.behave(
      byMethod(
        (_, response) => {
          has = false;
          response.writeHead(204).end();
        },
        (got, response) => answers(has ? 200 : 404)(got, response),
      ),
    );
    const lane = await vendorLane(vendor, certificate, { options: READS });
    await lane.attempt();
    expect(entriesOf(lane.w)).toMatchObject([{ outcome: 'deleted', readBack: expect.any(String) as string }]);
  });

  it('changes its keys: the secret is read again once, and the same request sent by it', async () => {
    const lane = await vendorLane(vendor, certificate);
    vendor.behave((got, response) => {
      lane.secret['token'] = 'second';
      response.writeHead(got.headers.authorization === 'Bearer second' ? 204 : 401).end();
    });
    await lane.attempt();
    expect(new Set(keysOf(asks())).size).toBe(1);
    expect([asks().length, lane.readAgain(), lane.outcomes()]).toEqual([2, 1, ['confirmed-by-vendor']]);
  });

  it('lets nothing in for other reasons: that is not tried twice with the same keys', async () => {
    vendor.behave(answers(401));
    const lane = await vendorLane(vendor, certificate);
    await lane.attempt();
    expect([asks().length, lane.outcomes()]).toEqual([1, ['refused']]);
    expect(entriesOf(lane.w)).toMatchObject([{ answer: 'STORE_DENIED' }]);
  });
});

describe('a vendor that misbehaves', () => {
  it('answers 500: the same request is sent again, later', async () => {
    vendor.behave(answers(500));
    const lane = await vendorLane(vendor, certificate);
    await lane.attempt();
    await lane.attempt();
    expect(lane.outcomes()).toEqual([]);
    vendor.behave(answers(204));
    await lane.attempt();
    expect(lane.outcomes()).toEqual(['confirmed-by-vendor']);
    expect(asks().length).toBeGreaterThan(1);
    expect(new Set(keysOf(asks())).size).toBe(1);
  });

  it('is slow: it has the time of one call, and then the request is sent again', async () => {
    vendor.behave((_, response) => void setTimeout(() => response.writeHead(204).end(), 150));
    const patient = await vendorLane(vendor, certificate);
    await patient.attempt();
    expect(patient.outcomes()).toEqual(['confirmed-by-vendor']);
  });

  it('hangs: other records of the chunk are asked for all the same', async () => {
    vendor.behave((got, response) => {
      if (!got.path.endsWith('n-1')) response.writeHead(204).end();
    });
    const lane = await vendorLane(vendor, certificate, { ids: ['n-1', 'n-2', 'n-3'], timeoutSeconds: 0.4 });
    await lane.attempt();
    expect(lane.outcomes()).toEqual(['confirmed-by-vendor', 'confirmed-by-vendor']);
    expect(lane.w.registry.allChunks()).toMatchObject([
      { refs: [lane.w.ref('n-1')], failure: { code: 'STORE_TIMEOUT' } },
    ]);
    vendor.behave(answers(204));
    await lane.attempt();
    expect(lane.w.holding('n-1')).toMatchObject({ state: 'disposed' });
    const own = asks().filter(({ path }) => path.endsWith('n-1'));
    expect([own.length, new Set(keysOf(own)).size]).toEqual([2, 1]);
  });

  it('answers with a body that says something else: nothing is accepted, and nothing confirmed', async () => {
    vendor.behave(answers(202, '<html>Maintenance</html>', { location: '/jobs/7' }));
    const lane = await vendorLane(vendor, certificate);
    await lane.attempt();
    expect(lane.outcomes()).toEqual([]);
    expect(lane.w.registry.allChunks()).toMatchObject([{ failure: { code: 'STORE_ERROR' } }]);
    vendor.behave(byMethod(accepts, answers(200, '{"state":"done"')));
    await lane.attempt();
    await lane.days(2);
    expect(lane.outcomes()).toEqual(['requested']);
  });

  it('confirms, and still has the record: that is not taken for a deletion, and it is asked again', async () => {
    let asked = 0;
    vendor.behave(
      byMethod(
        (_, response) => {
          asked += 1;
          response.writeHead(204).end();
        },
        (got, response) => answers(asked < 2 ? 200 : 404)(got, response),
      ),
    );
    const lane = await vendorLane(vendor, certificate, { options: READS });
    await lane.attempt();
    expect(lane.outcomes()).toEqual(['requested']);
    await lane.days(6);
    expect(lane.outcomes()).toEqual(['requested']);
    await lane.days(3);
    expect(lane.outcomes()).toEqual(['requested', 'deleted']);
    expect([asks().length, new Set(keysOf(asks())).size]).toEqual([2, 2]);
  });

  it('answers 429 with a time: nothing is sent before it is over', async () => {
    vendor.behave(answers(429, '', { 'retry-after': '7200' }));
    const lane = await vendorLane(vendor, certificate);
    await lane.attempt();
    const first = lane.w.clock.now();
    vendor.behave(answers(204));
    for (let bells = 0; bells < 20 && asks().length < 2; bells += 1) await lane.attempt();
    expect(lane.w.clock.now()).toBeGreaterThanOrEqual(first + 2 * HOUR);
    expect(lane.outcomes()).toEqual(['confirmed-by-vendor']);
    expect(new Set(keysOf(asks())).size).toBe(1);
  });

  it('asks to be asked later: it is not asked what came of it before then', async () => {
    vendor.behave(answers(202, '{"state":"queued"}', { location: '/jobs/7', 'retry-after': '36000' }));
    const lane = await vendorLane(vendor, certificate);
    await lane.attempt();
    const { notBefore = 0 } = lane.w.registry.allChunks()[0] ?? {};
    expect(notBefore).toBe(lane.w.clock.now() + 10 * HOUR);
  });

  it('redirects elsewhere: the other server hears nothing, and a person is told', async () => {
    const other = await startVendor(certificate);
    vendor.behave(answers(307, '', { location: `${other.origin}/customers/n-1` }));
    const lane = await vendorLane(vendor, certificate);
    await lane.attempt();
    expect(entriesOf(lane.w)).toMatchObject([{ outcome: 'refused', answer: 'STORE_SCHEMA' }]);
    vendor.behave(
      byMethod(answers(202, '{"state":"queued"}', { location: `${other.origin}/jobs/7` }), says('done')),
    );
    await lane.attempt();
    await lane.days(2);
    expect(lane.outcomes()).toEqual(['refused', 'requested']);
    expect(other.got).toEqual([]);
    await other.stop();
  });

  it('repeats its refusal to a key: it is asked by another one each time, until it takes one', async () => {
    vendor.behave(answers(409, '{"state":"open invoice"}'));
    const lane = await vendorLane(vendor, certificate);
    for (let attempt = 0; attempt < 3; attempt += 1) {
      await lane.attempt();
      await lane.days(1);
    }
    const refused = new Set(keysOf(vendor.got));
    expect(refused.size).toBe(vendor.got.length);
    vendor.behave(answers(204));
    await lane.days(2);
    expect(lane.outcomes().at(-1)).toBe('confirmed-by-vendor');
    expect(refused).not.toContain(keysOf(vendor.got).at(-1));
  });

  it('resolves to a private address: nothing is sent', async () => {
    const lane = await vendorLane(vendor, certificate, { options: { privateAddresses: false } });
    await lane.attempt();
    expect(vendor.got).toEqual([]);
    expect(entriesOf(lane.w)).toMatchObject([{ outcome: 'refused', answer: 'STORE_DENIED' }]);
  });

  it('forgets what it was asked for: it is asked again by another request', async () => {
    vendor.behave(byMethod(accepts, answers(404)));
    const lane = await vendorLane(vendor, certificate);
    await lane.attempt();
    await lane.days(6);
    expect([asks().length, lane.outcomes()]).toEqual([1, ['requested']]);
    vendor.behave(byMethod(answers(204), answers(404)));
    await lane.days(2);
    expect([asks().length, new Set(keysOf(asks())).size]).toEqual([2, 2]);
    expect(lane.outcomes()).toEqual(['requested', 'confirmed-by-vendor']);
  });

  it('changes its certificate to one that no authority vouches for: nothing is sent until it is right again', async () => {
    vendor.useCertificate(await makeCertificate());
    const lane = await vendorLane(vendor, certificate);
    await lane.attempt();
    expect(vendor.got).toEqual([]);
    vendor.useCertificate(certificate);
    await lane.attempt();
    expect([asks().length, lane.outcomes()]).toEqual([1, ['confirmed-by-vendor']]);
  });

  it('never answers what came of it: it is chased, and then a person is told', async () => {
    vendor.behave(byMethod(accepts, says('queued')));
    const lane = await vendorLane(vendor, certificate);
    await lane.attempt();
    await lane.days(29);
    expect(lane.w.registry.allChunks()).toMatchObject([{ waits: [{ code: 'VENDOR_PENDING', count: 1 }] }]);
    // At the first look after a week, of which there is one a day.
    expect([asks().length, new Set(keysOf(asks())).size]).toEqual([4, 4]);
    await lane.days(3);
    expect(lane.w.registry.allChunks()).toMatchObject([{ waits: [{ code: 'VENDOR_OVERDUE', count: 1 }] }]);
    expect(new Set(lane.outcomes())).toEqual(new Set(['requested']));
    expect(lane.w.holding('n-1')).toMatchObject({ state: 'active' });
  });

  it('says that it will not do it: that is told, and stays open', async () => {
    vendor.behave(byMethod(accepts, says('rejected')));
    const lane = await vendorLane(vendor, certificate);
    await lane.attempt();
    await lane.days(3);
    expect(lane.outcomes().slice(0, 2)).toEqual(['requested', 'refused']);
    expect(lane.outcomes().length).toBeLessThan(6);
    expect(lane.w.holding('n-1')).toMatchObject({ state: 'active' });
    vendor.behave(says('done'));
    await lane.days(2);
    expect(lane.outcomes().at(-1)).toBe('confirmed-by-vendor');
  });
});

describe('what is kept of a vendor', () => {
  it('has nothing of its answers but a sealed address', async () => {
    vendor.behave(byMethod(accepts, answers(500, 'ada@example.com')));
    const lane = await vendorLane(vendor, certificate);
    await lane.attempt();
    await lane.days(1);
    const kept = JSON.stringify([
      lane.w.registry.allChunks(),
      lane.w.registry.allResults(),
      lane.w.registry.allWorkRecords(),
      lane.w.reports.lines,
    ]);
    expect(kept).not.toMatch(/ada@|jobs|queued|Bearer|first"/);
  });
});
