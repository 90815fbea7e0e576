/** A request of the AWS API in three spellings: what goes over the wire, what one types, what one scripts. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

export interface ApiRequest {
  /** As boto3 names its clients: "sagemaker", "s3". */
  readonly service: string;
  /** "CreateTrainingJob" */
  readonly operation: string;
  /** An object of the operation's members. */
  readonly input: Json;
  /** The file that the command line writes what it gets to, where the operation answers bytes. */
  readonly outfile?: string;
}

/** Where requests go: this installation. */
export interface Destination {
  /** "http://127.0.0.1:9000" */
  readonly endpoint: string;
  readonly region: string;
}

function dashed(operation: string): string {
  return operation.replace(/([a-z0-9])([A-Z])/g, '$1-$2').replace(/([A-Z]+)([A-Z][a-z])/g, '$1-$2').toLowerCase();
}

/** Any text as one word of a POSIX shell. */
export function shellQuoted(text: string): string {
  return `'${text.replace(/'/g, `'\\''`)}'`;
}

/** The text as it is where a shell takes it so. */
function shellWord(text: string): string {
  return /^[A-Za-z0-9_./:@%+=-]+$/.test(text) ? text : shellQuoted(text);
}

/** Python's spelling of a value. */
export function pythonLiteral(value: Json, indent = ''): string {
  const inner = `${indent}    `;
  if (value === null) return 'None';
  if (value === true) return 'True';
  if (value === false) return 'False';
  if (typeof value === 'number') return String(value);
  // JSON's string escapes are Python's, surrogate pairs aside, which stay as the characters they are.
  if (typeof value === 'string') return JSON.stringify(value);
  const list = Array.isArray(value);
  const parts = list
    ? (value as readonly Json[]).map((each) => pythonLiteral(each, inner))
    : Object.entries(value).map(([key, each]) => `${JSON.stringify(key)}: ${pythonLiteral(each, inner)}`);
  const [open, close] = list ? ['[', ']'] : ['{', '}'];
  if (parts.length === 0) return open + close;
  const short = `${open}${parts.join(', ')}${close}`;
  return short.length + indent.length <= 90 && !short.includes('\n') ? short : `${open}\n${parts.map((part) => `${inner}${part},\n`).join('')}${indent}${close}`;
}

/** What goes over the wire; several requests each with their operation. */
export function asJson(requests: readonly ApiRequest[]): string {
  const [only, second] = requests;
  if (only && !second) return JSON.stringify(only.input, null, 2);
  return JSON.stringify(requests.map(({ operation, input }) => ({ [operation]: input })), null, 2);
}

/** The AWS CLI has S3's operations under another name than boto3. */
const commandOf = (service: string): string => (service === 's3' ? 's3api' : service);

export function asCli(requests: readonly ApiRequest[], { endpoint, region }: Destination): string {
  return requests
    .map(({ service, operation, input, outfile }) => {
      const json = `--cli-input-json ${shellQuoted(JSON.stringify(input, null, 2))}`;
      const parts = [`aws ${commandOf(service)} ${dashed(operation)}`, `--endpoint-url ${shellWord(endpoint)}`, `--region ${shellWord(region)}`, json];
      return [...parts, ...(outfile === undefined ? [] : [shellWord(outfile)])].join(' \\\n  ');
    })
    .join('\n\n');
}

export function asPython(requests: readonly ApiRequest[], { endpoint, region }: Destination): string {
  const variable = (service: string): string => service.replace(/\W/g, '_');
  const place = `endpoint_url=${JSON.stringify(endpoint)}, region_name=${JSON.stringify(region)}`;
  const clients = [...new Set(requests.map(({ service }) => service))].map((service) => `${variable(service)} = boto3.client(${JSON.stringify(service)}, ${place})\n`);
  const calls = requests.map(({ service, operation, input, outfile }) => {
    const parameters = Object.entries(input as { readonly [key: string]: Json }).map(([key, value]) => `    ${key}=${pythonLiteral(value, '    ')},\n`).join('');
    const call = `${variable(service)}.${dashed(operation).replace(/-/g, '_')}(\n${parameters})`;
    return outfile === undefined ? `${call}\n` : `open(${JSON.stringify(outfile)}, "wb").write(${call}["Body"].read())\n`;
  });
  return `import boto3\n\n${clients.join('')}${calls.join('')}`;
}
