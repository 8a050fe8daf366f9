/** What the tests of one file have explored since it was last taken: the report at the end of a run adds it up. */
export interface ExploredSoFar {
  /** Models that nothing was wrong with, each with its size in words. */
  readonly models: readonly { readonly line: string; readonly interleavings: number }[];
  /** Simulated years and bad inputs, each run with what it was made of and what came of it. */
  readonly lives: readonly string[];
  /** Processes that were killed at one of their calls. */
  readonly kills: number;
  /** Processes that slept over their lease at one of their calls, and went on. */
  readonly sleeps: number;
}

declare module 'vitest' {
  interface TaskMeta {
    explored?: ExploredSoFar;
  }
}

const models: { line: string; interleavings: number }[] = [];
const lives: string[] = [];
let kills = 0;
let sleeps = 0;

export function noteModel(line: string, interleavings: number): void {
  models.push({ line, interleavings });
}

export function noteLives(line: string): void {
  lives.push(line);
}

export function noteKill(): void {
  kills += 1;
}

export function noteSleep(): void {
  sleeps += 1;
}

/** Undefined where nothing was explored. */
export function takeExplored(): ExploredSoFar | undefined {
  const taken = { models: models.splice(0), lives: lives.splice(0), kills, sleeps };
  kills = 0;
  sleeps = 0;
  return taken.models.length + taken.lives.length + taken.kills + taken.sleeps === 0 ? undefined : taken;
}
