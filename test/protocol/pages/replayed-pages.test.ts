import { expect, test } from 'vitest';
import { replayId } from '../../../shared/domain/replay/replay.ts';
import { workOnChunk } from '../../../shared/protocol/lane/work-on-chunk.ts';
import { beginReplay, walkOfPart } from '../../../shared/protocol/replay/begin-replay.ts';
import { replaySegment } from '../../../shared/protocol/replay/walk-replay.ts';
import { ALL_SEGMENTS } from '../../../shared/protocol/walk.ts';
import { beat, handedOver, leaseEnds } from '../../support/driver/dying-worker.ts';
import type { World } from '../../support/driver/world.ts';
import { beforeCall } from '../../support/pages/before-call.ts';
import {
  collected,
  collectionWorld,
  holdingOf,
  rowNames,
  writes,
} from '../../support/pages/collection-world.ts';
import { leftOver, pageViolations } from '../../support/pages/page-violations.ts';

/* An operator asks for a replay, while a collection is disposed of in pages. */

const PORTS = ['registry', 'store', 'queues'] as const;
const HOUR = 3_600_000;
const REPLAY = replayId('t-1', { does: true, since: Date.parse('2026-03-31T00:00:00Z'), store: 'notes' });

/** Two pages are left. */
async function afterOnePage() {
  const w = collectionWorld();
  const { contract, ref } = await collected(w, 'c-1');
  writes(w, 'c-1', rowNames(2500));
  await w.happened(contract, w.fact('contract.ended', '2026-03-01'));
  const chunk = await handedOver(w);
  expect(await workOnChunk(w.core, chunk)).toBe('left');
  w.clock.advance(60_000);
  await beat(w);
  return { w, contract, ref, chunk };
}

async function replays(w: World): Promise<void> {
  await beginReplay(w.core, REPLAY);
  for (const segment of ALL_SEGMENTS)
    await replaySegment(w.core, { walk: walkOfPart({ id: REPLAY, round: 0 }), segment }, () => true);
}

test('a page into which a replay comes is told all the same: a late fact is remarked, and the rest goes when it is due', async () => {
  const wrong: string[] = [];
  const states = new Set<string | undefined>();
  for (let number = 1; ; number += 3) {
    const { w, contract, ref, chunk } = await afterOnePage();
    const first = holdingOf(w, ref)?.partly;
    const watched = beforeCall(w.core, PORTS, { number, happens: () => replays(w) });
    await workOnChunk(watched.core, chunk);
    if (watched.calls() < number) break;
    const { state, partly } = holdingOf(w, ref) ?? {};
    states.add(state);
    if (first === undefined || partly === undefined || partly.link === first.link)
      wrong.push(`${number}: the page is not told`);
    w.clock.advance(60_000);
    // It ended before, so what went since was disposed of before this was known.
    await w.happened(contract, w.fact('contract.renewed', '2026-03-15'));
    if (holdingOf(w, ref)?.remarks?.DISPOSED_BEFORE_FACT === undefined) wrong.push(`${number}: not remarked`);
    if (number % 5 > 0) continue;
    await leaseEnds(w);
    await w.happened(contract, w.fact('contract.ended', '2026-04-05', { id: 'again' }));
    await w.run(w.clock.now() + 40 * 24 * HOUR);
    wrong.push(
      ...leftOver(w).map((one) => `${number}: ${one}`),
      ...(await pageViolations(w)).map((one) => `${number}: ${one}`),
    );
  }
  expect(wrong).toEqual([]);
  expect(states).toEqual(new Set(['active', 'pending']));
}, 60_000);
