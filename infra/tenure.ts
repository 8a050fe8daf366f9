import { Tags } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { bundlesFolder } from './constructs/function-code.ts';
import { setFeatureFlags } from './feature-flags.ts';
import { loadDeployment, type TenureConfig } from './load-deployment.ts';
import { ServiceStack } from './stacks/service-stack.ts';
import { StateStack } from './stacks/state-stack.ts';

export type { TenureConfig } from './load-deployment.ts';

export interface TenureProps {
  /** What `retention.config.ts` exports. */
  readonly config: TenureConfig;
  /** The folder that the paths of its policy files are relative to. */
  readonly folder: string;
  /** Folder of the function bundles; by default those of this package. */
  readonly bundles?: string;
}

/**
 * One deployment of Tenure: one stack for what must never be lost, another for what works on it. Use it in your own CDK
 * app, together with other stacks.
 */
export class Tenure extends Construct {
  readonly state: StateStack;
  readonly service: ServiceStack;

  constructor(scope: Construct, id: string, { config, folder, bundles }: TenureProps) {
    super(scope, id);
    setFeatureFlags(this.node);
    const deployment = loadDeployment(config, folder);
    const { name, account, region } = deployment.settings;
    const env = { account, region };
    this.state = new StateStack(this, 'State', {
      stackName: `${name}-state`,
      description: 'Tenure: registry, bus, deletion log, key. Retained.',
      env,
      deployment,
    });
    this.service = new ServiceStack(this, 'Service', {
      stackName: `${name}-service`,
      description: 'Tenure: functions, lanes, API. May be destroyed and deployed again.',
      env,
      // The largest template: every lane is in it with its parameters, and with its log on the dashboard.
      suppressTemplateIndentation: true,
      deployment,
      state: this.state,
      bundles: bundles ?? bundlesFolder(),
    });
    Tags.of(this).add('app', 'tenure');
    Tags.of(this).add('deployment', name);
  }
}
