import { useSyncExternalStore } from 'react';
import { uploadFile } from '../api/upload';
import { currentSession, identityOf, onSession } from '../session/session';
import { UploadQueue, type Progress, type Upload } from './queue';

/** The uploads of this tab, whatever page it shows. */
export const uploads = new UploadQueue(uploadFile);

export function useUploads(): readonly Upload[] {
  return useSyncExternalStore(uploads.subscribe, uploads.snapshot);
}

export function useUploadProgress(): Progress {
  return useSyncExternalStore(uploads.subscribe, uploads.progress);
}

// A file of this computer cannot be taken up again by the next page that is loaded.
window.addEventListener('beforeunload', (event) => {
  if (uploads.active) event.preventDefault();
});

// A session that ends by itself is waited for; what one user began is neither finished with another's rights nor shown to them.
let owner: string | undefined;
onSession(() => {
  const state = currentSession();
  const next = state.kind === 'signed-in' ? identityOf(state.session) : state.kind === 'signed-out' && state.expired ? owner : undefined;
  if (owner !== undefined && owner !== next) uploads.forget();
  owner = next;
});
