import { request } from './http';

/** What an endpoint answered, and how long it took from here. */
export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly variant: string;
  readonly body: Blob;
  readonly milliseconds: number;
}

export async function invokeEndpoint(name: string, body: Blob | string, contentType: string, accept: string, signal?: AbortSignal): Promise<Answer> {
  const started = performance.now();
  const response = await request(`/mr/aws/runtime.sagemaker/endpoints/${encodeURIComponent(name)}/invocations`, {
    method: 'POST',
    headers: { 'Content-Type': contentType, ...(accept === '' ? {} : { Accept: accept }) },
    body,
    signal,
  });
  const blob = await response.blob();
  return {
    status: response.status,
    contentType: response.headers.get('content-type') ?? '',
    variant: response.headers.get('x-amzn-invoked-production-variant') ?? '',
    body: blob,
    milliseconds: performance.now() - started,
  };
}
