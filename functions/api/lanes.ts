import type { LaneAnswer, LanesAnswer, PauseLanes } from '../../shared/contract/operations.ts';
import { problem } from '../../shared/contract/problem.ts';
import { isoUtc } from '../../shared/domain/calendar/utc-time.ts';
import { type Policy, rulesOf } from '../../shared/domain/configuration/policy.ts';
import { isOfDataset } from '../../shared/domain/datasets/dataset-chunk.ts';
import { stopsOf } from '../../shared/domain/guard/breaker.ts';
import { NEW_GUARD } from '../../shared/domain/guard/lane-guard.ts';
import { own } from '../../shared/domain/own.ts';
import { REQUEST_TEXTS } from '../../shared/domain/people/request-texts.ts';
import { present } from '../../shared/domain/present.ts';
import {
  isSameRule,
  isSameScope,
  type PausedRule,
  RESTORED,
  type WideHold,
} from '../../shared/domain/record/hold.ts';
import { isPauseOf } from '../../shared/protocol/lane/begin.ts';
import {
  type Missing,
  restoreProgress,
  type RestoreProgress,
} from '../../shared/protocol/restore/restored.ts';
import { seconds } from '../../shared/protocol/seconds.ts';
import type { ApiPorts, Operation } from './api-ports.ts';
import { endPauses } from './four-eyes/end-pauses.ts';
import { doOrPropose } from './four-eyes/do-or-propose.ts';
import { RESUME_RULE } from './four-eyes/resume-rule.ts';
import { noteActions } from './note-actions.ts';
import { waitingIn } from './waiting-in.ts';

export const listLanes: Operation<'listLanes'> = async (ports) => lanesAnswer(ports, lanesOf(ports));

export const pauseAll: Operation<'pauseAll'> = async (ports, { principal, input }) => {
  const unknown = unknownRule(ports, input);
  if (unknown !== undefined) return unknown;
  await pause(ports, principal, { scope: { everything: true }, ...onlyOf(input) });
  return lanesAnswer(ports, lanesOf(ports));
};

export const resumeAll: Operation<'resumeAll'> = async (ports, { principal, input }) => {
  const pauses = { scope: { everything: true }, ...onlyOf(input) } as const;
  const holds = await pausesOf(ports, pauses);
  if (holds.length === 0) {
    const unknown = unknownRule(ports, input);
    if (unknown !== undefined) return unknown;
  }
  if (holds.some(({ id }) => id === RESTORED)) {
    const progress = await progressOf(ports);
    const [missing] = progress?.missing ?? [];
    if (missing !== undefined)
      return { kind: 'problem', problem: problem('RESTORE_INCOMPLETE', '', MISSING[missing]) };
  }
  await resume(ports, principal, pauses, holds);
  return lanesAnswer(ports, lanesOf(ports));
};

export const pauseLane: Operation<'pauseLane'> = async (ports, { lane, principal, input }) => {
  if (own(ports.configuration.stores, lane) === undefined) return unknownLane();
  const unknown = unknownRule(ports, input);
  if (unknown !== undefined) return unknown;
  await pause(ports, principal, { scope: { store: lane }, ...onlyOf(input) });
  return lanesAnswer(ports, [lane]);
};

export const resumeLane: Operation<'resumeLane'> = async (ports, { lane, principal, input }) => {
  if (own(ports.configuration.stores, lane) === undefined) return unknownLane();
  const pauses = { scope: { store: lane }, ...onlyOf(input) };
  const holds = await pausesOf(ports, pauses);
  if (holds.length === 0) {
    const unknown = unknownRule(ports, input);
    if (unknown !== undefined) return unknown;
  }
  const { policy, rule } = input;
  if (policy !== undefined && rule !== undefined && holds.length > 0) {
    const what = { lane, policy, rule, pauses: holds.map(({ id }) => id).toSorted() };
    const reply = await doOrPropose(ports, principal, RESUME_RULE, what);
    return typeof reply === 'string' ? lanesAnswer(ports, [lane]) : reply;
  }
  await resume(ports, principal, pauses, holds);
  return lanesAnswer(ports, [lane]);
};

/**
 * The pause is written before the work records are read for the answer: an attempt that begins later sees the pause, and
 * an earlier one is listed. Two requests at the same time may write two pauses; resuming releases both.
 */
async function pause(ports: ApiPorts, principal: string, pauses: Pauses): Promise<void> {
  if ((await pausesOf(ports, pauses)).length > 0) return;
  await noteActions(ports, principal, [{ did: 'pause', ...laneOf(pauses) }]);
  const hold: WideHold = {
    id: ports.tokens.next(),
    kind: 'pause',
    ...pauses,
    state: 'placed',
    at: ports.clock.now(),
  };
  await ports.registry.placeWideHold(hold);
}

/** Only these: one that was placed since, as by an abort or a restore, is another question. */
async function resume(
  ports: ApiPorts,
  principal: string,
  pauses: Pauses,
  holds: readonly WideHold[],
): Promise<void> {
  if (holds.length > 0) await noteActions(ports, principal, [{ did: 'resume', ...laneOf(pauses) }]);
  await endPauses(ports, holds);
}

/** What is asked of the person who resumes the lanes of a restored table. */
const MISSING: Readonly<Record<Missing, string>> = {
  log: 'The registry does not know all entries of the deletion log yet.',
  disposed: 'Not all holdings were compared with the deletion log yet.',
  replay: 'The archive of the bus was not replayed up to the adoption of the table.',
};

async function progressOf(ports: ApiPorts): Promise<RestoreProgress | undefined> {
  return ports.adopted === undefined ? undefined : restoreProgress(ports, ports.adopted);
}

type LaneScope = { readonly everything: true } | { readonly store: string };

/** What a pause covers. `only`: not all that the lane does. */
interface Pauses {
  readonly scope: LaneScope;
  readonly only?: PausedRule;
}

function onlyOf({ policy, rule }: PauseLanes): Pick<Pauses, 'only'> {
  return policy === undefined ? {} : { only: { policy, ...present({ rule }) } };
}

/** A pause of what no policy says would keep nothing, and the person who asked for it would rely on it. */
function unknownRule({ configuration }: ApiPorts, { policy, rule }: PauseLanes) {
  if (policy === undefined) return undefined;
  const versions = configuration.policies.policies.filter(({ name }) => name === policy);
  if (versions.length === 0) return { kind: 'problem' as const, problem: problem('NOT_FOUND', 'policy') };
  const isKnown =
    rule === undefined ||
    REQUEST_TEXTS.includes(rule) ||
    versions.some((version) => textsOf(version).includes(rule));
  return isKnown ? undefined : { kind: 'problem' as const, problem: problem('NOT_FOUND', 'rule') };
}

function textsOf(policy: Policy): readonly string[] {
  const caps = Object.values(policy.categories).flatMap(({ cap }) => cap ?? []);
  return [...rulesOf(policy), ...caps].map(({ text }) => text);
}

function laneOf({ scope, only }: Pauses): {
  readonly lane?: string;
  readonly policy?: string;
  readonly rule?: string;
} {
  return { ...('store' in scope ? { lane: scope.store } : {}), ...only };
}

async function pausesOf(ports: ApiPorts, { scope, only }: Pauses): Promise<readonly WideHold[]> {
  const holds = await ports.registry.wideHolds();
  return holds.filter(
    (hold) => hold.kind === 'pause' && isSameScope(hold.scope, scope) && isSameRule(hold.only, only),
  );
}

/** The state of these lanes. */
export async function lanesAnswer(ports: ApiPorts, lanes: readonly string[]) {
  const holds = (await ports.registry.wideHolds()).filter(({ kind }) => kind === 'pause');
  const all = holds.filter(({ scope }) => 'everything' in scope);
  const restored = all.some(({ id }) => id === RESTORED) ? await progressOf(ports) : undefined;
  const answers = await Promise.all(
    lanes.map(async (lane): Promise<LaneAnswer> => {
      const mine = holds.filter(({ scope }) => 'store' in scope && scope.store === lane);
      const pauses = [
        ...all.map(({ id, at, only }) =>
          id === RESTORED
            ? {
                of: 'all' as const,
                since: isoUtc(restored?.since ?? ports.clock.now()),
                code: 'RESTORED' as const,
              }
            : { of: 'all' as const, since: isoUtc(at), ...only },
        ),
        ...mine.map(({ at, only }) => ({ of: 'lane' as const, since: isoUtc(at), ...only })),
      ];
      return {
        lane,
        state: holds.some((hold) => isPauseOf(hold, lane)) ? 'paused' : 'running',
        pauses,
        inFlight: await inFlightOf(ports, lane),
        ...(await guardedIn(ports, lane)),
      };
    }),
  );
  const replayedUntil = restored?.replayedUntil === undefined ? undefined : isoUtc(restored.replayedUntil);
  const restore = restored && {
    missing: [...restored.missing],
    holdings: restored.holdings,
    ...present({ replayedUntil }),
  };
  return {
    kind: 'answer' as const,
    answer: { lanes: answers, ...(await behindNow(ports)), ...present({ restore }) },
  };
}

/** Absent if every producer is up to date. */
async function behindNow({ registry, clock }: ApiPorts): Promise<Pick<LanesAnswer, 'behind'>> {
  const { behind } = await registry.intake();
  const now = [...behind].filter(([, until]) => clock.now() < until);
  if (now.length === 0) return {};
  return { behind: now.map(([producer, until]) => ({ producer, until: isoUtc(until) })) };
}

/** Stops are absent if no rule is stopped, and the dry run if none is configured. */
async function guardedIn(ports: ApiPorts, lane: string): Promise<Pick<LaneAnswer, 'stops' | 'dryRun'>> {
  const guard = (await ports.registry.laneGuard(lane)) ?? NEW_GUARD;
  const isDry = own(ports.configuration.stores, lane)?.dryRun === true;
  const { day, counts = [] } = guard.dryRun ?? {};
  const dry = isDry ? { dryRun: { ...present({ day }), rules: counts.map((one) => ({ ...one })) } } : {};
  const stops = stopsOf(guard);
  if (stops.length === 0) return dry;
  const waiting = await waitingIn(ports, lane);
  return {
    ...dry,
    stops: stops.map(({ key, policy, rule, at, because, taken, most }) => ({
      policy,
      rule,
      because,
      taken,
      most,
      since: isoUtc(at),
      waiting: waiting.get(key) ?? 0,
    })),
  };
}

/** Attempts that may still be acting, because their lease may not have ended on every clock. */
async function inFlightOf(ports: ApiPorts, lane: string): Promise<LaneAnswer['inFlight']> {
  const tolerance = seconds(ports.configuration.timing.clockTolerance);
  const records = await ports.registry.workRecords(lane);
  return records
    .filter(({ until }) => until + tolerance >= ports.clock.now())
    .map(({ chunk, refs, until }) => ({
      lane,
      holdings: refs.length,
      until: isoUtc(until),
      ...(isOfDataset(chunk) && { dataset: true as const }),
    }));
}

function lanesOf(ports: ApiPorts): readonly string[] {
  return Object.keys(ports.configuration.stores).toSorted((a, b) => (a < b ? -1 : 1));
}

function unknownLane() {
  return { kind: 'problem' as const, problem: problem('NOT_FOUND', 'lane') };
}
