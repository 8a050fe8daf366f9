/** The results of the run, printed as they happen: scenarios that held, times, and attempts that were refused. */
export interface Scoreboard {
  step(text: string): void;
  /** Records a scenario that held. Throws if it does not. */
  scenario(name: string, work: () => Promise<string | undefined>): Promise<void>;
  /** An attempt that must be refused with one of these codes or statuses. */
  refused(attempt: string, answer: string, expected: readonly string[]): void;
  timing(lane: string, milliseconds: number, what: string): void;
  /** Whether everything held. */
  finish(): boolean;
}

interface Timing {
  readonly lane: string;
  readonly milliseconds: number;
  readonly what: string;
}

export function scoreboard(print: (line: string) => void): Scoreboard {
  const start = performance.now();
  const timings: Timing[] = [];
  const failed: string[] = [];
  let [held, refusals] = [0, 0];
  const say = (line: string): void => print(`${secondsOf(performance.now() - start).padStart(7)}  ${line}`);
  return {
    step: say,
    async scenario(name, work) {
      try {
        const found = await work();
        held += 1;
        say(`ok      ${name}${found === undefined ? '' : `: ${found}`}`);
      } catch (error) {
        failed.push(name);
        say(`FAILED  ${name}: ${error instanceof Error ? error.message : String(error)}`);
      }
    },
    refused(attempt, answer, expected) {
      if (!expected.includes(answer)) throw new Error(`${attempt}: answered ${answer}`);
      refusals += 1;
    },
    timing(lane, milliseconds, what) {
      timings.push({ lane, milliseconds, what });
    },
    finish() {
      print('');
      for (const { lane, milliseconds, what } of timings) {
        print(`${lane.padEnd(8)}  due → gone ${secondsOf(milliseconds).padStart(7)}  ${what}`);
      }
      print(`${held} scenarios held, ${failed.length} did not; ${refusals} attempts were refused`);
      for (const name of failed) print(`did not hold: ${name}`);
      return failed.length === 0;
    },
  };
}

function secondsOf(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
