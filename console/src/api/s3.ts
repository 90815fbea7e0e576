import { query, request } from './http';
import { ServiceError } from './errors';

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

/** Keys that one request may delete. */
export const mostDeleted = 1000;

/** What XML 1.0 has no spelling for, not even an escaped one. */
const unwritable = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;

/** Text inside an XML element; what a reader would take for space around it or another line's end is a reference. */
export function xmlText(text: string): string {
  return text.replace(/[&<>"\t\r\n]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** The document of a DeleteObjects request. */
export function deletion(keys: readonly string[]): string {
  return `<Delete><Quiet>true</Quiet>${keys.map((key) => `<Object><Key>${xmlText(key)}</Key></Object>`).join('')}</Delete>`;
}

/** Deletes up to `mostDeleted` objects. Throws the first refusal, with how many there were; the others are deleted then. */
export async function deleteObjects(bucket: string, keys: readonly string[], signal?: AbortSignal): Promise<void> {
  for (const key of keys.filter((one) => unwritable.test(one))) await deleteObject(bucket, key);
  const named = keys.filter((one) => !unwritable.test(one));
  if (named.length === 0) return;
  const response = await request(`/mr/aws/s3/${encodeURIComponent(bucket)}?delete`, { method: 'POST', headers: { 'Content-Type': 'application/xml' }, body: deletion(named), signal });
  const refused = [...new DOMParser().parseFromString(await response.text(), 'application/xml').querySelectorAll('Error')];
  const [first] = refused;
  if (first) {
    const more = refused.length > 1 ? ` (+ ${refused.length - 1})` : '';
    throw new ServiceError(child(first, 'Code'), `${child(first, 'Key')}: ${child(first, 'Message')}${more}`, response.status, response.headers.get('x-amz-request-id') ?? '');
  }
}

export async function putFolder(bucket: string, key: string): Promise<void> {
  await request(objectPath(bucket, key), { method: 'PUT', body: '' });
}

/** The first `bytes` of an object, or all of it where it is smaller. */
export async function readObject(bucket: string, key: string, bytes: number, signal?: AbortSignal): Promise<Response> {
  return request(objectPath(bucket, key), { headers: { Range: `bytes=0-${bytes - 1}` }, signal });
}

/** "s3://bucket/key" as its two parts; null where the text is no such address. */
export function parseUri(uri: string): { bucket: string; key: string } | null {
  const match = /^s3:\/\/([^/]+)\/?(.*)$/.exec(uri);
  return match?.[1] ? { bucket: match[1], key: match[2] ?? '' } : null;
}
