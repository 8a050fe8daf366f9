import { hourOf } from '../shared/domain/calendar/utc-time.ts';
import { shardOf } from '../shared/domain/record/shard.ts';
import type { Instant } from '../shared/domain/record/ids.ts';
import type { LogHead, LogIndex } from '../shared/ports/log.ts';
import type { Registry } from '../shared/ports/registry.ts';
import { hourOfChunk } from '../shared/protocol/chunk-key.ts';

/**
 * On one machine this process is the only writer, so it knows where nothing was ever put, and answers for those places
 * without asking the table. Only because of this can the clock be moved by years in seconds: the hourly sweep and the
 * log's catch-up look into every hour on the way, sixteen reads each. In AWS no process knows this, so every read is
 * made.
 */
export interface SoleWriter {
  readonly registry: Registry;
  readonly index: LogIndex;
  /** The oldest hour in which an hourly sweep has to look; none while nothing waits for one. */
  readonly oldestOpenHour: () => Instant | undefined;
  /** Whether a holding was written since this was last asked. */
  readonly wroteSince: () => boolean;
}

export function soleWriter(registry: Registry, index: LogIndex): SoleWriter {
  const hints = hintsOf(registry);
  const flights = flightsOf(registry);
  const chunks = chunksOf(index);
  let wrote = false;
  return {
    registry: {
      ...registry,
      ...hints.methods,
      ...flights.methods,
      putHolding(next) {
        wrote = true;
        return registry.putHolding(next);
      },
    },
    index: chunks.methods,
    wroteSince() {
      const answer = wrote;
      wrote = false;
      return answer;
    },
    oldestOpenHour() {
      const open = [hints.oldest(), flights.oldest(), chunks.oldest()].filter((hour) => hour !== undefined);
      return open.length === 0 ? undefined : Math.min(...open);
    },
  };
}

/** Hours and shards that hold hints, from the watermark on. */
function hintsOf(registry: Registry) {
  const shards = new Map<Instant, Set<number>>();
  const methods: Pick<Registry, 'putHint' | 'hints' | 'moveWatermark'> = {
    async putHint(hint) {
      const hour = hourOf(hint.minute);
      const known = shards.get(hour) ?? new Set();
      // Known before it is written: a read in the meantime goes to the table.
      shards.set(hour, known.add(shardOf(hint.holding)));
      await registry.putHint(hint);
    },
    async hints(hour, shard, options) {
      if (shards.get(hour)?.has(shard) !== true) return { items: [] };
      return registry.hints(hour, shard, options);
    },
    async moveWatermark(from, to) {
      const moved = await registry.moveWatermark(from, to);
      if (moved === 'written') for (const hour of shards.keys()) if (hour < to) settled.add(hour);
      return moved;
    },
  };
  const settled = new Set<Instant>();
  return { methods, oldest: () => lowest([...shards.keys()].filter((hour) => !settled.has(hour))) };
}

/** Lanes with in-flight records, which the hourly sweep deletes when a worker died over them. */
function flightsOf(registry: Registry) {
  const lanes = new Map<string, Map<string, Instant>>();
  const methods: Pick<Registry, 'putInFlight' | 'inFlight' | 'deleteInFlight'> = {
    async putInFlight(chunk) {
      const tokens = lanes.get(chunk.lane) ?? new Map<string, Instant>();
      lanes.set(chunk.lane, tokens.set(chunk.token, hourOf(chunk.until)));
      await registry.putInFlight(chunk);
    },
    async inFlight(lane) {
      return (lanes.get(lane)?.size ?? 0) === 0 ? [] : registry.inFlight(lane);
    },
    async deleteInFlight(lane, token) {
      await registry.deleteInFlight(lane, token);
      lanes.get(lane)?.delete(token);
    },
  };
  return { methods, oldest: () => lowest([...lanes.values()].flatMap((tokens) => [...tokens.values()])) };
}

/** Hours that hold chunks, those that hold unsealed ones, and the head, which has no other writer. */
function chunksOf(index: LogIndex) {
  const hours = new Set<string>();
  const open = new Map<string, Set<string>>();
  let head: LogHead | undefined;
  const keep = (read: LogHead): LogHead => {
    // Of two that overlap, the older one must not replace the newer one.
    if (head === undefined || head.version < read.version) head = read;
    return read;
  };
  const methods: LogIndex = {
    async putPending(chunk) {
      const hour = hourOfChunk(chunk.chunk);
      hours.add(hour);
      open.set(hour, (open.get(hour) ?? new Set()).add(chunk.chunk));
      await index.putPending(chunk);
    },
    async settle(chunk, result) {
      await index.settle(chunk, result);
      open.get(hourOfChunk(chunk))?.delete(chunk);
    },
    async pending(hour) {
      return (open.get(hour)?.size ?? 0) === 0 ? [] : index.pending(hour);
    },
    async ofHour(hour) {
      return hours.has(hour) ? index.ofHour(hour) : [];
    },
    async ofDay(day) {
      return [...hours].some((hour) => hour.startsWith(day)) ? index.ofDay(day) : [];
    },
    async head() {
      return head ?? keep(await index.head());
    },
    async putHead(next) {
      const written = await index.putHead(next);
      if (written === 'written') keep(next);
      else head = undefined;
      return written;
    },
  };
  const openHours = () =>
    [...open].filter(([, chunks]) => chunks.size > 0).map(([hour]) => Date.parse(`${hour}:00Z`));
  return { methods, oldest: () => lowest(openHours()) };
}

function lowest(instants: readonly Instant[]): Instant | undefined {
  return instants.length === 0 ? undefined : Math.min(...instants);
}
