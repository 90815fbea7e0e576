/** Characters that a name may have (SageMaker API, EndpointConfigName), and those that follow the endpoint's own. */
const longest = 63;
const suffix = /^-[0-9a-z]{8}$/;

/** The name of a new configuration for an endpoint. A configuration cannot be changed, so each endpoint made here has its own. */
export function configurationFor(endpoint: string, now = Date.now()): string {
  const end = `-${now.toString(36).padStart(8, '0').slice(-8)}`;
  return endpoint.slice(0, longest - end.length) + end;
}

/** Whether a configuration was made with its endpoint, by the form of the console, and so serves nothing else. */
export function isOwnConfiguration(configuration: string, endpoint: string): boolean {
  const head = configuration.slice(0, -9);
  return suffix.test(configuration.slice(-9)) && head === endpoint.slice(0, longest - 9);
}
