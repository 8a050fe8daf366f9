import { unknown } from '../collections/check-collections.ts';
import type { ConfigurationProblem } from '../configuration/configuration-problem.ts';
import type {
  Configuration,
  FactColumn,
  StoreConfiguration,
  StoreKinds,
} from '../configuration/configuration.ts';
import { own } from '../own.ts';
import { asDataset, columnsIn } from './fact-columns.ts';
import { columnProblem } from './starts-only.ts';

/** Mistakes in the columns of stores that say facts. */
export function checkColumns(configuration: Configuration, kinds: StoreKinds): ConfigurationProblem[] {
  return Object.entries(configuration.stores).flatMap(([name, store]) => {
    const { facts = [] } = store;
    const path = `stores.${name}.facts`;
    return facts.flatMap((column, index) =>
      problemsOf({ name, store, column, configuration, kinds }).map(([field, message]) => ({
        path: `${path}.${index}${field}`,
        message,
      })),
    );
  });
}

interface Checked {
  /** Of the store. */
  readonly name: string;
  readonly store: StoreConfiguration;
  readonly column: FactColumn;
  readonly configuration: Configuration;
  readonly kinds: StoreKinds;
}

type Problem = readonly [field: string, message: string];

function problemsOf(checked: Checked): readonly Problem[] {
  const names = nameProblems(checked);
  if (names.length > 0) return names;
  // What has ended is not read: only its name counts.
  if (checked.column.ended === true) return [];
  return [...eventProblems(checked), ...grantProblems(checked), ...storeProblems(checked)];
}

function nameProblems({ column, configuration }: Checked): Problem[] {
  const { policies, entityTypes, producers } = configuration;
  const { event, entity, producer } = column;
  const events = policies.policies.flatMap((policy) => Object.keys(policy.events));
  return [
    ...unknown('.event', `no policy declares the event "${event}"`, event, events),
    ...unknown(
      '.entity.type',
      `there is no entity type "${entity.type}"`,
      entity.type,
      Object.keys(entityTypes),
    ),
    ...unknown('.producer', `there is no producer "${producer}"`, producer, Object.keys(producers)),
  ];
}

function eventProblems({ column, configuration }: Checked): Problem[] {
  const { event, entity } = column;
  const problems = new Set<string>();
  for (const policy of configuration.policies.policies) {
    const declared = own(policy.events, event);
    if (declared !== undefined && declared.entity !== entity.type)
      return [
        [
          '.entity.type',
          `the event "${event}" happens to a "${declared.entity}" (policy "${policy.name}"); name that type`,
        ],
      ];
    const why = columnProblem(policy, event);
    if (why !== undefined)
      problems.add(
        `a column can only start clocks, because it may be read late, and "${event}" does more in the policy "${policy.name}": ${why}; let the application send it`,
      );
  }
  return [...problems].map((message) => ['.event', message]);
}

function grantProblems({ name, column, configuration }: Checked): Problem[] {
  const { event, producer } = column;
  const grants = own(configuration.producers, producer);
  const problems: Problem[] = [];
  if (grants !== undefined && own(grants.stores, name) === undefined)
    problems.push([
      '.producer',
      `the producer "${producer}" is not granted the store "${name}"; add it to its \`stores\`, or name the producer whose rows these are`,
    ]);
  if (grants?.events.includes(event) === true)
    problems.push([
      '.event',
      `the producer "${producer}" may also send "${event}", and two sources of one event would contradict each other; remove it from its \`events\`, or remove this column`,
    ]);
  const same = columnsIn(configuration).filter(
    (one) => one.producer === producer && one.event === event && one.ended !== true,
  );
  if (same.length > 1)
    problems.push([
      '.event',
      `two columns say "${event}" for the producer "${producer}" (in ${same.map(({ store }) => store).join(' and ')}); keep one of them`,
    ]);
  // What an ended column said is not taken back any more, whatever another one says.
  const ended = columnsIn(configuration).find(
    (one) => one.producer === producer && one.event === event && one.ended === true,
  );
  if (ended !== undefined)
    problems.push([
      '.event',
      `a column of "${ended.store}" that said "${event}" for the producer "${producer}" has ended, and what it said stays, also where this one says otherwise; if the column has moved, keep the name of its store, change the store's \`options\`, and remove \`ended\``,
    ]);
  return problems;
}

function storeProblems({ store, column, kinds }: Checked): Problem[] {
  const { entity } = column;
  const problems: Problem[] = [];
  if (store.keys.length !== 1 || store.keys[0]?.name !== entity.column)
    problems.push([
      '.entity.column',
      `each entity needs one row, so that its column has one value, and "${entity.column}" is not the only key of the store (its keys are ${store.keys.map((key) => key.name).join(', ')}); name the key, or declare a store of the same table whose only key is "${entity.column}"`,
    ]);
  const kind = own(kinds, store.kind);
  const options = kind?.options.safeParse(store.options);
  // A store whose options are wrong has its own message.
  if (kind === undefined || options?.success !== true) return problems;
  if (!kind.capabilities.sortsRanges)
    return [
      ...problems,
      [
        '',
        `a store of kind ${store.kind} does not give its records in the order of a column; let the application send the events`,
      ],
    ];
  const problem = kind.datasetProblem(
    options.data as Readonly<Record<string, unknown>>,
    store.keys,
    asDataset(column),
  );
  return problem === undefined ? problems : [...problems, ['.clock', problem]];
}
