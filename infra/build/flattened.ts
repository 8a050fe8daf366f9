import type { Template } from '../least-privilege.ts';

const NESTED = 'AWS::CloudFormation::Stack';

/**
 * The templates of a stack and its nested stacks as one, as if each resource were in the stack itself: where a nested
 * stack has a parameter, its resources have what the parameter was given. The CDK names parameters and outputs of nested
 * stacks after what they stand for, so a name means the same in all of them.
 */
export function flattened<One extends Template>(stack: One, nested: readonly Template[]): One {
  const given = new Map(
    Object.values(stack.Resources)
      .filter(({ Type }) => Type === NESTED)
      .flatMap(({ Properties }) => Object.entries(Properties?.['Parameters'] ?? {})),
  );
  const outputs = new Map(
    nested.flatMap(({ Outputs }) => Object.entries(Outputs ?? {}).map(([name, { Value }]) => [name, Value])),
  );
  const inside = (value: unknown): unknown =>
    replaced(value, (kind, of) => (kind === 'Ref' ? given.get(String(of)) : undefined));
  const outside = (value: unknown): unknown =>
    replaced(value, (kind, of) => {
      const [, attribute = ''] = kind === 'Fn::GetAtt' ? (of as [string, string]) : [];
      const output = outputs.get(attribute.replace(/^Outputs\./, ''));
      return attribute.startsWith('Outputs.') ? inside(output) : undefined;
    });
  const isNested = (id: string): boolean => stack.Resources[id]?.Type === NESTED;
  const own = Object.entries(stack.Resources).filter(([id]) => !isNested(id));
  return {
    ...stack,
    Resources: Object.fromEntries([
      ...own.map(([id, resource]) => [id, withoutNested(outside(resource) as object, isNested)]),
      ...nested.flatMap(({ Resources }) => Object.entries(Resources)).map(([id, each]) => [id, inside(each)]),
    ]) as Template['Resources'],
  };
}

/** Every `{ kind: of }` for which there is something else is replaced by it. */
function replaced(value: unknown, by: (kind: string, of: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map((each) => replaced(each, by));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const [only, ...more] = entries;
  const other = only !== undefined && more.length === 0 ? by(...only) : undefined;
  return other ?? Object.fromEntries(entries.map(([name, each]) => [name, replaced(each, by)]));
}

/** Nested stacks are gone, so nothing waits for them. */
function withoutNested(resource: object, isNested: (id: string) => boolean): object {
  if (!('DependsOn' in resource)) return resource;
  const { DependsOn } = resource;
  return { ...resource, DependsOn: [DependsOn].flat().filter((id) => !isNested(String(id))) };
}
