import type { ClassCount } from '../../api/lists';

export interface ClassNames {
  /** "1 dog", or "1" where the class has no name. */
  one(label: number): string;
  /** All labels of a row. */
  all(labels: readonly number[]): string;
}

/** How labels are written; names are known for lists with one label in a row. */
export function classNames(classes: readonly ClassCount[], measure: (value: number) => string): ClassNames {
  const names = new Map(classes.map((one) => [one.Label, one.Name]));
  const one = (label: number): string => {
    const name = names.get(label);
    // Labels are names in figures: no separators of thousands.
    const figure = Number.isInteger(label) ? String(label) : measure(label);
    return name === undefined || name === '' ? figure : `${figure} ${name}`;
  };
  return { one, all: (labels) => labels.map(one).join(', ') };
}
