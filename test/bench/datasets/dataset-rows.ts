import type { Row } from '../row.ts';
import { datasetBesideBare } from './dataset-beside-bare.ts';
import { foregroundBeside } from './foreground-beside.ts';

const MILLION = 1_000_000;
/** Rows of the largest table. The others have a tenth, and a hundredth. */
const COUNT = Number(process.env['TENURE_ROWS'] ?? MILLION);
const FEW_ACCOUNTS = 100;
/** Each of these names an account of which the registry knows nothing. */
const ROWS_OF_AN_ACCOUNT = 10;

/** One after the other, because the largest take many minutes. */
export async function* datasetRows(): AsyncGenerator<Row> {
  // Before the first, code is compiled.
  yield* await datasetBesideBare(COUNT / 100, FEW_ACCOUNTS);
  yield* await datasetBesideBare(COUNT / 10, FEW_ACCOUNTS);
  yield* await datasetBesideBare(COUNT, FEW_ACCOUNTS);
  yield* await foregroundBeside();
  const many = await datasetBesideBare(COUNT, COUNT / ROWS_OF_AN_ACCOUNT);
  yield* many.filter(({ what }) => what.includes('units'));
}
