import { canBecomeDue } from '../configuration/can-become-due.ts';
import type { ConfigurationProblem } from '../configuration/configuration-problem.ts';
import type {
  CollectionConfiguration,
  Configuration,
  ProducerConfiguration,
  StoreConfiguration,
  StoreKinds,
} from '../configuration/configuration.ts';
import type { Policy } from '../configuration/policy.ts';
import { dependsOnJurisdiction } from '../configuration/precedence.ts';
import { own } from '../own.ts';
import { attributesOf } from '../rule/walk.ts';
import { didYouMean } from '../suggest.ts';

/**
 * Mistakes in the collections of stores. They are registered for their producer, so promise 11 holds for them, too: what
 * the producer may not register and dispose of itself, no collection of it may be.
 */
export function checkCollections(configuration: Configuration, kinds: StoreKinds): ConfigurationProblem[] {
  return Object.entries(configuration.stores).flatMap(([name, store]) => {
    const { collections = [] } = store;
    const path = `stores.${name}.collections`;
    return collections.flatMap((collection, index) => {
      const checked = { name, store, collection, before: collections.slice(0, index), configuration, kinds };
      return problemsOf(checked).map(([field, message]) => ({ path: `${path}.${index}${field}`, message }));
    });
  });
}

interface Checked {
  /** Of the store. */
  readonly name: string;
  readonly store: StoreConfiguration;
  readonly collection: CollectionConfiguration;
  /** Those before it in the same store. */
  readonly before: readonly CollectionConfiguration[];
  readonly configuration: Configuration;
  readonly kinds: StoreKinds;
}

type Problem = readonly [field: string, message: string];

function problemsOf(checked: Checked): Problem[] {
  return [
    ...unknownNames(checked),
    ...grantProblems(checked.name, checked.collection, checked.configuration),
    ...placeProblems(checked),
    ...ruleProblems(checked),
  ];
}

function unknownNames({ collection, configuration }: Checked): Problem[] {
  const { policies, entityTypes, producers } = configuration;
  const types = Object.keys(entityTypes);
  const categories = policies.policies.flatMap((policy) => Object.keys(policy.categories));
  const names = Object.keys(producers);
  const { entity, category, producer } = collection;
  return [
    ...unknown('.entity', `there is no entity type "${entity}"`, entity, types),
    ...unknown('.category', `no policy has the category "${category}"`, category, categories),
    ...unknown('.producer', `there is no producer "${producer}"`, producer, names),
  ];
}

/** A word that is not one of those that are known. */
export function unknown(field: string, what: string, word: string, known: readonly string[]): Problem[] {
  if (known.includes(word)) return [];
  return [[field, `${what}${didYouMean(word, known) || `; write one of ${[...new Set(known)].join(', ')}`}`]];
}

/** What a producer may not register itself. `store` is its name. */
export function grantProblems(
  store: string,
  { producer, category }: Pick<CollectionConfiguration, 'producer' | 'category'>,
  configuration: Configuration,
): Problem[] {
  const grants = own(configuration.producers, producer);
  if (grants === undefined) return [];
  const problems: Problem[] = [];
  const who = `the producer "${producer}"`;
  if (!grants.categories.includes(category))
    problems.push([
      '.producer',
      `${who} may not register "${category}"; add it to its \`categories\`, or name another producer`,
    ]);
  const problem = storeGrantProblem(grants, store);
  if (problem !== undefined) problems.push(['.producer', `${who} ${problem}`]);
  return problems;
}

/** Records are found by an id, wherever in the store they are. */
function storeGrantProblem({ stores }: ProducerConfiguration, name: string): string | undefined {
  const grant = own(stores, name);
  if (grant === undefined)
    return `may not register records of this store; add it to its \`stores\`: '${name}': {}, or name another producer`;
  return grant.prefixes.includes('')
    ? undefined
    : 'has only some prefixes of this store, and a collection is in all of it; grant it the whole store, or divide the store in two';
}

function placeProblems({ store, collection, before, kinds }: Checked): Problem[] {
  const { by, where, category } = collection;
  const problems: Problem[] = [];
  if (before.some((other) => other.category === category))
    problems.push([
      '.category',
      `this store already has a collection of "${category}"; write one collection for each category`,
    ]);
  const kind = own(kinds, store.kind);
  // A store whose options are wrong has its own message.
  const options = kind?.options.safeParse(store.options);
  if (kind === undefined || options?.success !== true) return problems;
  const problem = kind.collectionProblem(
    options.data as Readonly<Record<string, unknown>>,
    store.keys,
    by,
    where,
  );
  if (problem !== undefined) return [...problems, ['.by', problem]];
  for (const other of before) {
    const apart = kind.overlapProblem(other, collection);
    if (apart === undefined) continue;
    problems.push([
      '.by',
      `a record can be in this collection and in that of "${other.category}", and would go when the first of them is due; ${apart}`,
    ]);
  }
  return problems;
}

/** What the rules of the category need and a collection does not have, in every version of its policy. */
function ruleProblems({ store, collection, configuration }: Checked): Problem[] {
  const { category, entity } = collection;
  const { policies } = configuration.policies;
  const problems = new Set(policies.flatMap((policy) => attributeProblems(policy, collection)));
  const isKnown =
    own(configuration.entityTypes, entity) !== undefined &&
    policies.some(({ categories }) => own(categories, category) !== undefined);
  const named = { categories: [category], purposes: [], entities: [{ type: entity, id: '' }] };
  // Beside a dataset of its category it is there for what people ask for: the rows go by their own clocks.
  const isBesideDataset = store.datasets?.some((dataset) => dataset.category === category) === true;
  if (isKnown && !isBesideDataset && !canBecomeDue(configuration.policies, named, Number.NEGATIVE_INFINITY))
    problems.add(
      `no rule of "${category}" waits for an event of the entity type "${entity}", so its records would be kept for ever; name the type whose events the rules wait for`,
    );
  return [...problems].map((message) => ['.category', message]);
}

function attributeProblems(policy: Policy, { category, entity }: CollectionConfiguration): string[] {
  const rules = own(policy.categories, category);
  if (rules === undefined) return [];
  const defaulted = (attribute: string): boolean => own(policy.attributes, attribute)?.default !== undefined;
  const asked = rules.rules
    .flatMap(({ rule }) => attributesOf(rule))
    .flatMap(({ name, event }) => (event === undefined ? [name] : []));
  const { jurisdictionFrom } = policy;
  const isTold =
    jurisdictionFrom !== undefined && own(policy.events, jurisdictionFrom.event)?.entity === entity;
  const needed = [...asked, ...(dependsOnJurisdiction(rules) && !isTold ? ['jurisdiction'] : [])];
  return needed
    .filter((attribute) => !defaulted(attribute))
    .map(
      (attribute) =>
        `a rule of "${category}" (policy "${policy.name}") asks for the attribute "${attribute}", which nothing registers for a collection; give it a default in the policy, or let the records be registered`,
    );
}
