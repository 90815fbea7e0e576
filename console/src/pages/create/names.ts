import { shapes } from '../../generated/sagemaker';

const { pattern, max } = shapes.TrainingJobName;

/** Whether the API takes the name; some printed guides allow more characters than it does. */
export function isValidName(name: string): boolean {
  return name.length > 0 && name.length <= max && new RegExp(`^(?:${pattern})$`).test(name);
}

/** The nearest name that the API takes; undefined where nothing is left of it. */
export function suggestedName(name: string): string | undefined {
  const rewritten = name
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9-]+/g, '-')
    .slice(0, max)
    .replace(/^-+|-+$/g, '');
  return isValidName(rewritten) ? rewritten : undefined;
}

/** "job" → "job-2", "job-2" → "job-3": a name for a copy, within the limit. */
export function nextName(name: string): string {
  const numbered = /^(.*)-(\d{1,4})$/.exec(name);
  const [base, number] = numbered ? [numbered[1] ?? '', Number(numbered[2]) + 1] : [name, 2];
  const suffix = `-${number}`;
  return base.slice(0, max - suffix.length) + suffix;
}
