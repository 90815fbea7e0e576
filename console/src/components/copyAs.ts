/** A request of the AWS API in three spellings: what goes over the wire, what one types, what one scripts. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

export interface ApiRequest {
  /** "sagemaker" */
  readonly service: string;
  /** "CreateTrainingJob" */
  readonly operation: string;
  readonly input: Json;
}

function dashed(operation: string): string {
  return operation.replace(/([a-z0-9])([A-Z])/g, '$1-$2').replace(/([A-Z]+)([A-Z][a-z])/g, '$1-$2').toLowerCase();
}

/** Any text as one word of a POSIX shell. */
export function shellQuoted(text: string): string {
  return `'${text.replace(/'/g, `'\\''`)}'`;
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

export function asJson(request: ApiRequest): string {
  return JSON.stringify(request.input, null, 2);
}

export function asCli(request: ApiRequest): string {
  return `aws ${request.service} ${dashed(request.operation)} --cli-input-json ${shellQuoted(asJson(request))}`;
}

export function asPython(request: ApiRequest): string {
  const call = `${request.service.replace(/-/g, '_')}.${dashed(request.operation).replace(/-/g, '_')}`;
  const entries = Object.entries(request.input as { readonly [key: string]: Json });
  const parameters = entries.map(([key, value]) => `    ${key}=${pythonLiteral(value, '    ')},\n`).join('');
  return `import boto3\n\n${request.service.replace(/-/g, '_')} = boto3.client(${JSON.stringify(request.service)})\n${call}(\n${parameters})\n`;
}
