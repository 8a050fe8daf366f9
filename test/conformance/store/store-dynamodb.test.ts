import { dynamoBench } from './store-dynamodb-bench.ts';
import { storeSuite } from './store-suite.ts';

// A key has at least one byte.
const impossibleTexts = [''];
const byFirst = (name: string) => name;

storeSuite(
  'DynamoDB, unconditional',
  { versions: false, tellsAbsence: false, impossibleTexts, byFirst },
  () => dynamoBench(),
);
storeSuite(
  'DynamoDB, with a version attribute',
  { versions: true, tellsAbsence: true, impossibleTexts, byFirst },
  () => dynamoBench('version'),
);
