import type { ProposalKind } from '../../../shared/domain/record/proposal.ts';
import { ACTIVATE_POLICIES } from './activate-policies.ts';
import { APPROVE_STOPS } from './approve-stops.ts';
import { CHANGE_EVENTS } from './change-events.ts';
import { DISCARD_MESSAGE } from './discard-message.ts';
import type { GatedAction } from './gated-action.ts';
import { REPLAY_RESTORE } from './replay-restore.ts';
import { RESUME_RULE } from './resume-rule.ts';

const ACTIONS = {
  approve: APPROVE_STOPS,
  resume: RESUME_RULE,
  activate: ACTIVATE_POLICIES,
  discard: DISCARD_MESSAGE,
  events: CHANGE_EVENTS,
  replay: REPLAY_RESTORE,
} as const;

/** Of what is sealed as such: only this action's own content has been sealed with this kind. */
export function actionOf(kind: ProposalKind): GatedAction<object> {
  return ACTIONS[kind] as unknown as GatedAction<object>;
}
