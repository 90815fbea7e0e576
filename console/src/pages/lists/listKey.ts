/** Under which the answer about a list is kept: its newest version with the caller's draft, or one version. */
export const listKey = (id: string, version?: number): readonly unknown[] => ['list', id, version ?? 'newest'];
