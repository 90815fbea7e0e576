import { sessionExpired } from '../session/session';
import { errorOf } from './errors';
import { query, request, sessionHeaders } from './http';
import { patiently } from './patiently';
import { objectPath, xmlText } from './s3';

const mebibyte = 1024 * 1024;
/** Objects above this size are uploaded in parts, so that one that fails is sent again alone. */
const smallestPart = 16 * mebibyte;
/** More parts than that S3 does not put together (its API reference, "Amazon S3 multipart upload limits"). */
const mostParts = 10_000;
/** How often what did not arrive is sent again. */
const resends = 4;

/** Bytes of each part of an upload of so many, whole mebibytes. */
export function partSizeOf(size: number): number {
  return Math.max(smallestPart, Math.ceil(size / mostParts / mebibyte) * mebibyte);
}

export interface Upload {
  /** Bytes that have left so far, of this file alone. */
  readonly onProgress: (sent: number) => void;
  readonly signal: AbortSignal;
}

/** XMLHttpRequest, since fetch() tells nothing of how far an upload is. */
function put(path: string, body: Blob, upload: Upload, before: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const sender = new XMLHttpRequest();
    sender.open('PUT', path);
    for (const [name, value] of Object.entries(sessionHeaders('PUT'))) sender.setRequestHeader(name, value);
    if (body.type !== '') sender.setRequestHeader('Content-Type', body.type);
    sender.upload.onprogress = (event) => upload.onProgress(before + event.loaded);
    sender.onerror = () => reject(new TypeError('the connection broke off'));
    sender.onabort = () => reject(new DOMException('', 'AbortError'));
    sender.onload = () => {
      if (sender.status === 401) sessionExpired();
      if (sender.status >= 200 && sender.status < 300) {
        resolve(sender.getResponseHeader('ETag') ?? '');
        return;
      }
      const headers = { 'x-amz-request-id': sender.getResponseHeader('x-amz-request-id') ?? '' };
      errorOf(new Response(sender.responseText, { status: sender.status, headers })).then(reject, reject);
    };
    upload.signal.addEventListener('abort', () => sender.abort(), { once: true });
    sender.send(body);
  });
}

/** Stores one file; big ones in parts, which are given back when it fails or is cancelled. */
export async function uploadFile(bucket: string, key: string, file: File, upload: Upload): Promise<void> {
  const path = objectPath(bucket, key);
  const partSize = partSizeOf(file.size);
  const send = (to: string, body: Blob, before: number): Promise<string> => patiently(upload.signal, resends, () => put(to, body, upload, before));
  if (file.size <= partSize) {
    await send(path, file, 0);
    return;
  }
  const started = await patiently(upload.signal, resends, () =>
    request(`${path}?uploads`, { method: 'POST', headers: file.type === '' ? {} : { 'Content-Type': file.type }, signal: upload.signal }),
  );
  const id = new DOMParser().parseFromString(await started.text(), 'application/xml').querySelector('UploadId')?.textContent ?? '';
  try {
    const parts: string[] = [];
    for (let from = 0, number = 1; from < file.size; from += partSize, ++number) {
      const etag = await send(`${path}${query({ partNumber: number, uploadId: id })}`, file.slice(from, from + partSize), from);
      parts.push(`<Part><PartNumber>${number}</PartNumber><ETag>${xmlText(etag)}</ETag></Part>`);
    }
    // Not sent twice: where only the answer was lost the second would be refused, for the parts are gone.
    const ended = await patiently(upload.signal, 0, () =>
      request(`${path}${query({ uploadId: id })}`, { method: 'POST', body: `<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`, signal: upload.signal }),
    );
    // S3 answers 200 at once and may still say in the body that it failed.
    const body = await ended.text();
    if (/<Error>/.test(body)) throw await errorOf(new Response(body, { status: 500 }));
  } catch (error) {
    await request(`${path}${query({ uploadId: id })}`, { method: 'DELETE' }).catch(() => undefined);
    throw error;
  }
}
