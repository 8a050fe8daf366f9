import { postgresBench } from './store-postgresql-bench.ts';
import { storeSuite } from './store-suite.ts';

const traits = {
  versions: true,
  tellsAbsence: true,
  impossibleTexts: ['zero\0byte'],
  byFirst: (name: string) => name,
};

storeSuite('PostgreSQL, versions from xmin', traits, () => postgresBench());
storeSuite('PostgreSQL, with a version column', traits, () =>
  postgresBench('Version', 'boolean NOT NULL DEFAULT false'),
);
