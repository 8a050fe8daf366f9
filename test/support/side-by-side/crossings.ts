import type { Registry } from '../../../shared/ports/registry.ts';

/** How often a function of one release went on with what a function of the other had begun. */
export interface Crossings {
  takeOvers: number;
  folds: number;
  holdings: number;
  batches: number;
}

export interface Noting {
  readonly crossings: Crossings;
  /** The registry, as this release's functions see it. */
  readonly noted: (release: string, registry: Registry) => Registry;
}

export function noting(): Noting {
  const crossings: Crossings = { takeOvers: 0, folds: 0, holdings: 0, batches: 0 };
  const writers = new Map<string, string>();

  function wrote(what: keyof Crossings, name: string, release: string): void {
    const former = writers.get(`${what} ${name}`);
    if (former !== undefined && former !== release) crossings[what] += 1;
    writers.set(`${what} ${name}`, release);
  }

  return {
    crossings,
    noted: (release, registry) => ({
      ...registry,
      async putWork(next, former) {
        const answer = await registry.putWork(next, former);
        if (answer !== 'written') return answer;
        const token = former === undefined ? next.token : String(former);
        if (former !== undefined) wrote('takeOvers', token, release);
        writers.set(`takeOvers ${next.token}`, release);
        return answer;
      },
      async putState(entity, state) {
        const answer = await registry.putState(entity, state);
        if (answer === 'written') wrote('folds', entity, release);
        return answer;
      },
      async putHead(head) {
        const answer = await registry.putHead(head);
        if (answer === 'written' && head.published) wrote('batches', '', release);
        else if (answer === 'written') writers.set('batches ', release);
        return answer;
      },
      async writeHoldings(changes) {
        const answers = await registry.writeHoldings(changes);
        for (const [index, { after }] of changes.entries())
          if (answers[index] === 'written') wrote('holdings', after.ref, release);
        return answers;
      },
    }),
  };
}
