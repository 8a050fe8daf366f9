import { grantProblems, unknown } from '../collections/check-collections.ts';
import { canBecomeDue } from '../configuration/can-become-due.ts';
import type { ConfigurationProblem } from '../configuration/configuration-problem.ts';
import type {
  Configuration,
  DatasetConfiguration,
  StoreConfiguration,
  StoreKinds,
} from '../configuration/configuration.ts';
import type { Policy, PolicyRule } from '../configuration/policy.ts';
import { dependsOnJurisdiction } from '../configuration/precedence.ts';
import { own } from '../own.ts';
import { isStoreAction } from '../record/actions.ts';
import { attributesOf, eventsOf } from '../rule/walk.ts';
import { entityOf } from './datasets-of.ts';
import { MOST_READINGS } from './earliest-readings.ts';
import { waysOf } from './permissive-policies.ts';

/** Mistakes in the datasets of stores. Promise 11 holds for them as for collections. */
export function checkDatasets(configuration: Configuration, kinds: StoreKinds): ConfigurationProblem[] {
  return Object.entries(configuration.stores).flatMap(([name, store]) => {
    const { datasets = [] } = store;
    const path = `stores.${name}.datasets`;
    return datasets.flatMap((dataset, index) => {
      const checked = { name, store, dataset, before: datasets.slice(0, index), configuration, kinds };
      return problemsOf(checked).map(([field, message]) => ({ path: `${path}.${index}${field}`, message }));
    });
  });
}

interface Checked {
  /** Of the store. */
  readonly name: string;
  readonly store: StoreConfiguration;
  readonly dataset: DatasetConfiguration;
  /** Those before it in the same store. */
  readonly before: readonly DatasetConfiguration[];
  readonly configuration: Configuration;
  readonly kinds: StoreKinds;
}

type Problem = readonly [field: string, message: string];

function problemsOf(checked: Checked): readonly Problem[] {
  const names = [...nameProblems(checked), ...clockProblems(checked)];
  // What rules ask of a dataset is known only where its names are.
  return [
    ...names,
    ...grantProblems(checked.name, checked.dataset, checked.configuration),
    ...placeProblems(checked),
    ...(names.length > 0 ? [] : collectionProblems(checked)),
    ...(names.length > 0 ? [] : ruleProblems(checked)),
  ];
}

function nameProblems({ dataset, configuration }: Checked): Problem[] {
  const { policies, entityTypes, producers } = configuration;
  const { category, producer, attributes = {}, entities = {} } = dataset;
  const categories = policies.policies.flatMap((policy) => Object.keys(policy.categories));
  const declared = policies.policies.flatMap((policy) => Object.keys(policy.attributes));
  const types = Object.keys(entityTypes);
  return [
    ...unknown('.category', `no policy has the category "${category}"`, category, categories),
    ...unknown('.producer', `there is no producer "${producer}"`, producer, Object.keys(producers)),
    ...Object.keys(entities).flatMap((type) =>
      unknown(`.entities.${type}`, `there is no entity type "${type}"`, type, types),
    ),
    ...Object.keys(attributes).flatMap((attribute) =>
      unknown(
        `.attributes.${attribute}`,
        `no policy declares the attribute "${attribute}"`,
        attribute,
        declared,
      ),
    ),
  ];
}

/** Its clocks are events of the row itself, and only its columns say when they happened. */
function clockProblems({ dataset, configuration }: Checked): Problem[] {
  const { policies, entityTypes, producers } = configuration;
  const { clock, by, entities = {} } = dataset;
  const events = Object.keys(clock);
  const declared = policies.policies.flatMap((policy) => Object.keys(policy.events));
  const unknowns = events.flatMap((event) =>
    unknown(`.clock.${event}`, `no policy declares the event "${event}"`, event, declared),
  );
  if (unknowns.length > 0) return unknowns;
  const problems: Problem[] = [];
  if (own(clock, by) === undefined)
    problems.push(['.by', `"${by}" is none of its clocks; write one of ${events.join(', ')}`]);
  const types = [
    ...new Set(
      policies.policies.flatMap((policy) =>
        events.flatMap((event) => own(policy.events, event)?.entity ?? []),
      ),
    ),
  ];
  const [type = ''] = types;
  if (types.length > 1)
    return [
      ...problems,
      [
        '.clock',
        `its events happen to entities of different types (${types.join(', ')}), and a row is one; declare one type for them in every policy, such as \`record\``,
      ],
    ];
  if (own(entityTypes, type)?.ids === 'shared')
    problems.push([
      '.clock',
      `"${type}" is a shared type, so other facts could be about its row; declare a type of its own for rows, such as record: { ids: 'owned' }`,
    ]);
  if (own(entities, type) !== undefined)
    problems.push([`.entities.${type}`, `"${type}" is the row itself; remove it`]);
  for (const [name, producer] of Object.entries(producers)) {
    const sent = producer.events.find((event) => entityOf(policies, event) === type);
    if (sent !== undefined)
      problems.push([
        '.clock',
        `the producer "${name}" may send "${sent}", which happens to a "${type}", but only columns say what happened to a row; remove the event from its \`events\`, or declare another type for rows`,
      ]);
  }
  return problems;
}

function placeProblems({ store, dataset, before, kinds }: Checked): Problem[] {
  const { category, clock, by, where } = dataset;
  const problems: Problem[] = [];
  if (before.some((other) => other.category === category))
    problems.push([
      '.category',
      `this store already has a dataset of "${category}"; write one dataset for each category`,
    ]);
  const kind = own(kinds, store.kind);
  // A store whose options are wrong has its own message.
  const options = kind?.options.safeParse(store.options);
  if (kind === undefined || options?.success !== true) return problems;
  const joined = joinProblem(dataset, kind.capabilities.joinsTables, store.kind);
  if (joined !== undefined) return [...problems, ['.clock', joined]];
  const problem = kind.datasetProblem(options.data as Readonly<Record<string, unknown>>, store.keys, dataset);
  if (problem !== undefined) return [...problems, ['', problem]];
  const place = { by: own(clock, by)?.column ?? '', ...(where && { where }) };
  for (const other of before) {
    const theirs = { by: place.by, ...(other.where && { where: other.where }) };
    const apart = kind.overlapProblem(theirs, place);
    if (apart === undefined) continue;
    problems.push([
      '.where',
      `a row can be in this dataset and in that of "${other.category}", and would go when the first of them is due; ${apart}`,
    ]);
  }
  return problems;
}

/** A row has at most one row of another table, which is read and checked with it. */
function joinProblem({ clock }: DatasetConfiguration, joins: boolean, kind: string): string | undefined {
  const tables = Object.values(clock).flatMap((column) => column.in ?? []);
  if (tables.length > 0 && !joins)
    return `a store of kind ${kind} has no other tables; remove \`in\`, and let the application write the clock into the record`;
  const [first, other] = new Set(tables.map(({ table, key, by }) => JSON.stringify([table, key, by])));
  return first === undefined || other === undefined
    ? undefined
    : 'its clocks are in more than one other table; write the same `in` for each of them, or let the application write a clock into the row';
}

/** A collection does not ask what the columns of its rows say, and a dataset not what its collections wait for. */
function collectionProblems({ store, dataset, configuration, kinds }: Checked): Problem[] {
  const { category, clock, by, entities = {}, where } = dataset;
  const kind = own(kinds, store.kind);
  const place = { by: own(clock, by)?.column ?? '', ...(where && { where }) };
  return (store.collections ?? []).flatMap((collection): Problem[] => {
    const { entity } = collection;
    const apart = kind?.overlapProblem(collection, place);
    if (collection.category !== category)
      return apart === undefined
        ? []
        : [
            [
              '.where',
              `a row can be in this dataset and in the collection of "${collection.category}", and would go when the first of them is due; ${apart}`,
            ],
          ];
    const problems: Problem[] = [];
    const column = kind?.idColumn(store.keys, collection.by) ?? collection.by;
    if (own(entities, entity) !== column)
      problems.push([
        '.entities',
        `the collection of "${category}" finds its rows by "${collection.by}", so holds on the ${entity} have to reach the rows of the dataset, too; add ${entity}: '${column}'`,
      ]);
    const named = { categories: [category], purposes: [], entities: [{ type: entity, id: '' }] };
    if (canBecomeDue(configuration.policies, named, Number.NEGATIVE_INFINITY))
      problems.push([
        '.category',
        `a rule of "${category}" waits for an event of the ${entity}, so the collection of "${category}" could go before the clocks of its rows allow it; give the collection a category of its own and tell it apart by \`where\`, or let the rule wait for the row alone or add \`if any\` to the event of the ${entity}`,
      ]);
    return problems;
  });
}

/** What the rules of the category need and a row does not have, in every version of its policy. */
function ruleProblems({ dataset, configuration }: Checked): Problem[] {
  const { category, by } = dataset;
  const type = entityOf(configuration.policies, by) ?? '';
  const versions = configuration.policies.policies.filter(
    (policy) => own(policy.categories, category) !== undefined,
  );
  const problems = new Set(versions.flatMap((policy) => versionProblems(policy, dataset)));
  const named = { categories: [category], purposes: [], entities: [{ type, id: '' }] };
  if (!canBecomeDue(configuration.policies, named, Number.NEGATIVE_INFINITY))
    problems.add(
      `no rule of "${category}" waits for an event of the row, so its rows would be kept for ever; what waits for an event of another entity is a collection`,
    );
  return [...problems].map((message) => ['.category', message]);
}

function versionProblems(policy: Policy, dataset: DatasetConfiguration): string[] {
  const { category, by, clock } = dataset;
  const rules = own(policy.categories, category)?.rules ?? [];
  const of = `"${category}" (policy "${policy.name}")`;
  const events = new Set(rules.flatMap(({ rule }) => [...eventsOf(rule)]));
  const clocks = Object.keys(clock).filter((event) => events.has(event));
  const problems: string[] = [];
  if (clocks.length > 0 && !clocks.includes(by))
    problems.push(
      `no rule of ${of} waits for "${by}", whose column has the index; write by: '${clocks[0] ?? ''}', and give its column the index`,
    );
  for (const event of Object.keys(clock))
    if (own(policy.events, event)?.byPurpose === true)
      problems.push(
        `"${event}" (policy "${policy.name}") is about a purpose, and a column names none; use another event`,
      );
  if (own(policy.categories, category)?.cap !== undefined)
    problems.push(
      `${of} has a \`cap\`, which counts from the registration of a record, and rows of a dataset are not registered; give the rows a category of their own, without \`cap\``,
    );
  const others = [...new Set(rules.flatMap(actionsBeside))];
  if (others.length > 0)
    problems.push(
      `a rule of ${of} asks to ${others.join(' and to ')}, and nothing remembers for which rows that is done; a dataset can only delete, so register the records, or make it a collection`,
    );
  if (waysOf(dataset, policy) === undefined)
    problems.push(
      `the rules of ${of} have more than ${MOST_READINGS} combinations of conditions, laws and events, too many to find out which rows may be due; divide the category`,
    );
  return [...problems, ...attributeProblems(policy, dataset)];
}

function actionsBeside({ rule }: PolicyRule): string[] {
  return rule.stages
    .map(({ action }) => action)
    .filter((action) => isStoreAction(action) && action !== 'delete');
}

function attributeProblems(policy: Policy, dataset: DatasetConfiguration): string[] {
  const { category, attributes = {}, clock, entities = {} } = dataset;
  const rules = own(policy.categories, category);
  if (rules === undefined) return [];
  const isKnown = (name: string): boolean =>
    own(attributes, name) !== undefined || own(policy.attributes, name)?.default !== undefined;
  const asked = rules.rules.flatMap(({ rule }) => attributesOf(rule));
  const { jurisdictionFrom } = policy;
  const mover = jurisdictionFrom && own(policy.events, jurisdictionFrom.event)?.entity;
  const isTold = mover !== undefined && own(entities, mover) !== undefined;
  const needed = [
    ...asked.flatMap(({ name, event }) => (event === undefined ? [name] : [])),
    ...(dependsOnJurisdiction(rules) && !isTold ? ['jurisdiction'] : []),
  ];
  const missing = [...new Set(needed)]
    .filter((name) => !isKnown(name))
    .map(
      (name) =>
        `a rule of "${category}" (policy "${policy.name}") asks for the attribute "${name}"; name its column, such as attributes: { ${name}: '${name}' }, or give it a default in the policy`,
    );
  const ofClocks = asked.flatMap(({ name, event }) =>
    event !== undefined && own(clock, event) !== undefined
      ? [
          `a rule of "${category}" (policy "${policy.name}") asks for the attribute "${name}" of "${event}", and a column that says when it happened has none; make it an attribute of the record`,
        ]
      : [],
  );
  return [...missing, ...ofClocks];
}
