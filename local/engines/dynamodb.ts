import dynalite from 'dynalite';
import { listenOnLoopback, type LocalServer } from './loopback.ts';

export type LocalDynamoDB = LocalServer;

/** Starts a DynamoDB look-alike in this process, in memory, on a free loopback port. Any credentials will do. */
export function startDynamoDB(): Promise<LocalDynamoDB> {
  return listenOnLoopback(dynalite({ createTableMs: 0, deleteTableMs: 0 }));
}
