import type { CliContext } from '../cli-context.ts';

/** Between two lines that say how far a command is. */
const SHOWN_EVERY_MILLISECONDS = 200;

/** Says how many of the log's entries a command has read, at most five times a second. */
export function entriesProgress(context: CliContext): (done: number, all: number) => void {
  let shown = context.now();
  return (done, all) => {
    if (context.now() - shown < SHOWN_EVERY_MILLISECONDS) return;
    shown = context.now();
    context.progress(`${done} of ${all} entries`);
  };
}
