/** One side of a comparison, "LIST@version" or "LIST@draft". */
export interface Reference {
  readonly id: string;
  readonly version: string;
}

export function parseReference(text: string | undefined): Reference | null {
  const match = /^([^@]+)@(\d+|draft)$/.exec(text ?? '');
  return match?.[1] && match[2] ? { id: match[1], version: match[2] } : null;
}
