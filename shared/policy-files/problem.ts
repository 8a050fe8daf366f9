/** One mistake in a policy file: where it is, and what is wrong and what to do. */
export interface Problem {
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  /** Counted from 1, in characters as editors count them. */
  readonly column: number;
  readonly message: string;
}

/** `file:line:column message`: the form that editors and terminals turn into a link. */
export function printProblem(problem: Problem): string {
  return `${problem.file}:${problem.line}:${problem.column} ${problem.message}`;
}

/** In the order in which a person would correct them; a mistake found twice is reported once. */
export function inReadingOrder(problems: readonly Problem[]): Problem[] {
  const sorted = problems.toSorted(
    (a, b) =>
      compare(a.file, b.file) || a.line - b.line || a.column - b.column || compare(a.message, b.message),
  );
  return sorted.filter((problem, i) => {
    const before = sorted[i - 1];
    return before === undefined || printProblem(before) !== printProblem(problem);
  });
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
