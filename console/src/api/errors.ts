/** An answer that says no, as AWS words it: what kind, why, and the id under which the daemon's audit log has it. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';

  constructor(
    readonly type: string,
    message: string,
    readonly status: number,
    readonly requestId: string,
    /** The whole answer where it was JSON: some refusals say more, such as which rows are in conflict. */
    readonly details?: unknown,
  ) {
    super(message);
  }
}

/** "com.amazonaws.sagemaker#ResourceInUse:http://…" and "ResourceInUse" are the same. */
function shortType(type: string): string {
  return type.replace(/^.*#/, '').replace(/:.*$/, '');
}

function textOf(xml: string, element: string): string | undefined {
  return new DOMParser().parseFromString(xml, 'application/xml').querySelector(element)?.textContent ?? undefined;
}

/** Reads the body of an unsuccessful answer in the dialects the daemon has: AWS JSON, S3's XML, plain text. */
export async function errorOf(response: Response): Promise<ServiceError> {
  const body = await response.text();
  const header = (name: string): string => response.headers.get(name) ?? '';
  const requestId = header('x-amzn-requestid') || header('x-amz-request-id');
  if (body.startsWith('<')) {
    return new ServiceError(textOf(body, 'Code') ?? 'Error', textOf(body, 'Message') ?? response.statusText, response.status,
      requestId || (textOf(body, 'RequestId') ?? ''));
  }
  try {
    const json = JSON.parse(body) as { __type?: string; message?: string; Message?: string };
    const type = json.__type ?? header('x-amzn-errortype');
    return new ServiceError(shortType(type || 'Error'), json.message ?? json.Message ?? response.statusText, response.status,
      requestId, json);
  } catch {
    return new ServiceError(`HTTP ${response.status}`, body.slice(0, 1000) || response.statusText, response.status, requestId);
  }
}

/** What a page can show of anything that was thrown. */
export function asServiceError(error: unknown): ServiceError {
  if (error instanceof ServiceError) return error;
  return new ServiceError('ConnectionError', error instanceof Error ? error.message : String(error), 0, '');
}
