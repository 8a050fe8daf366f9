import { own } from '../own.ts';
import { didYouMean } from '../suggest.ts';

/** Which types belong to which. */
interface Graph {
  readonly entityTypes: Readonly<Record<string, EntityType>>;
}

interface EntityType {
  readonly ids: 'owned' | 'shared';
  readonly belongsTo?: string;
  readonly identifies?: string;
}

/** Where in the configuration something is wrong, and what to do. */
interface Mistake {
  readonly path: string;
  readonly message: string;
}

/** What types say of each other: `belongsTo` names another type and leads to no circle, `identifies` names a shared one. */
export function checkEntityTypes({ entityTypes }: Graph): Mistake[] {
  return Object.entries(entityTypes).flatMap(([type, { ids, belongsTo, identifies }]) => [
    ...(belongsTo === undefined ? [] : checkBelongsTo({ entityTypes }, type, belongsTo)),
    ...(identifies === undefined ? [] : checkIdentifies({ entityTypes }, { type, ids, identifies })),
  ]);
}

function checkBelongsTo({ entityTypes }: Graph, type: string, belongsTo: string): Mistake[] {
  const path = `entityTypes.${type}.belongsTo`;
  if (own(entityTypes, belongsTo) === undefined) return [unknownType(path, belongsTo, { entityTypes })];
  const above = ancestorsOf({ entityTypes }, type);
  if (!above.includes(type)) return [];
  const circle = [type, ...above].join(' → ');
  return [
    { path, message: `types belong to each other in a circle: ${circle}; remove one of these \`belongsTo\`` },
  ];
}

function checkIdentifies(
  { entityTypes }: Graph,
  {
    type,
    ids,
    identifies,
  }: { readonly type: string; readonly ids: EntityType['ids']; readonly identifies: string },
): Mistake[] {
  const path = `entityTypes.${type}.identifies`;
  const other = own(entityTypes, identifies);
  if (other === undefined) return [unknownType(path, identifies, { entityTypes })];
  if (ids === 'owned' && other.ids === 'shared') return [];
  const message = `an owned type, such as the accounts of each application, identifies a shared one; "${type}" is ${ids} and "${identifies}" is ${other.ids}`;
  return [{ path, message }];
}

function unknownType(path: string, name: string, { entityTypes }: Graph): Mistake {
  const hint = didYouMean(name, Object.keys(entityTypes)) || '; declare the type, or remove this line';
  return { path, message: `there is no entity type "${name}"${hint}` };
}

/** The type that it belongs to, the type that this one belongs to, and so on. Ends where a circle closes. */
function ancestorsOf({ entityTypes }: Graph, type: string): readonly string[] {
  const found: string[] = [];
  for (
    let above = own(entityTypes, type)?.belongsTo;
    above !== undefined && !found.includes(above);
    above = own(entityTypes, above)?.belongsTo
  )
    found.push(above);
  return found;
}

/** Types that belong to this one, directly or through others. */
export function dependantTypes(graph: Graph, type: string): ReadonlySet<string> {
  return new Set(Object.keys(graph.entityTypes).filter((other) => ancestorsOf(graph, other).includes(type)));
}
