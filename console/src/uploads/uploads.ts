import { useSyncExternalStore } from 'react';
import { uploadFile } from '../api/upload';
import { currentSession, onSession } from '../session/session';
import { UploadQueue, type Upload } from './queue';

/** The uploads of this tab, whatever page it shows. */
export const uploads = new UploadQueue(uploadFile);

export function useUploads(): readonly Upload[] {
  return useSyncExternalStore(uploads.subscribe, uploads.snapshot);
}

// A file of this computer cannot be taken up again by the next page that is loaded.
window.addEventListener('beforeunload', (event) => {
  if (uploads.active) event.preventDefault();
});

// A session that ends by itself is waited for; what one user began is not finished with another's rights.
let owner: string | undefined;
onSession(() => {
  const state = currentSession();
  const ended = state.kind === 'signed-out' && !state.expired;
  if (ended || (state.kind === 'signed-in' && owner !== undefined && owner !== state.session.User)) uploads.cancelAll();
  if (state.kind === 'signed-in') owner = state.session.User;
});
