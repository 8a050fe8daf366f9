/** Answers, while a rule is evaluated, what the facts leave open: which of two events of one day came first. */
export interface Orders {
  /**
   * Which of the options is taken to be so. The same key has the same answer wherever the rule asks. The options are
   * clauses such as `a.b of 2020-01-01 came before c.d of 2020-01-01`.
   */
  choose(key: string, options: readonly string[]): number;
  /** How often it was asked: a result that was reached without asking holds in every order. */
  readonly asked: number;
}

/** What a rule gives if the assumptions are so. */
export interface Possible<Result> {
  readonly result: Result;
  readonly assumed: readonly string[];
}

/** More orders than events of one day without a time should have. Beyond that, the result is undetermined, not slow. */
const MOST_ORDERS = 200;

/**
 * Evaluates once for each answer to what is asked on the way. Nothing asked, one result. An evaluation takes the first
 * option wherever it asks something new, and leaves the others for an evaluation of their own.
 */
export function inEveryOrder<Result>(
  evaluateIn: (orders: Orders) => Result,
): readonly Possible<Result>[] | 'too many' {
  const found: Possible<Result>[] = [];
  const open: ReadonlyMap<string, number>[] = [new Map()];
  for (let given = open.pop(); given !== undefined; given = open.pop()) {
    if (found.length === MOST_ORDERS) return 'too many';
    const taken = new Map(given);
    const assumed = new Set<string>();
    let asked = 0;
    const result = evaluateIn({
      get asked() {
        return asked;
      },
      choose(key, options) {
        asked += 1;
        const chosen = taken.get(key) ?? 0;
        if (!taken.has(key))
          for (let other = options.length - 1; other > 0; other -= 1)
            open.push(new Map([...taken, [key, other]]));
        taken.set(key, chosen);
        assumed.add(options[chosen] ?? '');
        return chosen;
      },
    });
    found.push({ result, assumed: [...assumed] });
  }
  return found;
}
