import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NestedStack, Stage, type Stack } from 'aws-cdk-lib';
import { flattened } from './flattened.ts';
import type { Template } from '../least-privilege.ts';
import type { Tenure } from '../tenure.ts';

export interface DeploymentTemplates {
  readonly state: Template;
  /** The service stack with the resources of its lanes, each of which is a nested stack, as if they were its own. */
  readonly service: Template;
  /** As CloudFormation gets them, by the path of their stack. */
  readonly stacks: ReadonlyMap<string, Template>;
  /** The size of each of them, as it is uploaded. */
  readonly bytes: ReadonlyMap<string, number>;
}

/** Synthesizes the app of a deployment, and reads its templates. */
export function templatesOf({ state, service }: Tenure): DeploymentTemplates {
  const app = Stage.of(service);
  if (app === undefined) throw new TypeError('The deployment is in no app');
  const { directory } = app.synth();
  const text = (stack: Stack): string => readFileSync(join(directory, stack.templateFile), 'utf8');
  const read = (stack: Stack): Template => JSON.parse(text(stack)) as Template;
  const lanes = service.node.children.filter((each) => each instanceof NestedStack);
  const all = [state, service, ...lanes];
  return {
    state: read(state),
    service: flattened(read(service), lanes.map(read)),
    stacks: new Map(all.map((stack) => [stack.node.path, read(stack)])),
    bytes: new Map(all.map((stack) => [stack.node.path, Buffer.byteLength(text(stack))])),
  };
}
