import { currentSession, identityOf } from '../../session/session';
import type { Draft } from './draft';

/** Each user of this browser has a draft, and one that another took the place of. */
type Place = 'now' | 'before';

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
export const dropDraft = (): void => save('now', null);

/** The draft that was there before a job was cloned or another algorithm was chosen. */
export const loadFormer = (): Draft | null => load('before');
export const saveFormer = (draft: Draft): void => save('before', draft);
export const dropFormer = (): void => save('before', null);
