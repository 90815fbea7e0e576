export interface Difference {
  readonly name: string;
  readonly a: string;
  readonly b: string;
  readonly different: boolean;
}

/** Every leaf of a document under its path; channels and tags go by their names, so that another order is no difference. */
export function flattened(value: unknown, path = ''): Record<string, string> {
  if (value === undefined) return {};
  if (isTag(value)) return { [path]: value.Value };
  if (Array.isArray(value)) {
    return Object.assign({}, ...value.map((each: unknown, index) => flattened(each, `${path}[${nameOf(each) ?? index}]`))) as Record<string, string>;
  }
  if (typeof value === 'object' && value !== null) {
    return Object.assign({}, ...Object.entries(value)
        // The name stands in the path already.
        .filter(([key]) => key !== 'ChannelName')
        .map(([key, each]) => flattened(each, path === '' ? key : `${path}.${key}`))) as Record<string, string>;
  }
  return { [path]: String(value) };
}

function isTag(value: unknown): value is { Key: string; Value: string } {
  return typeof value === 'object' && value !== null && Object.keys(value).sort().join() === 'Key,Value';
}

function nameOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { ChannelName, Key } = value as { ChannelName?: unknown; Key?: unknown };
  return typeof ChannelName === 'string' ? ChannelName : typeof Key === 'string' ? Key : undefined;
}

export function differences(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): Difference[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].map((name) => ({ name, a: a[name] ?? '–', b: b[name] ?? '–', different: a[name] !== b[name] }));
}
