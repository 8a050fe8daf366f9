import type { ActionEntry } from '../../../shared/domain/record/entry.ts';
import type { PersonRequest } from '../../../shared/domain/people/request.ts';
import { sealedLog } from '../evidence.ts';
import type { World } from '../world.ts';

/** What the objects of the log say of requests of this kind. */
export async function sealedSteps(
  world: World,
  kind: PersonRequest['kind'],
): Promise<readonly Partial<ActionEntry>[]> {
  const lines = (await sealedLog(world)).text.split('\n').filter(Boolean);
  const entries = lines.map((line) => JSON.parse(line) as Partial<ActionEntry>);
  return entries.filter(({ request }) => request?.kind === kind);
}
