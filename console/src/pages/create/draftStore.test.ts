import { beforeEach, describe, expect, it, vi } from 'vitest';
import { emptyDraft, type Draft } from './draft';
import { dropDraft, loadDraft, loadFormer, replaceDraft, saveDraft } from './draftStore';

const named = (TrainingJobName: string): Draft => ({ ...emptyDraft('1'), request: { ...emptyDraft('1').request, TrainingJobName } });

beforeEach(() => {
  const stored = new Map<string, string>();
  vi.stubGlobal('window', {
    localStorage: {
      getItem: (key: string) => stored.get(key) ?? null,
      setItem: (key: string, text: string) => stored.set(key, text),
      removeItem: (key: string) => stored.delete(key),
    },
  });
  return () => vi.unstubAllGlobals();
});

describe('a draft that another takes the place of', () => {
  it('is kept when it was half filled in', () => {
    saveDraft(named('a'));
    replaceDraft(named('b'));
    expect([loadDraft(), loadFormer()]).toEqual([named('b'), named('a')]);
  });

  it('leaves the one before it alone when it is as it began', () => {
    saveDraft(named('a'));
    replaceDraft(named('b'));
    replaceDraft(named('c'));
    expect([loadDraft(), loadFormer()]).toEqual([named('c'), named('a')]);
  });

  it('is kept when it was changed since it began', () => {
    replaceDraft(named('b'));
    saveDraft(named('b with more'));
    replaceDraft(named('c'));
    expect(loadFormer()).toEqual(named('b with more'));
  });

  it('is not kept when it is empty or the same', () => {
    saveDraft(emptyDraft('1'));
    replaceDraft(named('b'));
    replaceDraft(named('b'));
    expect(loadFormer()).toBeNull();
    dropDraft();
    expect(loadDraft()).toBeNull();
  });
});
