import type { Caller } from '../../shared/domain/configuration/principal.ts';
import type { Holding } from '../../shared/domain/record/holding.ts';
import type { EntityRef } from '../../shared/domain/record/ids.ts';
import { isLate } from '../../shared/protocol/late-fact.ts';
import { entitiesOf } from '../../shared/protocol/plan-of.ts';
import type { ApiPorts } from './api-ports.ts';

/** Whether the caller sees all of a holding, or only what it registered itself. */
export function seesAll({ operator, auditor }: Caller): boolean {
  return operator || auditor;
}

/**
 * The generations of one holding that a caller sees, the current one first. Operators and auditors see all of them. A
 * producer sees what it registered itself about this entity, exactly as if no other producer had registered the record:
 * its own generations are counted, from its own first registration on.
 */
export async function visibleTo(
  ports: ApiPorts,
  caller: Caller,
  generations: readonly Holding[],
  entity: EntityRef,
): Promise<readonly Holding[]> {
  const { producer } = caller;
  if (seesAll(caller)) return generations;
  if (producer === undefined) return [];
  const own = await Promise.all(generations.map((holding) => ownPart(ports, producer, holding)));
  const about = own.filter((part) => entitiesOf(part).some(({ ref }) => ref === entity));
  return about.map((part, index) => ({ ...part, generation: about.length - index }));
}

/** Without variants where the producer registered nothing. */
async function ownPart(ports: ApiPorts, producer: string, holding: Holding): Promise<Holding> {
  const variants = holding.variants.filter((variant) => variant.producer === producer);
  const registeredAt = Math.min(...variants.map((variant) => variant.registeredAt ?? variant.received));
  // What was done before its first registration happened to a record of another producer.
  const done = holding.done?.filter(({ version }) => variants.some(({ since }) => since <= version));
  const { done: _done, remarks: _remarks, ...rest } = holding;
  const part: Holding = { ...rest, variants, registeredAt, ...(done !== undefined && { done }) };
  const at = holding.remarks?.DISPOSED_BEFORE_FACT;
  if (at === undefined || variants.length === 0) return part;
  // The fact may have been about an entity of another producer.
  const isItsOwn = variants.length === holding.variants.length || (await isLate(ports, part));
  return isItsOwn ? { ...part, remarks: { DISPOSED_BEFORE_FACT: at } } : part;
}
