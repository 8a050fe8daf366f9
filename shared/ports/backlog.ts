import type { ColumnMark } from '../domain/columns/column-mark.ts';
import type { Instant } from '../domain/record/ids.ts';
import type { Page } from './page.ts';
import type { LaneGuard } from '../domain/guard/lane-guard.ts';
import type { ActedOn, Chunk, ChunkKey, WorkRecord } from '../domain/record/work.ts';

/** What a worker has to know before it begins: read together, in one consistent request. */
export interface Beginning {
  readonly chunk?: Chunk;
  readonly work?: WorkRecord;
  /** When the newest heartbeat that was folded was sent. */
  readonly heartbeat?: Instant;
  /** Until when each producer counts as behind, or did, if any ever did. */
  readonly behind?: ReadonlyMap<string, Instant>;
  /** How far each column of facts was read, by its name. */
  readonly columns?: ReadonlyMap<string, ColumnMark>;
  /** By which policies lanes dispose of records, by their digest. Absent before the first sweep. */
  readonly activePolicies?: string;
}

/** The lanes' chunks and who works on them. Reads are strongly consistent. */
export interface Backlog {
  /** Each put if absent (its key holds the digest of its hints). */
  putChunks(chunks: readonly Chunk[]): Promise<void>;
  begin(key: ChunkKey): Promise<Beginning>;
  chunk(key: ChunkKey): Promise<Chunk | undefined>;
  /** On `next.version - 1`. */
  writeChunk(next: Chunk): Promise<'written' | 'moved'>;
  /** On the version that `chunk` has. */
  deleteChunk(chunk: Chunk): Promise<'deleted' | 'moved'>;
  /** A lane's chunks, by producer and then by minute; at most 100 a page. */
  chunks(lane: string, after?: string): Promise<Page<Chunk>>;

  /** `former`: the token of the record that it replaces; absent: none may be there. */
  putWork(next: WorkRecord, former?: string): Promise<'written' | 'taken'>;
  /** On the own token: from now on this list tells what a take-over has to read back. */
  actOn(work: WorkRecord, actedOn: readonly ActedOn[]): Promise<'written' | 'lost'>;
  /** On the token. */
  deleteWork(work: Pick<WorkRecord, 'lane' | 'chunk' | 'token'>): Promise<'deleted' | 'lost'>;
  /** Every work record of a lane, live or over. */
  workRecords(lane: string): Promise<WorkRecord[]>;

  /** What the lane has taken of its limits; nothing before its first attempt. */
  laneGuard(lane: string): Promise<LaneGuard | undefined>;
  /** On `next.version - 1`; 1: none may be there. */
  writeLaneGuard(lane: string, next: LaneGuard): Promise<'written' | 'moved'>;
}
