/** A text of the query language in quotes: patterns have no escape, so what would end or mean more becomes "any character". */
function pattern(text: string): string {
  return `"${text.replace(/["*?[\]\\]/g, '?')}"`;
}

export interface Filter {
  readonly class?: string | undefined;
  readonly path?: string | undefined;
  readonly query?: string | undefined;
}

/** What the fields of the filter say, as one query; undefined where they say nothing. */
export function whereOf(filter: Filter): string | undefined {
  const tests: string[] = [];
  if (filter.class) tests.push(`class = ${filter.class}`);
  if (filter.path) tests.push(`path ~ ${pattern(`\0${filter.path}\0`).replace(/\0/g, '*')}`);
  if (filter.query?.trim()) tests.push(tests.length === 0 ? filter.query.trim() : `(${filter.query.trim()})`);
  return tests.length === 0 ? undefined : tests.join(' and ');
}
