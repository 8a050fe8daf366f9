import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type App, Validations } from 'aws-cdk-lib';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { AwsSolutionsChecks } from 'cdk-nag';
import { describe, expect, test, vi } from 'vitest';
import { LISTED_APPS } from '../../infra/build/listed-apps.ts';
import { Tenure, type TenureProps } from '../../infra/tenure.ts';
import retention from '../../retention.config.ts';
import { inApp, ROOT } from '../support/house/synthesized.ts';

/** The first synth of a process loads the whole library: long on a busy machine. */
vi.setConfig({ testTimeout: 240_000 });

interface Report {
  readonly pluginReports: readonly {
    readonly pluginName: string;
    readonly violations: readonly {
      readonly ruleName: string;
      readonly violatingConstructs: readonly { readonly constructPath: string }[];
    }[];
  }[];
}

/** What the checks found, one line each. A report has only plugins that found something. */
function findings(
  { config, folder }: Pick<TenureProps, 'config' | 'folder'>,
  change: (tenure: Tenure) => void = () => undefined,
): readonly string[] {
  return inApp((app: App, bundles) => {
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    change(new Tenure(app, 'Tenure', { config, folder, bundles }));
    try {
      app.synth();
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'ValidationFailed') throw error;
    }
    const report = JSON.parse(readFileSync(join(app.outdir, 'validation-report.json'), 'utf8')) as Report;
    return report.pluginReports.flatMap(({ pluginName, violations }) =>
      violations.flatMap(({ ruleName, violatingConstructs }) =>
        violatingConstructs.map(({ constructPath }) => `${pluginName}: ${ruleName} ${constructPath}`),
      ),
    );
  });
}

describe('the checks of AwsSolutions', () => {
  test.for(LISTED_APPS)('find nothing in any stack that is not excused with a reason: $title', (app) => {
    expect(findings(app)).toEqual([]);
  });

  test('find nothing where surveys look at the whole account: that is excused with a reason', () => {
    const { usage, 'invoice-files': files } = retention.stores;
    const stores = {
      ...retention.stores,
      usage: { ...usage!, coverage: { account: true, sample: true } as const },
      'invoice-files': { ...files!, coverage: { account: true } as const },
    };
    expect(findings({ config: { ...retention, stores }, folder: ROOT })).toEqual([]);
  });

  test('would find a bucket without TLS and access log, and wildcards without a written reason', () => {
    const found = findings({ config: retention, folder: ROOT }, ({ state }) => {
      new Bucket(state, 'Loose');
      state.deletionLog.bucket.grantDelete(state.apiRole);
    });
    const role = 'Tenure/State/ApiRole/DefaultPolicy/Resource';
    expect(found.toSorted()).toEqual([
      `AwsSolutions: AwsSolutions-IAM5[Action::s3:DeleteObject*] ${role}`,
      `AwsSolutions: AwsSolutions-IAM5[Resource::<DeletionLog.Arn>/*] ${role}`,
      'AwsSolutions: AwsSolutions-S1 Tenure/State/Loose/Resource',
      'AwsSolutions: AwsSolutions-S10 Tenure/State/Loose/Resource',
    ]);
  });

  test('would find them in the stack of a lane, too', () => {
    const found = findings({ config: retention, folder: ROOT }, ({ service }) => {
      new Bucket(service.node.findChild('LaneStack-usage'), 'Loose');
    });
    expect(found.toSorted()).toEqual([
      'AwsSolutions: AwsSolutions-S1 Tenure/Service/LaneStack-usage/Loose/Resource',
      'AwsSolutions: AwsSolutions-S10 Tenure/Service/LaneStack-usage/Loose/Resource',
    ]);
  });
});
