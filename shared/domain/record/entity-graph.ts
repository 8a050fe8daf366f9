import { own } from '../own.ts';
import { didYouMean } from '../suggest.ts';

/** Which types belong to which. */
interface Graph {
  readonly entityTypes: Readonly<Record<string, { readonly belongsTo?: string }>>;
}

/** Where in the configuration something is wrong, and what to do. */
interface Mistake {
  readonly path: string;
  readonly message: string;
}

/** `belongsTo` has to name another type, and must not lead back to where it began. */
export function checkEntityTypes({ entityTypes }: Graph): Mistake[] {
  return Object.entries(entityTypes).flatMap(([type, { belongsTo }]) => {
    if (belongsTo === undefined) return [];
    const path = `entityTypes.${type}.belongsTo`;
    if (own(entityTypes, belongsTo) === undefined) {
      const hint =
        didYouMean(belongsTo, Object.keys(entityTypes)) || '; declare the type, or remove `belongsTo`';
      return [{ path, message: `there is no entity type "${belongsTo}"${hint}` }];
    }
    const above = ancestorsOf({ entityTypes }, type);
    if (!above.includes(type)) return [];
    const circle = [type, ...above].join(' → ');
    return [
      {
        path,
        message: `types belong to each other in a circle: ${circle}; remove one of these \`belongsTo\``,
      },
    ];
  });
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
