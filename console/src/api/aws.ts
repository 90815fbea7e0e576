import * as control from '../generated/control';
import * as logs from '../generated/logs';
import * as sagemaker from '../generated/sagemaker';
import { request } from './http';

interface Services {
  sagemaker: sagemaker.Operations;
  logs: logs.Operations;
  control: control.Operations;
}

const wires = { sagemaker, logs, control } as const;
/** What a service is called in the path below /mr/aws/: the name that requests for it are signed with. */
const paths = { sagemaker: 'sagemaker', logs: 'logs', control: 'millrace' } as const;

type Request<S extends keyof Services, O extends keyof Services[S]> = Services[S][O] extends { request: infer R } ? R : never;
type Response<S extends keyof Services, O extends keyof Services[S]> = Services[S][O] extends { response: infer R } ? R : never;

/** Calls one operation: the same endpoint, shapes and errors that boto3 meets. */
export async function call<S extends keyof Services, O extends keyof Services[S] & string>(
  service: S,
  operation: O,
  input: Request<S, O>,
  signal?: AbortSignal,
): Promise<Response<S, O>> {
  const wire = wires[service];
  const response = await request(`/mr/aws/${paths[service]}/`, {
    method: 'POST',
    headers: {
      'Content-Type': `application/x-amz-json-${wire.jsonVersion}`,
      'X-Amz-Target': `${wire.targetPrefix}.${operation}`,
    },
    body: JSON.stringify(input),
    signal,
  });
  const text = await response.text();
  return (text === '' ? {} : JSON.parse(text)) as Response<S, O>;
}
