import { personalFields } from '../domain/coverage/personal-name.ts';
import { plainName } from '../domain/coverage/shown-name.ts';
import type { NeverPresent, Survey, SurveyQuestion } from '../domain/coverage/survey.ts';
import { datasetCounter } from './dataset-counter.ts';
import type { MemoryRecord } from './memory-list.ts';

/** Records in memory have nothing beside them. `failure`: why nothing can be seen. */
export function memorySurvey(
  records: readonly MemoryRecord[],
  question: SurveyQuestion,
  failure?: string,
): Survey {
  const neverPresent = question.neverPresent.map((name): NeverPresent => {
    const has = records.some(({ fields }) => fields[name] !== undefined && fields[name] !== null);
    return { name, state: failure === undefined ? (has ? 'found' : 'none') : 'unknown', looked: 'all' };
  });
  if (failure !== undefined)
    return {
      personal: [],
      uncovered: [],
      neverPresent,
      datasets: [],
      notSeen: [{ part: 'records', code: failure }],
    };
  const names = new Set(records.flatMap(({ fields }) => Object.keys(fields)));
  return {
    records: { count: records.length, counted: 'exact' },
    personal: personalFields(names, plainName),
    uncovered: [],
    neverPresent,
    datasets: question.datasets.map((dataset) => {
      const counter = datasetCounter(dataset);
      for (const { fields } of records) counter.add(fields);
      return counter.counts('exact');
    }),
    notSeen: [],
  };
}
