import { query, request, sessionHeaders } from './http';
import { errorOf } from './errors';

export interface Bucket {
  readonly name: string;
  readonly created: Date;
}

export interface StoredObject {
  readonly key: string;
  readonly size: number;
  readonly modified: Date;
  readonly etag: string;
}

export interface Listing {
  readonly folders: readonly string[];
  readonly objects: readonly StoredObject[];
  readonly next?: string;
}

/** Objects above this size are uploaded in parts, so that one that fails is sent again alone. */
const partSize = 16 * 1024 * 1024;

/**
 * The path of an object through the session; every segment of the key is one segment of the path. Throws for keys with
 * segments that a browser takes for steps, however they are encoded: it would ask for another object.
 */
export function objectPath(bucket: string, key = ''): string {
  if (key.split('/').some((segment) => segment === '.' || segment === '..')) {
    throw new Error(`"${key}" cannot be reached from a browser; use the AWS CLI.`);
  }
  return `/mr/aws/s3/${encodeURIComponent(bucket)}/${key.split('/').map(encodeURIComponent).join('/')}`;
}

async function xml(path: string, signal?: AbortSignal): Promise<Document> {
  const response = await request(path, { signal });
  return new DOMParser().parseFromString(await response.text(), 'application/xml');
}

function child(element: Element | Document, name: string): string {
  return element.querySelector(`:scope > ${name}`)?.textContent ?? '';
}

export async function listBuckets(signal?: AbortSignal): Promise<Bucket[]> {
  const document = await xml('/mr/aws/s3/', signal);
  return [...document.querySelectorAll('Bucket')].map((bucket) => ({
    name: child(bucket, 'Name'),
    created: new Date(child(bucket, 'CreationDate')),
  }));
}

/** One page of what lies below `prefix`: folders (common prefixes) and objects of this level, or all levels without a delimiter. */
export async function listObjects(
  bucket: string,
  prefix: string,
  options: { token?: string | undefined; delimiter?: string; limit?: number } = {},
  signal?: AbortSignal,
): Promise<Listing> {
  const parameters = query({
    'list-type': 2,
    prefix,
    delimiter: options.delimiter ?? '/',
    'max-keys': options.limit ?? 1000,
    'continuation-token': options.token,
    'encoding-type': 'url',
  });
  const document = await xml(objectPath(bucket) + parameters, signal);
  // With encoding-type=url a key may hold characters that XML cannot; spaces come as '+'.
  const plain = (text: string): string => decodeURIComponent(text.replace(/\+/g, ' '));
  const next = document.documentElement.querySelector(':scope > NextContinuationToken')?.textContent;
  return {
    folders: [...document.querySelectorAll('CommonPrefixes')].map((folder) => plain(child(folder, 'Prefix'))),
    objects: [...document.querySelectorAll('Contents')].map((object) => ({
      key: plain(child(object, 'Key')),
      size: Number(child(object, 'Size')),
      modified: new Date(child(object, 'LastModified')),
      etag: child(object, 'ETag'),
    })),
    ...(next ? { next } : {}),
  };
}

export async function createBucket(bucket: string): Promise<void> {
  await request(`/mr/aws/s3/${encodeURIComponent(bucket)}`, { method: 'PUT' });
}

export async function deleteBucket(bucket: string): Promise<void> {
  await request(`/mr/aws/s3/${encodeURIComponent(bucket)}`, { method: 'DELETE' });
}

export async function deleteObject(bucket: string, key: string): Promise<void> {
  await request(objectPath(bucket, key), { method: 'DELETE' });
}

export async function putFolder(bucket: string, key: string): Promise<void> {
  await request(objectPath(bucket, key), { method: 'PUT', body: '' });
}

/** The first `bytes` of an object, or all of it where it is smaller. */
export async function readObject(bucket: string, key: string, bytes: number, signal?: AbortSignal): Promise<Response> {
  return request(objectPath(bucket, key), { headers: { Range: `bytes=0-${bytes - 1}` }, signal });
}

interface Upload {
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
  if (file.size <= partSize) {
    await put(path, file, upload, 0);
    return;
  }
  const started = await request(`${path}?uploads`, {
    method: 'POST',
    headers: file.type === '' ? {} : { 'Content-Type': file.type },
    signal: upload.signal,
  });
  const id = new DOMParser().parseFromString(await started.text(), 'application/xml').querySelector('UploadId')?.textContent ?? '';
  try {
    const parts: string[] = [];
    for (let from = 0, number = 1; from < file.size; from += partSize, ++number) {
      const etag = await put(`${path}${query({ partNumber: number, uploadId: id })}`, file.slice(from, from + partSize), upload, from);
      parts.push(`<Part><PartNumber>${number}</PartNumber><ETag>${etag.replace(/"/g, '&quot;')}</ETag></Part>`);
    }
    const ended = await request(`${path}${query({ uploadId: id })}`, {
      method: 'POST',
      body: `<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`,
      signal: upload.signal,
    });
    // S3 answers 200 at once and may still say in the body that it failed.
    const body = await ended.text();
    if (/<Error>/.test(body)) throw await errorOf(new Response(body, { status: 500 }));
  } catch (error) {
    await request(`${path}${query({ uploadId: id })}`, { method: 'DELETE' }).catch(() => undefined);
    throw error;
  }
}

/** "s3://bucket/key" as its two parts; null where the text is no such address. */
export function parseUri(uri: string): { bucket: string; key: string } | null {
  const match = /^s3:\/\/([^/]+)\/?(.*)$/.exec(uri);
  return match?.[1] ? { bucket: match[1], key: match[2] ?? '' } : null;
}
