import type { ClassCount, Form } from '../../api/lists';

/** What typed text means as labels of a row. */
export interface Typed {
  /** Classes to choose from, the best first. */
  readonly candidates: readonly ClassCount[];
  /** What Enter gives; null while the text names nothing. */
  readonly labels: readonly number[] | null;
  /** No further key could make it mean something else, so that it need not wait for Enter. */
  readonly settled: boolean;
}

const shown = 8;

/** "3", "0.5 0.25" as numbers; null for other text. */
export function parseLabels(text: string): number[] | null {
  const words = text.trim().split(/[\s,;]+/);
  const numbers = words.map(Number);
  return text.trim() === '' || numbers.some((one) => !Number.isFinite(one)) ? null : numbers;
}

/**
 * Reads what was typed over a grid: a label's digits, the beginning of a class's name, or a part of it. Rows of several
 * labels take numbers with spaces between.
 */
export function readTyped(text: string, classes: readonly ClassCount[], form: Form): Typed {
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return { candidates: [], labels: null, settled: false };
  const numbers = parseLabels(text);
  // How many numbers go into a row of several is the daemon's to say.
  if (form !== 'class') return { candidates: [], labels: numbers, settled: false };
  const byNumber = classes.filter((one) => String(one.Label).startsWith(wanted));
  const name = (one: ClassCount): string => one.Name?.toLowerCase() ?? '';
  const begins = classes.filter((one) => name(one).startsWith(wanted));
  const contains = classes.filter((one) => name(one).includes(wanted) && !begins.includes(one));
  const candidates = [...new Set([...byNumber.filter((one) => String(one.Label) === wanted), ...byNumber, ...begins, ...contains])];
  if (numbers !== null && numbers.length === 1) {
    const others = byNumber.filter((one) => String(one.Label) !== wanted);
    return { candidates: candidates.slice(0, shown), labels: numbers, settled: others.length === 0 && byNumber.length === 1 };
  }
  const first = candidates[0];
  return { candidates: candidates.slice(0, shown), labels: first === undefined ? null : [first.Label], settled: false };
}
