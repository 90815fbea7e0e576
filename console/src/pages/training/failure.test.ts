import { describe, expect, it } from 'vitest';
import { meaningOfExit, parseFailure } from './failure';

describe('a failure reason', () => {
  it('is its kind, its text and the exit code at its end', () => {
    expect(parseFailure('AlgorithmError: out of memory (limit 67 MB), exit code: 137')).toEqual({
      kind: 'AlgorithmError',
      text: 'out of memory (limit 67 MB), exit code: 137',
      exitCode: 137,
    });
    expect(parseFailure('ClientError: No S3 objects found')).toEqual({ kind: 'ClientError', text: 'No S3 objects found' });
    expect(parseFailure('something\nelse')).toEqual({ kind: '', text: 'something\nelse' });
  });

  it('tells what an exit code means', () => {
    expect(meaningOfExit(139)).toBe('exit.139');
    expect(meaningOfExit(150)).toBe('exit.signal');
    expect(meaningOfExit(42)).toBe('exit.other');
  });
});
