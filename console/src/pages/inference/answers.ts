/** A way to show an answer: scores of classes as bars, predictions as rows, anything else as its text. */
export type Shown =
  | { readonly kind: 'scores'; readonly scores: readonly { readonly label: string; readonly score: number }[] }
  | { readonly kind: 'rows'; readonly columns: readonly string[]; readonly rows: readonly (readonly string[])[] }
  | { readonly kind: 'text'; readonly text: string };

function isNumbers(value: unknown): value is number[] {
  return Array.isArray(value) && value.length > 1 && value.every((each) => typeof each === 'number');
}

function scoresOf(values: readonly number[]): Shown {
  return { kind: 'scores', scores: values.map((score, index) => ({ label: String(index), score })).sort((a, b) => b.score - a.score) };
}

const asText = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));

/** Classes of an image come as a list of probabilities, tabular predictions as {"predictions": [{…}, …]} or as CSV. */
export function shownAnswer(contentType: string, text: string): Shown {
  if (contentType.includes('json') && !contentType.includes('jsonlines')) {
    try {
      const value: unknown = JSON.parse(text);
      if (isNumbers(value)) return scoresOf(value);
      const predictions = typeof value === 'object' && value !== null ? (value as { predictions?: unknown }).predictions : undefined;
      if (Array.isArray(predictions) && predictions.length > 0 && predictions.every((each) => typeof each === 'object' && each !== null && !Array.isArray(each))) {
        const records = predictions as Record<string, unknown>[];
        const columns = [...new Set(records.flatMap((record) => Object.keys(record)))];
        return { kind: 'rows', columns, rows: records.map((record) => columns.map((column) => asText(record[column]))) };
      }
      return { kind: 'text', text: JSON.stringify(value, null, 2) };
    } catch {
      return { kind: 'text', text };
    }
  }
  return { kind: 'text', text };
}

/** The value below which a share of the sorted sample lies (nearest rank). */
export function percentile(sample: readonly number[], share: number): number | undefined {
  const sorted = [...sample].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}
