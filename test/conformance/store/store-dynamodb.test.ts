import { dynamoBench } from './store-dynamodb-bench.ts';
import { storeSuite } from './store-suite.ts';

// A key has at least one byte.
const impossibleTexts = [''];

storeSuite('DynamoDB, unconditional', { versions: false, tellsAbsence: false, impossibleTexts }, () =>
  dynamoBench(),
);
storeSuite(
  'DynamoDB, with a version attribute',
  { versions: true, tellsAbsence: true, impossibleTexts },
  () => dynamoBench('version'),
);
