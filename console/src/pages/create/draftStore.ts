import { currentSession, identityOf } from '../../session/session';
import { isUntouched, type Draft } from './draft';

/** Each user of this browser has a draft, what it was when it began, and one that another took the place of. */
type Place = 'now' | 'begun' | 'before';

function keyOf(place: Place): string {
  const state = currentSession();
  return `millrace.draft.training-job.${place}.${state.kind === 'signed-in' ? identityOf(state.session) : ''}`;
}

function load(place: Place): Draft | null {
  try {
    const draft = JSON.parse(window.localStorage.getItem(keyOf(place)) ?? 'null') as Draft | null;
    return draft !== null && typeof draft.request === 'object' && ['builtin', 'image', 'script'].includes(draft.kind) ? draft : null;
  } catch {
    return null;
  }
}

function save(place: Place, draft: Draft | null): void {
  if (draft === null) window.localStorage.removeItem(keyOf(place));
  else window.localStorage.setItem(keyOf(place), JSON.stringify(draft));
}

/** The draft that an earlier visit left; null where there is none that can be read. */
export const loadDraft = (): Draft | null => load('now');
export const saveDraft = (draft: Draft): void => save('now', draft);
export function dropDraft(): void {
  save('now', null);
  save('begun', null);
}

/** The draft that was there before a job was cloned or another algorithm was chosen. */
export const loadFormer = (): Draft | null => load('before');
export const saveFormer = (draft: Draft): void => save('before', draft);
export const dropFormer = (): void => save('before', null);

const same = (a: Draft | null, b: Draft | null): boolean => JSON.stringify(a) === JSON.stringify(b);

/**
 * Puts another draft in the place of the one that is there, which becomes the former one if somebody has filled in
 * anything since it began: a clone that was only looked at takes the place of nothing.
 */
export function replaceDraft(next: Draft): void {
  const kept = loadDraft();
  if (kept !== null && !isUntouched(kept) && !same(kept, next) && !same(kept, load('begun'))) saveFormer(kept);
  saveDraft(next);
  save('begun', next);
}
