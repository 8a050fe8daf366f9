import { expect, test } from 'vitest';
import type { Interceptor } from '../../../local/virtual/run-function.ts';
import type { Verb } from '../../../local/virtual/virtual-deployment.ts';
import type { LogRef } from '../../../shared/domain/record/ids.ts';
import { handleOf } from '../../../shared/domain/record/notice.ts';
import { openRequestsAbout } from '../../../shared/protocol/vendor/confirm-asked.ts';
import { HttpOptions } from '../../../shared/stores/http/http-options.ts';
import { http } from '../../../shared/stores/http/http.ts';
import { aboutToBeDue, DELETING } from '../../support/driver/disposal-play.ts';
import type { Driver } from '../../support/driver/driver.ts';
import { counting, killAt } from '../../support/driver/kill-points.ts';
import { entriesIn, violations } from '../../support/driver/violations.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const OF_STORES = /its worker did nothing$|without having read back$|^a deletion has no entry$/;

interface Scene {
  readonly verb: Verb;
  /** Its runs have this call; the first such run dies, or the last one. */
  readonly call: string;
  readonly nth: 0 | -1;
  /** Days until a person says that the vendor has done it. */
  readonly days: number;
  readonly skew?: (verb: Verb) => number;
}

/** A vendor without an API is asked for two records; later a person confirms both, each twice. */
async function played({ verb, days, skew }: Scene, run: number, victim: Interceptor) {
  const notice = ['delete'];
  const store = await http.open(HttpOptions.parse({ notice }), {
    region: 'eu-central-1',
    keys: [{ name: 'id', type: 'text' }],
    timeoutSeconds: 5,
    pseudonymKey: async () => new Uint8Array(),
  });
  const d = await aboutToBeDue({
    ...DELETING,
    more: ['n-2'],
    store: { kind: 'http', options: { notice } },
    vendor: () => store,
    ...(skew && { skew }),
  });
  const calls: string[][] = [];
  for (let number = 0; number < 500; number += 1) {
    const own: string[] = [];
    calls.push(own);
    d.onNext(verb, number === run ? victim : counting(own));
  }
  await d.pass(days * DAY);
  for (const id of ['n-1', 'n-2']) {
    const record = handleOf(d.ref(id)) as LogRef;
    const requests = (await openRequestsAbout(d.core, record)).map(({ request }) => request);
    const message = { kind: 'confirm-vendor', lane: d.core.lane, record, requests } as const;
    d.toSweep(message);
    d.toSweep(message);
  }
  await d.pass(2 * DAY);
  return { d, calls };
}

async function wrongIn(d: Driver, { days }: Scene): Promise<readonly string[]> {
  const wrong = (await violations(d)).filter((one) => !OF_STORES.test(one));
  const events = d.told
    .map((one) => JSON.parse(one))
    .filter(({ type }) => type === 'retention.vendor.notice');
  const ids = new Set(events.map(({ id }) => id));
  const expected = days > 7 ? 4 : 2;
  if (ids.size !== expected) wrong.push(`${ids.size} different events`);
  for (const { id, data, time } of events)
    if (data.request !== id || events.some((one) => one.id === id && one.time !== time))
      wrong.push('an event is not the same when it is sent again');
  if ((await d.registry.notices()).items.length > 0) wrong.push('an event was not sent');
  const outcomes = entriesIn(d).map(({ entry }) => entry.outcome);
  if (outcomes.filter((one) => one === 'confirmed-by-vendor').length !== 2) wrong.push(outcomes.join(' '));
  for (const id of ['n-1', 'n-2'])
    if (d.holding(id)?.state !== 'disposed') wrong.push(`${id} is ${d.holding(id)?.state}`);
  if (d.registry.allChunks().length > 0) wrong.push('a chunk is left');
  return wrong;
}

const skewed = (seconds: number) => (verb: Verb) => (verb === 'dispose' ? seconds : -seconds) * 1000;
const SCENES: Readonly<Record<string, Scene>> = {
  'a worker that asks': { verb: 'dispose', call: 'registry.putNotices', nth: 0, days: 1 },
  'a worker that asks again': { verb: 'dispose', call: 'registry.putNotices', nth: -1, days: 8 },
  'a sweep that sends by another clock': {
    verb: 'sweep',
    call: 'queues.notify',
    nth: 0,
    days: 1,
    skew: skewed(50),
  },
  'a sweep that writes what a person said': { verb: 'sweep', call: 'registry.writeChunk', nth: 0, days: 1 },
  'a worker that tells it by a slow clock': {
    verb: 'dispose',
    call: 'registry.putResult',
    nth: -1,
    days: 1,
    skew: skewed(-50),
  },
};

test.each(Object.entries(SCENES))(
  '%s is killed at each of its calls: no request is lost, and none is confirmed twice',
  async (_, scene) => {
    const plain = await played(scene, -1, counting([]));
    expect(await wrongIn(plain.d, scene)).toEqual([]);
    const which = plain.calls.flatMap((own, run) => (own.includes(scene.call) ? [run] : [])).at(scene.nth);
    const calls = plain.calls[which ?? -1] ?? [];
    expect(calls).toContain(scene.call);
    const wrong: string[] = [];
    for (const [index, call] of calls.entries()) {
      for (const when of ['before', 'after'] as const) {
        const { d } = await played(scene, which ?? 0, killAt(index + 1, when));
        wrong.push(...(await wrongIn(d, scene)).map((one) => `killed ${when} ${index + 1} ${call}: ${one}`));
      }
    }
    expect(wrong).toEqual([]);
  },
  300_000,
);
