/**
 * What the clients' own default chain is replaced by in the bundles: the environment, as Lambda sets it for as long as
 * an instance lives. The chain also looks in profiles, containers and sign-on services, at a tenth of every bundle.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
 */
export function defaultProvider() {
  return async () => ({
    accessKeyId: variable('AWS_ACCESS_KEY_ID'),
    secretAccessKey: variable('AWS_SECRET_ACCESS_KEY'),
    sessionToken: variable('AWS_SESSION_TOKEN'),
  });
}

function variable(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: this bundle runs as a Lambda function only.`);
  return value;
}
