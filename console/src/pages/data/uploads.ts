import { useCallback, useRef, useState } from 'react';
import { uploadFile } from '../../api/s3';

export interface UploadState {
  readonly id: number;
  readonly key: string;
  readonly size: number;
  readonly sent: number;
  readonly status: 'waiting' | 'running' | 'done' | 'failed' | 'cancelled';
  readonly error?: unknown;
}

/** Files that are on their way at once; more would only share the same wire. */
const parallel = 3;

/** A queue of uploads into one bucket. */
export function useUploads(bucket: string, onStored: () => void): { uploads: readonly UploadState[]; add: (prefix: string, files: readonly File[]) => void; cancel: (id: number) => void; clear: () => void } {
  const [uploads, setUploads] = useState<readonly UploadState[]>([]);
  const queue = useRef<{ id: number; key: string; file: File; abort: AbortController }[]>([]);
  const aborts = useRef(new Map<number, AbortController>());
  const running = useRef(0);
  const nextId = useRef(0);
  const change = useCallback((id: number, update: Partial<UploadState>) => setUploads((all) => all.map((one) => (one.id === id ? { ...one, ...update } : one))), []);

  const pump = useCallback(() => {
    while (running.current < parallel) {
      const next = queue.current.shift();
      if (!next) return;
      ++running.current;
      change(next.id, { status: 'running' });
      uploadFile(bucket, next.key, next.file, { onProgress: (sent) => change(next.id, { sent }), signal: next.abort.signal })
        .then(
          () => {
            change(next.id, { status: 'done', sent: next.file.size });
            onStored();
          },
          (error: unknown) => change(next.id, next.abort.signal.aborted ? { status: 'cancelled' } : { status: 'failed', error }),
        )
        .finally(() => {
          --running.current;
          aborts.current.delete(next.id);
          pump();
        });
    }
  }, [bucket, change, onStored]);

  const add = useCallback(
    (prefix: string, files: readonly File[]) => {
      const added = files.map((file) => {
        const id = ++nextId.current;
        const abort = new AbortController();
        aborts.current.set(id, abort);
        // A folder that was chosen or dropped keeps its structure.
        return { id, key: prefix + (file.webkitRelativePath === '' ? file.name : file.webkitRelativePath), file, abort };
      });
      queue.current.push(...added);
      setUploads((all) => [...all, ...added.map(({ id, key, file }) => ({ id, key, size: file.size, sent: 0, status: 'waiting' as const }))]);
      pump();
    },
    [pump],
  );
  const cancel = useCallback(
    (id: number) => {
      aborts.current.get(id)?.abort();
      if (queue.current.some((one) => one.id === id)) {
        queue.current = queue.current.filter((one) => one.id !== id);
        change(id, { status: 'cancelled' });
      }
    },
    [change],
  );
  const clear = useCallback(() => setUploads((all) => all.filter((one) => one.status === 'waiting' || one.status === 'running')), []);
  return { uploads, add, cancel, clear };
}
