import { CfnEventBusPolicy } from 'aws-cdk-lib/aws-events';
import { type IApplyRule, AwsSolutionsChecks } from 'cdk-nag';

/**
 * The checks of AwsSolutions. Their rule for buses reads a deprecated property that Tenure does not set, and would
 * print a warning about it.
 */
export class Checks extends AwsSolutionsChecks {
  protected override applyRule(params: IApplyRule): void {
    if (!(params.node instanceof CfnEventBusPolicy)) {
      super.applyRule(params);
      return;
    }
    const before = process.env['JSII_DEPRECATED'];
    process.env['JSII_DEPRECATED'] = 'quiet';
    super.applyRule(params);
    if (before === undefined) delete process.env['JSII_DEPRECATED'];
    else process.env['JSII_DEPRECATED'] = before;
  }
}
