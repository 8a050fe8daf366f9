import { DeleteItemCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { isDeepStrictEqual } from 'node:util';
import { datasetRef } from '../../../shared/domain/datasets/dataset-ref.ts';
import { REGION, ROOT_KEY } from '../emulator.ts';
import { sealedLog } from '../evidence.ts';
import { hourlySweep } from '../people/hourly-sweep.ts';
import { until } from '../people/until.ts';
import type { Scoreboard } from '../scoreboard.ts';
import type { World } from '../world.ts';
import { ageOfFiles, countRows, HELD, OLD, OTHERS, type RowCounts, STAYS } from './row-records.ts';
import { ROW_CATEGORIES, type RowStore } from './row-settings.ts';

const HOLD = 'matter-of-rows';
/** A minute by the rule, the rest of the next minute, and the second in which the last object was written. */
const FILES_ARE_DUE = 130_000;

/** Before any sweep: a row that is held must not go in the first one. */
export async function holdRows({ people }: World, board: Scoreboard): Promise<void> {
  await board.scenario('a hold on a company is placed before its rows are read', async () => {
    const placed = await people.client('operator').placeHold({
      id: HOLD,
      scope: { entity: { type: 'company', id: STAYS, producer: 'crm' } },
      matter: 'matter 9',
      reason: 'a claim is expected',
    });
    if (placed.dryRun) throw new Error('the hold was a dry run');
    return undefined;
  });
}

/** Nothing registers these rows, and nothing is sent about them: what a column, an attribute or S3 says is all. */
export async function disposeOfRows(world: World, board: Scoreboard): Promise<void> {
  const left: RowCounts = {
    visits: HELD.visits + OTHERS.visits,
    bills: HELD.bills + OTHERS.bills,
    files: HELD.files,
  };
  await board.scenario('rows go by their own clocks, and those that are held or young stay', async () => {
    await until(
      'the files are due',
      () => ageOfFiles(world),
      (age) => age > FILES_ARE_DUE,
    );
    await forgetLastPass(world);
    await hourlySweep(world);
    await until(
      'they are gone',
      () => countRows(world),
      (found) => isDeepStrictEqual(found, left),
    );
    return `${Object.values(OLD).reduce((sum, count) => sum + count)} rows`;
  });
  await board.scenario('the entries of datasets count every row that went, once', async () => {
    const told = async (): Promise<RowCounts> => {
      const { entries } = await sealedLog(world);
      const of = (store: RowStore): number =>
        entries
          // What operators did has entries of its own, without categories.
          .filter(({ page, categories }) => page !== undefined && categories.includes(ROW_CATEGORIES[store]))
          .reduce((sum, { page }) => sum + (page?.records ?? 0), 0);
      return { visits: of('visits'), bills: of('bills'), files: of('files') };
    };
    await until('all are sealed', told, (found) => isDeepStrictEqual(found, OLD));
    const rest = await countRows(world);
    if (!isDeepStrictEqual(rest, left)) throw new Error(`${JSON.stringify(rest)} are left`);
    return undefined;
  });
}

/** As if none had been made yet: files are looked for once a day, and they may have been too young in the first sweep. */
async function forgetLastPass({ emulator, registryTable: TableName }: World): Promise<void> {
  const client = new DynamoDBClient({ endpoint: emulator.endpoint, region: REGION, credentials: ROOT_KEY });
  for (const [store, category] of Object.entries(ROW_CATEGORIES)) {
    const Key = { PK: { S: `C#dataset/${datasetRef(store, category)}` }, SK: { S: 'C' } };
    await client.send(new DeleteItemCommand({ TableName, Key }));
  }
  client.destroy();
}
