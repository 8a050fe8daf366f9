/**
 * What every transaction sets for itself, so that no setting of the database or of the user (`ALTER ROLE … SET`) changes
 * what a statement does. They apply only to the transaction, because a connection pooler may give the connection to
 * another client afterwards.
 * - `ROLE NONE`: the user that logged in, and no other one.
 * - `search_path`: a name without a schema is PostgreSQL's own. Otherwise an operator, function or type that another
 *   user creates could take its place, and would run with the lane's rights. `pg_temp` is first unless it is named.
 * - `row_security = off`: hidden rows cause an error. Otherwise they would look gone.
 * - `synchronous_commit`: what is reported as deleted must survive a crash of the server.
 * - `array_nulls`: the values that are sent are arrays. Without it a NULL would be the text `NULL`.
 * - the text forms of values, because versions and dates are compared as text.
 */
export const OWN_SETTINGS: readonly string[] = [
  'SET LOCAL ROLE NONE',
  'SET LOCAL quote_all_identifiers = off',
  'SET LOCAL search_path = pg_catalog, pg_temp',
  'SET LOCAL row_security = off',
  'SET LOCAL synchronous_commit = on',
  'SET LOCAL standard_conforming_strings = on',
  'SET LOCAL transform_null_equals = off',
  'SET LOCAL array_nulls = on',
  "SET LOCAL datestyle = 'ISO, YMD'",
  "SET LOCAL intervalstyle = 'iso_8601'",
  "SET LOCAL timezone = 'UTC'",
  "SET LOCAL bytea_output = 'hex'",
  'SET LOCAL extra_float_digits = 1',
  "SET LOCAL lc_monetary = 'C'",
  'SET LOCAL xmloption = content',
  'SET LOCAL xmlbinary = base64',
];

/**
 * Where rows are found by their keys: the table is read from its beginning to its end only if no index has them. Compiling
 * takes longer than such a statement, and would be tried where the whole table has to be read.
 */
export const BY_KEY: readonly string[] = ['SET LOCAL enable_seqscan = off', 'SET LOCAL jit = off'];
