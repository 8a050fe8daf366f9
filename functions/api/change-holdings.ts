import { RegistrationItem, WithdrawalItem } from '../../shared/contract/batch.ts';
import { type Parsed, parseOr } from '../../shared/contract/parse.ts';
import { isoUtc } from '../../shared/domain/calendar/utc-time.ts';
import type { SentRegistration, SentWithdrawal } from '../../shared/domain/record/incoming.ts';
import {
  checkRegistration,
  checkWithdrawal,
  type Permitted,
  type Place,
} from '../../shared/domain/configuration/permission.ts';
import { holdingRef } from '../../shared/domain/configuration/references.ts';
import { present } from '../../shared/domain/present.ts';
import { handleOf } from '../../shared/domain/record/notice.ts';
import type { ApiPorts, Operation } from './api-ports.ts';
import { type Judged, publishBatch, rejected } from './publish-batch.ts';

/** Applications register a record first, and write it afterwards. */
export const registerHoldings: Operation<'registerHoldings'> = async (
  ports,
  { caller, input, faultyItems },
) => {
  const now = ports.clock.now();
  const key = await ports.keys.registryKey();
  return publishBatch(ports, {
    route: 'POST /v1/holdings',
    items: input.holdings,
    faultyItems,
    judge: (item) =>
      judged(ports, caller.producer, parseOr(RegistrationItem, item), (producer, sent, value) => {
        const { id: _id, time: _time, ...data } = value;
        const incoming: SentRegistration = { kind: 'registration', ...sent, ...data };
        const checked = checkRegistration(ports.configuration, producer, incoming, now);
        if (!checked.ok) return { incoming, checked };
        const handle = handleOf(holdingRef(key, incoming.store, checked.value.canonical));
        return { incoming, checked, handle };
      }),
  });
};

/**
 * A producer withdraws only what it registered itself, until then: the registration may still be under way.
 */
export const withdrawHoldings: Operation<'withdrawHoldings'> = async (
  ports,
  { caller, input, faultyItems },
) =>
  publishBatch(ports, {
    route: 'POST /v1/holdings/withdraw',
    items: input.holdings,
    faultyItems,
    judge: (item) =>
      judged(ports, caller.producer, parseOr(WithdrawalItem, item), (producer, sent, value) => {
        const { id: _id, time: _time, ...data } = value;
        const incoming: SentWithdrawal = { kind: 'withdrawal', ...sent, ...data };
        return { incoming, checked: checkWithdrawal(ports.configuration, producer, incoming) };
      }),
  });

/**
 * Registrations and withdrawals are folded by the time when they were sent, to the millisecond; the bus tells whole
 * seconds. So a request without a `time` gets one here. A request that is repeated with the same `time` after the
 * disposal does not create a new generation.
 */
function judged<Item extends { readonly id?: string; readonly time?: string }>(
  ports: ApiPorts,
  producer: string | undefined,
  parsed: Parsed<Item>,
  build: (
    producer: string,
    sent: { readonly id: string; readonly source: string; readonly time: string },
    value: Item,
  ) => {
    readonly incoming: SentRegistration | SentWithdrawal;
    readonly checked: Permitted<Place>;
    readonly handle?: string;
  },
): Judged {
  if (!parsed.ok) return parsed;
  const source = producer === undefined ? undefined : ports.configuration.producers[producer]?.source;
  if (producer === undefined || source === undefined) return rejected('UNKNOWN_PRODUCER', '');
  const { incoming, checked, handle } = build(
    producer,
    {
      id: parsed.value.id ?? ports.tokens.next(),
      source,
      time: parsed.value.time ?? isoUtc(ports.clock.now()),
    },
    parsed.value,
  );
  if (!checked.ok) return rejected(checked.code, checked.path.replace(/^data\./, ''));
  return { ok: true, speaker: { role: 'producer', producer }, incoming, ...present({ handle }) };
}
