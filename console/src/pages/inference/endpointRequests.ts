import type { ApiRequest, Json } from '../../components/copyAs';
import type { DescribeEndpointConfigOutput, DescribeEndpointOutput } from '../../generated/sagemaker';

/** The requests that would make the endpoint again: its configuration, as far as that is known, and itself. */
export function endpointRequests(endpoint: DescribeEndpointOutput, configuration: DescribeEndpointConfigOutput | undefined): readonly ApiRequest[] {
  const { EndpointConfigArn: _, CreationTime: __, ...asked } = configuration ?? ({} as Partial<DescribeEndpointConfigOutput>);
  const make: ApiRequest = { service: 'sagemaker', operation: 'CreateEndpoint', input: { EndpointName: endpoint.EndpointName, EndpointConfigName: endpoint.EndpointConfigName ?? '' } };
  return configuration === undefined ? [make] : [{ service: 'sagemaker', operation: 'CreateEndpointConfig', input: asked as unknown as Json }, make];
}
