import { expect, test } from 'vitest';
import { exploredText } from '../../support/house/explored-reporter.ts';

test('a run ends with what its models and kills explored, file by file, and with the sum', () => {
  const model = (line: string, interleavings: number) => ({
    models: [{ line, interleavings }],
    lives: [],
    kills: 0,
    sleeps: 0,
  });
  const kills = { models: [], lives: [], kills: 600, sleeps: 2 };
  const years = { models: [], lives: ['2,000 disposals: 0 early'], kills: 0, sleeps: 0 };
  const text = exploredText([
    { file: 'lane-model', explored: model('a death: 1,500 random schedules', 1500), isWrong: false },
    { file: 'fold-model', explored: model('three facts: all 90 interleavings', 90), isWrong: false },
    { file: 'ten-years', explored: years, isWrong: false },
    { file: 'kill-ingest', explored: kills, isWrong: true },
    { file: 'kill-ingest', explored: kills, isWrong: false },
  ]);
  expect(text.split('\n')).toEqual([
    'Explored',
    '  lane-model, a death: 1,500 random schedules',
    '  fold-model, three facts: all 90 interleavings',
    '  ten-years: 2,000 disposals: 0 early',
    '  kill-ingest: 1,200 kills and 4 sleeps over a lease',
    '  Sum: 1,590 interleavings of 2 models, 1,200 kills and 4 sleeps over a lease: 1 violation',
  ]);
});
