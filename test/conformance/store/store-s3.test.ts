import { asCsv, asJson, s3Bench } from './store-s3-bench.ts';
import { storeSuite } from './store-suite.ts';

// A key has 1 to 1,024 bytes.
const traits = {
  versions: true,
  tellsAbsence: true,
  byFirst: () => '{id}/',
  impossibleTexts: ['', 'x'.repeat(1025), 'é'.repeat(513)],
};

storeSuite('S3, with versions', traits, () => s3Bench('Enabled', asJson));
storeSuite('S3, without versions', traits, () => s3Bench('never', asJson));
storeSuite('S3, with versions suspended', traits, () => s3Bench('Suspended', asCsv));
