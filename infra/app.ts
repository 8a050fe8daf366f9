import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import retention from '../retention.config.ts';
import { RetentionConfigError } from './load-deployment.ts';
import { Tenure } from './tenure.ts';

const app = new App();
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
try {
  new Tenure(app, 'Tenure', { config: retention, folder: new URL('../', import.meta.url).pathname });
} catch (error) {
  if (!(error instanceof RetentionConfigError)) throw error;
  // Print the mistakes without a stack trace of Tenure's own code.
  console.error(error.message);
  process.exit(1);
}
