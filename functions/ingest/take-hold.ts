import type { HoldMessage, SentHold } from '../../shared/contract/people/hold-message.ts';
import { present } from '../../shared/domain/present.ts';
import type { HoldScope, LegalHold } from '../../shared/domain/record/hold.ts';
import { refsOf } from '../../shared/protocol/facts/refs-of.ts';
import { endHold, putHold, release } from '../../shared/protocol/hold.ts';
import { sealHoldText, sealReleaseText } from '../../shared/protocol/people/hold-text.ts';
import type { IngestCore } from './quarantine.ts';

/**
 * A legal hold that the api has placed or released already: a registry that was restored gets it back from the archive.
 * Idempotent, and in any order: what was released stays so. What is parked in a restored registry is hinted here, because
 * the sweep's message of the release is long gone.
 */
export async function takeHold(
  core: IngestCore,
  { id, hold, released, isReplayed }: HoldMessage,
): Promise<void> {
  const known = await core.registry.holdRecord(id);
  if (released === undefined) {
    // Placed once; the api has told its caller what became of it.
    if (hold === undefined) return;
    await putHold(core, known ?? (await recordOf(core, id, hold)));
    // Its request ended with the former registry. As a rule the api notes it.
    if (known === undefined || isReplayed === true) await core.registry.recordInFlight(id, []);
    return;
  }
  const { at, by, reason } = released;
  const ended: LegalHold = {
    ...(known ?? (await recordOf(core, id, hold))),
    state: 'released',
    released: { at, sealed: await sealReleaseText(core.keys, id, at, { reason, by }) },
  };
  if (isReplayed === true) await release(core, ended);
  else await endHold(core, ended);
}

/** Without `hold`, its texts were lost: all that can be kept is that the id was released. */
async function recordOf(core: IngestCore, id: string, hold: SentHold | undefined): Promise<LegalHold> {
  if (hold === undefined)
    return { id, kind: 'hold', scope: { everything: true }, state: 'released', at: core.clock.now() };
  const { scope, at, by, matter, reason, reviewBy, freeze, categories } = hold;
  const entity = 'entity' in scope ? scope.entity : undefined;
  const words = { matter, reason, by, ...present({ entity }) };
  const sealed = await sealHoldText(core.keys, id, at, words);
  const held = await holdScope(core, scope);
  const more = present({ reviewBy, freeze, categories });
  return { id, kind: 'hold', scope: held, state: 'placed', at, sealed, ...more };
}

async function holdScope(core: IngestCore, scope: SentHold['scope']): Promise<HoldScope> {
  if (!('entity' in scope)) return scope;
  const refs = await refsOf(core, scope.entity.producer ?? '');
  return { entity: refs.entity(scope.entity) };
}
