import type { MessageKey } from '../../i18n/en';

/** What a failure reason of the service says, taken apart. */
export interface Failure {
  /** "AlgorithmError", "ClientError", "InternalServerError"; empty where the reason has no such beginning. */
  readonly kind: string;
  readonly text: string;
  readonly exitCode?: number;
}

export function parseFailure(reason: string): Failure {
  const match = /^(\w+Error): ([\s\S]*)$/.exec(reason);
  const text = match?.[2] ?? reason;
  const code = /exit code: (\d+)\s*$/i.exec(text)?.[1];
  return { kind: match?.[1] ?? '', text, ...(code === undefined ? {} : { exitCode: Number(code) }) };
}

const kinds: Readonly<Record<string, MessageKey>> = {
  AlgorithmError: 'failure.algorithm',
  ClientError: 'failure.client',
  InternalServerError: 'failure.internal',
  CapacityError: 'failure.capacity',
};

export function meaningOfKind(kind: string): MessageKey | undefined {
  return kinds[kind];
}

/** 128 + n is a program that signal n ended, as shells count. */
const codes: Readonly<Record<number, MessageKey>> = {
  1: 'exit.1',
  2: 'exit.2',
  3: 'exit.3',
  126: 'exit.126',
  127: 'exit.127',
  130: 'exit.130',
  132: 'exit.132',
  134: 'exit.134',
  135: 'exit.135',
  136: 'exit.136',
  137: 'exit.137',
  139: 'exit.139',
  141: 'exit.141',
  143: 'exit.143',
  255: 'exit.255',
};

export function meaningOfExit(code: number): MessageKey {
  return codes[code] ?? (code > 128 ? 'exit.signal' : 'exit.other');
}
