import { present } from '../present.ts';
import { eachOnce } from './personal-name.ts';
import { structureName, structureNames, tableName } from './shown-name.ts';
import type { Count, PersonalField, UncoveredPlace } from './survey.ts';

/** A table of a database, as its catalog has it. */
export interface FoundTable extends Pick<UncoveredPlace, 'records' | 'oldest'> {
  /** Absent if the engine has none. */
  readonly schema?: string;
  readonly table: string;
  readonly personal: readonly PersonalField[];
  /** Names of its columns, where all of them are known. */
  readonly columns?: readonly string[];
}

/** A table of this name in more schemas than that is one of each tenant: the schemas may be named after people. */
const FEW_SCHEMAS = 5;

/** Tables that no store covers, under names that may be reported: those of the same name together. */
export function uncoveredTables(
  found: readonly FoundTable[],
  covered: readonly string[],
): readonly UncoveredPlace[] {
  const known = new Set(covered);
  const names = structureNames(
    found.map(({ schema = '', table, columns }) => ({
      name: table,
      ...present({ like: columns && JSON.stringify([schema, columns.toSorted(byName)]) }),
    })),
  );
  const all = found.map((one, index) => ({ ...one, shown: names[index] ?? '*' }));
  const left = all.filter(({ schema, table }) => !known.has(fullName(schema, table)));
  const schemas = Map.groupBy(all, ({ table }) => structureName(table));
  return mergedPlaces(
    left.map(({ schema, table, shown, columns: _columns, ...rest }) => {
      const isOfTenants =
        (schemas.get(structureName(table))?.length ?? 0) > FEW_SCHEMAS && schema !== 'public';
      const name = schema === undefined ? shown : `${isOfTenants ? '*' : structureName(schema)}.${shown}`;
      return { ...rest, kind: 'table' as const, name, places: 1 };
    }),
  );
}

function byName(a: string, b: string): number {
  return a < b ? -1 : 1;
}

function fullName(schema: string | undefined, table: string): string {
  return schema === undefined ? table : tableName(schema, table);
}

/** One place for each kind and name, in the order of both. */
export function mergedPlaces(places: readonly UncoveredPlace[]): readonly UncoveredPlace[] {
  const groups = Map.groupBy(places, ({ kind, name }) => `${kind} ${name}`);
  return [...groups]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, same]) => {
      const [first] = same;
      if (first === undefined) return [];
      const records = sumOf(same.map((one) => one.records));
      const oldest = Math.min(...same.map((one) => one.oldest ?? Infinity));
      return [
        {
          kind: first.kind,
          name: first.name,
          places: same.reduce((sum, one) => sum + one.places, 0),
          ...(records !== undefined && { records }),
          ...(oldest !== Infinity && { oldest }),
          personal: eachOnce(same.flatMap((one) => one.personal)),
        },
      ];
    });
}

/** Where some are not known, the others are the least that there is. Nothing if none is known. */
export function sumOf(counts: readonly (Count | undefined)[]): Count | undefined {
  const known = counts.filter((one) => one !== undefined);
  if (known.length === 0) return undefined;
  const isLeast = known.length < counts.length || known.some(({ counted }) => counted === 'at-least');
  const isEstimate = known.some(({ counted }) => counted === 'estimate');
  return {
    count: known.reduce((sum, { count }) => sum + count, 0),
    counted: isLeast ? 'at-least' : isEstimate ? 'estimate' : 'exact',
  };
}

/** How a prefix stands to what stores cover: `part` if something below it is covered, and the rest of it is not. */
export function prefixState(prefix: string, covered: readonly string[]): 'covered' | 'part' | 'uncovered' {
  if (covered.some((one) => prefix.startsWith(one))) return 'covered';
  return covered.some((one) => one.startsWith(prefix)) ? 'part' : 'uncovered';
}
