/**
 * Replaces the clients' default credential chain in the bundles by the environment variables that Lambda sets for the
 * lifetime of an instance. The default chain also looks at profiles, containers and sign-on services, and takes up a
 * tenth of every bundle.
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
  if (value === undefined) throw new Error(`${name} is not set: this bundle runs only as a Lambda function.`);
  return value;
}
