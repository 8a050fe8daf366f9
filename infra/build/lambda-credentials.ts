/** What the clients' own default chain is replaced by in the bundles: the environment, as Lambda sets it. */
export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env';
