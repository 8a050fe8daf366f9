import { problem } from '../../../shared/contract/problem.ts';
import type { LegalHold } from '../../../shared/domain/record/hold.ts';
import type { ApiPorts, Operation, Reply } from '../api-ports.ts';
import type { HoldsAnswer } from '../../../shared/contract/people/legal-holds.ts';
import { decryptCursor, nextOf } from '../cursor.ts';
import { entityOf } from '../query-subject.ts';
import { holdAnswers, wholeHoldAnswer } from './hold-answer.ts';

/** One hold with what is in flight under it, the holds in force on an entity, or all holds, a page after the other. */
export const queryHolds: Operation<'queryHolds'> = async (ports, { caller, input }) => {
  if ('id' in input) {
    const hold = await ports.registry.holdRecord(input.id);
    if (hold === undefined) return { kind: 'problem', problem: problem('NOT_FOUND', 'id') };
    return { kind: 'answer', answer: { holds: [await wholeHoldAnswer(ports, hold)] } };
  }
  if ('entity' in input) {
    const found = await entityOf(ports, caller, input.entity);
    if ('problem' in found) return { kind: 'problem', problem: found.problem };
    const ids = (await ports.registry.states([found.entity])).get(found.entity)?.holds ?? [];
    const holds = await Promise.all(ids.map((id) => ports.registry.holdRecord(id)));
    const known = holds.filter((hold) => hold !== undefined);
    return { kind: 'answer', answer: { holds: await holdAnswers(ports, known) } };
  }
  return page(ports, input.state, input.cursor);
};

/** A page may have less than others, or nothing, and still have a next one. */
async function page(
  ports: ApiPorts,
  state: 'in-force' | 'released' | undefined,
  given: string | undefined,
): Promise<Reply<HoldsAnswer>> {
  const query = { list: 'legal-holds', filters: { state } };
  const cursor = await decryptCursor<string>(ports, query, given);
  if (!cursor.ok) return { kind: 'problem', problem: problem('CURSOR_INVALID', 'cursor') };
  const { items, next } = await ports.registry.holdRecords(cursor.place);
  const wanted = items.filter((hold) => state === undefined || isIn(state, hold));
  return {
    kind: 'answer',
    answer: { holds: await holdAnswers(ports, wanted), ...(await nextOf(ports, query, next)) },
  };
}

/** One that is only half placed is listed with those in force: somebody has to look at it. */
function isIn(state: 'in-force' | 'released', hold: LegalHold): boolean {
  return (hold.state === 'released') === (state === 'released');
}
