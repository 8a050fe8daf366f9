import { App } from 'aws-cdk-lib';
import { Tenure } from 'tenure';
import retention from './retention.config.ts';

new Tenure(new App(), 'Records', { config: retention, folder: import.meta.dirname });
