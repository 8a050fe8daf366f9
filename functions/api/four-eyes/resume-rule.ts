import { problem } from '../../../shared/contract/problem.ts';
import type { WideHold } from '../../../shared/domain/record/hold.ts';
import type { ApiPorts } from '../api-ports.ts';
import { endPauses } from './end-pauses.ts';
import type { GatedAction } from './gated-action.ts';

export interface ResumedRule {
  readonly lane: string;
  readonly policy: string;
  readonly rule: string;
  /** Ids of the pauses that end. */
  readonly pauses: readonly string[];
}

/**
 * A rule that is paused in a lane goes on. It may be paused because somebody aborted it after a breaker had stopped it: what
 * an approval needs two people for needs two people here, too.
 */
export const RESUME_RULE: GatedAction<ResumedRule> = {
  kind: 'resume',
  notes: ({ lane, policy, rule }) => [{ did: 'resume', lane, policy, rule }],
  shown: ({ lane, policy, rule }) => ({ lane, policy, rule }),
  async refusal(ports, what) {
    const found = await pausesOf(ports, what);
    return found.length === what.pauses.length ? undefined : problem('NOT_FOUND', 'rule');
  },
  async carryOut(ports, what) {
    const found = await pausesOf(ports, what);
    await endPauses(ports, found);
    return found.length > 0 ? 'done' : 'void';
  },
};

async function pausesOf({ registry }: ApiPorts, { pauses }: ResumedRule): Promise<readonly WideHold[]> {
  return (await registry.wideHolds()).filter(({ kind, id }) => kind === 'pause' && pauses.includes(id));
}
