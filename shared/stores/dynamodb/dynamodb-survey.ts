import type * as Dynamo from '@aws-sdk/client-dynamodb';
import { personalFields } from '../../domain/coverage/personal-name.ts';
import { plainName } from '../../domain/coverage/shown-name.ts';
import type {
  DatasetCounts,
  NeverPresent,
  Survey,
  SurveyPart,
  SurveyQuestion,
} from '../../domain/coverage/survey.ts';
import { type FoundTable, uncoveredTables } from '../../domain/coverage/uncovered.ts';
import { eachParallel } from '../bounded-calls.ts';
import { type DatasetCounter, datasetCounter } from '../dataset-counter.ts';
import { type Surveying, surveying } from '../surveying.ts';
import { describeTable, dynamoFailure, type DynamoTable } from './dynamodb-calls.ts';
import { attributesOf } from './dynamodb-document.ts';
import type { Item } from './dynamodb-values.ts';

/** Items of one page of the sample, and pages. Read eventually consistently: at most 128 read units a page. */
const SAMPLE_PAGE = 250;
const SAMPLE_PAGES = 4;
/** A segment of the table has about this many items: another one is sampled each day. */
const SEGMENT_ITEMS = 500;
const MOST_SEGMENTS = 100_000;
/** Tables that are named, and those that are described. */
const MOST_PAGES = 20;
const MOST_DESCRIBED = 500;
const PARALLEL = 4;
/** Different names of attributes that are looked at: applications may keep ids in names. */
const MOST_NAMES = 10_000;

/** The table's own items, from a sample, and the other tables of the account and region. */
export async function surveyTable(
  at: DynamoTable,
  question: SurveyQuestion,
  abortSignal: AbortSignal,
): Promise<Survey> {
  const { notSeen, note, tried } = surveying(dynamoFailure);
  const own = await tried('records', () => describe(at, at.table, abortSignal));
  const items = own?.ItemCount ?? 0;
  if (!question.sample) note('attributes', 'NOT_ASKED');
  if (!question.account) note('tables', 'NOT_ASKED');
  const parts = sampledParts(question);
  const [first] = parts;
  const sampled =
    first === undefined ? undefined : await tried(first, () => sampleOf(at, question, items, abortSignal));
  const failed = notSeen.find(({ part }) => part === first);
  if (sampled === undefined) for (const part of parts) note(part, failed?.code ?? 'STORE_ERROR');
  // Without a sample, the lane may not read items that it does not know.
  if (first === undefined && question.datasets.length > 0) note('datasets', 'NOT_ASKED');
  const tables = question.account
    ? ((await tried('tables', () => tablesOf(at, question, note, abortSignal))) ?? [])
    : [];
  return {
    ...(own !== undefined && { records: { count: items, counted: 'estimate' } }),
    personal: question.sample ? personalFields(sampled?.names ?? [], plainName) : [],
    uncovered: uncoveredTables(tables, question.covered.tables),
    neverPresent: question.neverPresent.map((name) => neverPresent(name, sampled)),
    datasets: sampled === undefined ? [] : countsIn(sampled, items),
    notSeen,
  };
}

/** What a sample of the items tells. If anything needs one, it tells of datasets, too. */
function sampledParts({ sample, neverPresent, datasets }: SurveyQuestion): readonly SurveyPart[] {
  const asked: SurveyPart[] = [];
  if (sample) asked.push('attributes');
  if (neverPresent.length > 0) asked.push('never-present');
  if (datasets.some(({ scan }) => scan === true) || (asked.length > 0 && datasets.length > 0))
    asked.push('datasets');
  return asked;
}

async function describe(
  at: DynamoTable,
  name: string,
  abortSignal: AbortSignal,
): Promise<Dynamo.TableDescription> {
  const table = await describeTable(at, abortSignal, name);
  if (table === undefined) throw new Error('DynamoDB described no table');
  return table;
}

interface Sample {
  readonly names: ReadonlySet<string>;
  readonly withValues: ReadonlySet<string>;
  readonly counters: readonly DatasetCounter[];
  readonly seen: number;
  readonly isAll: boolean;
}

/** Of one segment of the table; if that has no items, of its beginning. */
async function sampleOf(
  at: DynamoTable,
  { sample, neverPresent, datasets, turn }: SurveyQuestion,
  items: number,
  abortSignal: AbortSignal,
): Promise<Sample> {
  const names = new Set<string>();
  const withValues = new Set<string>();
  const counters = datasets.map(datasetCounter);
  const counted = datasets.flatMap(({ clock, where = {} }) => [clock.column, ...Object.keys(where)]);
  const projection = sample ? {} : projected([...new Set([...neverPresent, ...counted])]);
  const segments = Math.min(MOST_SEGMENTS, Math.max(1, Math.ceil(items / SEGMENT_ITEMS)));
  let seen = 0;
  const read = async (segment: object, ExclusiveStartKey: Item | undefined) => {
    const answer: Dynamo.ScanCommandOutput = await at.client.send(
      new at.sdk.ScanCommand({
        TableName: at.table,
        Limit: SAMPLE_PAGE,
        ...(ExclusiveStartKey && { ExclusiveStartKey }),
        ...segment,
        ...projection,
      }),
      { abortSignal },
    );
    for (const item of answer.Items ?? []) {
      seen += 1;
      for (const name of neverPresent) {
        const value = Object.hasOwn(item, name) ? item[name] : undefined;
        if (value !== undefined && value.NULL !== true) withValues.add(name);
      }
      const fields = attributesOf(item, counted);
      for (const counter of counters) counter.add(fields);
      for (const name of Object.keys(item)) if (names.size < MOST_NAMES) names.add(name);
    }
    return answer.LastEvaluatedKey;
  };
  let after: Item | undefined;
  let pages = 0;
  do {
    after = await read({ Segment: turn % segments, TotalSegments: segments }, after);
    pages += 1;
  } while (after !== undefined && pages < SAMPLE_PAGES);
  if (seen === 0 && segments > 1) await read({}, undefined);
  return { names, withValues, counters, seen, isAll: segments === 1 && after === undefined };
}

/** Of items that were read eventually consistently: also all of them are an estimate. */
function countsIn({ counters, seen, isAll }: Sample, items: number): DatasetCounts[] {
  const scale = isAll || seen === 0 ? 1 : Math.max(1, items / seen);
  return counters.map((counter) => counter.counts('estimate', scale));
}

function projected(fields: readonly string[]) {
  const names = Object.fromEntries(fields.map((name, index) => [`#n${index}`, name]));
  return { ProjectionExpression: Object.keys(names).join(', '), ExpressionAttributeNames: names };
}

function neverPresent(name: string, sampled: Sample | undefined): NeverPresent {
  if (sampled === undefined) return { name, state: 'unknown', looked: 'sample' };
  const state = sampled.withValues.has(name) ? 'found' : 'none';
  return { name, state, looked: sampled.isAll ? 'all' : 'sample' };
}

/** Tables of the account and region that no store covers, and those that one does. */
async function tablesOf(
  at: DynamoTable,
  { covered }: SurveyQuestion,
  note: Surveying['note'],
  abortSignal: AbortSignal,
): Promise<FoundTable[]> {
  const names: string[] = [];
  let after: string | undefined;
  let pages = 0;
  do {
    const answer: Dynamo.ListTablesCommandOutput = await at.client.send(
      new at.sdk.ListTablesCommand({
        Limit: 100,
        ...(after !== undefined && { ExclusiveStartTableName: after }),
      }),
      { abortSignal },
    );
    names.push(...(answer.TableNames ?? []));
    after = answer.LastEvaluatedTableName;
    pages += 1;
  } while (after !== undefined && pages < MOST_PAGES);
  const known = new Set(covered.tables);
  const left = names.filter((name) => !known.has(name));
  if (after !== undefined || left.length > MOST_DESCRIBED) note('tables', 'TOO_MANY');
  const described = await eachParallel(
    left.slice(0, MOST_DESCRIBED),
    async (table): Promise<FoundTable> => {
      try {
        const { ItemCount = 0, AttributeDefinitions = [] } = await describe(at, table, abortSignal);
        const keys = AttributeDefinitions.map(({ AttributeName = '' }) => AttributeName);
        const records = { count: ItemCount, counted: 'estimate' } as const;
        return { table, records, personal: personalFields(keys, plainName) };
      } catch (error) {
        // The table is there all the same.
        note('columns', dynamoFailure(error));
        return { table, personal: [] };
      }
    },
    PARALLEL,
  );
  return [...described, ...left.slice(MOST_DESCRIBED).map((table) => ({ table, personal: [] }))];
}
