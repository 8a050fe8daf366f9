import { readFileSync } from 'node:fs';
import { App } from 'aws-cdk-lib';
import { Tenure } from 'tenure';

/** A deployment in somebody else's app: it has the package, the CDK, a configuration and policies, and nothing else. */
const config = JSON.parse(readFileSync(new URL('retention.json', import.meta.url), 'utf8'));
new Tenure(new App(), 'Records', { config, folder: import.meta.dirname });
