import { afterAll, beforeEach } from 'vitest';
import type {
  ClockEdge,
  Count,
  DatasetQuestion,
  Survey,
  SurveyQuestion,
} from '../../../shared/domain/coverage/survey.ts';
import { type OpenOptions, type PostgresBench, postgresBench } from '../store/store-postgresql-bench.ts';
import { PLAIN } from './survey-suite.ts';

interface Surveyed {
  readonly bench: PostgresBench;
  readonly run: (sql: string) => Promise<unknown>;
  readonly surveyed: (options: OpenOptions, question: Partial<SurveyQuestion>) => Promise<Survey>;
  /** What it finds of the datasets, and what it says of them that was not seen. */
  readonly counted: (
    options: OpenOptions,
    datasets: readonly DatasetQuestion[],
  ) => Promise<{ readonly found: Survey['datasets']; readonly notSeen: Survey['notSeen'] }>;
}

/** A PostgreSQL for the surveys of one file, empty before each test. */
export async function surveyedPostgres(): Promise<Surveyed> {
  const bench = await postgresBench();
  const run = (sql: string) => bench.sql.query(sql);
  afterAll(() => bench.stop());
  beforeEach(async () => {
    await run('DROP SCHEMA public CASCADE; CREATE SCHEMA public; GRANT USAGE ON SCHEMA public TO PUBLIC');
  });

  const surveyed: Surveyed['surveyed'] = async (options, question) => {
    const store = await bench.open(options);
    try {
      return await store.survey({ ...PLAIN, ...question });
    } finally {
      await store.close();
    }
  };

  return {
    bench,
    run,
    surveyed,
    async counted(options, datasets) {
      const { datasets: found, notSeen } = await surveyed(options, { datasets });
      return { found, notSeen: notSeen.filter(({ part }) => part === 'datasets') };
    },
  };
}

export const edge = (date: string): ClockEdge => ({ at: Date.parse(date), date });
export const EDGES = ['1970-01-02', '2024-01-01', '2025-01-01', '2026-01-01'].map(edge);

export const exactly = (...counts: number[]): Count[] => counts.map((count) => ({ count, counted: 'exact' }));
