import { parseUri } from '../api/s3';
import type { ApiRequest } from './copyAs';

/** Reads the object, or lists the folder where none is chosen. */
export function storeRequest(bucket: string, prefix: string, object?: string): ApiRequest {
  if (object !== undefined) return { service: 's3', operation: 'GetObject', input: { Bucket: bucket, Key: object }, outfile: object.replace(/^.*\//, '') || 'object' };
  return { service: 's3', operation: 'ListObjectsV2', input: { Bucket: bucket, Delimiter: '/', ...(prefix === '' ? {} : { Prefix: prefix }) } };
}

/** Reads what lies at an s3:// address; null for other addresses, which no operation of AWS reads. */
export function readRequest(uri: string): ApiRequest | null {
  const place = parseUri(uri);
  return place ? storeRequest(place.bucket, '', place.key) : null;
}
