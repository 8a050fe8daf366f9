import { yearOf } from '../../shared/domain/calendar/utc-time.ts';
import {
  eventRef,
  holdRef,
  logRef,
  principalRef,
  quarantineRef,
} from '../../shared/domain/configuration/references.ts';
import type { RequestKind, RequestStep } from '../../shared/domain/people/request.ts';
import { present } from '../../shared/domain/present.ts';
import type {
  EventRef,
  HoldRef,
  Instant,
  LogRef,
  PrincipalRef,
  ProposalRef,
  QuarantineRef,
} from '../../shared/domain/record/ids.ts';
import type { ActionEntry, OperatorAction } from '../../shared/domain/record/entry.ts';
import { putActions } from '../../shared/protocol/people/put-actions.ts';
import type { ApiPorts } from './api-ports.ts';

/** What an operator asks for. `lane`: absent if it is about all of them. */
export interface Asked {
  readonly did: OperatorAction;
  readonly lane?: string;
  /** Only a policy, or a rule of it. */
  readonly policy?: string;
  readonly rule?: string;
  /** `approve`: how many records beyond the limit. */
  readonly records?: number;
  readonly event?: { readonly producer: string; readonly id: string };
  readonly quarantined?: string;
  readonly policies?: ActionEntry['policies'];
  readonly since?: string;
  /** `confirm-vendor`: the record, as the log names it. */
  readonly record?: LogRef;
  /** The id of a legal hold. */
  readonly hold?: string;
  /** What it is about. */
  readonly matter?: string;
  /** What was proposed, and when; `by`: by whom, if somebody else confirms or withdraws it now. */
  readonly proposal?: {
    readonly id: ProposalRef;
    readonly at: Instant;
    readonly did?: OperatorAction;
    readonly by?: PrincipalRef;
  };
  /** `target`: the same in all entries of a request, by the key of the year in which it was filed. */
  readonly request?: {
    readonly target: LogRef;
    readonly kind: RequestKind;
    readonly step: RequestStep | 'link-given';
  };
}

/**
 * Puts entries about what an operator asks for, before it is done: whatever is killed afterwards, no action is without
 * its entry. A request that is sent again has another entry, because it was asked for again.
 */
export async function noteActions(
  ports: ApiPorts,
  principal: string,
  asked: readonly Asked[],
): Promise<void> {
  if (asked.length === 0) return;
  const key = await ports.keys.registryKey();
  const logKey = await ports.keys.logKey(yearOf(ports.clock.now()));
  const by = logRef(logKey, principalRef(key, principal));
  const proposal = await proposalNamed(ports, asked[0]?.proposal);
  const noted = asked.map((each) => {
    const { did, lane, policy, rule, records, matter, request, policies, since, record, ...about } = each;
    const target = targetOf(key, about);
    return {
      did,
      by,
      ...present({
        lane,
        policy,
        rule,
        records,
        policies,
        since,
        target: request?.target ?? record ?? (target && logRef(logKey, target)),
        matter: matter === undefined ? undefined : logRef(logKey, holdRef(key, 'matter', matter)),
        request: request && { kind: request.kind, step: request.step },
        proposal: proposal && { ...proposal, ...present({ did: each.proposal?.did }) },
      }),
    };
  });
  await putActions(ports, asked[0]?.lane ?? '', noted);
}

/** By the key of the year in which it was proposed: one proposal has one name in all of its entries. */
async function proposalNamed(
  { keys }: ApiPorts,
  proposal: Asked['proposal'],
): Promise<Omit<NonNullable<ActionEntry['proposal']>, 'did'> | undefined> {
  if (proposal === undefined) return undefined;
  const { id, at, by } = proposal;
  const key = await keys.logKey(yearOf(at));
  return { ref: logRef(key, id), ...present({ by: by && logRef(key, by) }) };
}

function targetOf(
  key: Uint8Array,
  { event, quarantined, hold }: Pick<Asked, 'event' | 'quarantined' | 'hold'>,
): EventRef | QuarantineRef | HoldRef | undefined {
  if (event !== undefined) return eventRef(key, event.producer, event.id);
  if (quarantined !== undefined) return quarantineRef(key, quarantined);
  return hold === undefined ? undefined : holdRef(key, 'hold', hold);
}
