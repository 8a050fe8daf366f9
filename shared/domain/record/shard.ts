import type { EntityRef, HoldingRef } from './ids.ts';

/** Hints of one hour are spread over this many partitions. */
export const SHARDS = 16;

const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** The first four bits of the reference: uniform, because references are keyed hashes. */
export function shardOf(ref: EntityRef | HoldingRef): number {
  return BASE64URL.indexOf(ref.charAt(0)) >> 2;
}

/**
 * Where the hint lies that says when applications are to be told. It is never the holding's own shard, so that it does not
 * replace a hint of the same minute for the lane, nor the other way round.
 */
export function tellingShardOf(ref: HoldingRef): number {
  return (shardOf(ref) + 1) % SHARDS;
}
