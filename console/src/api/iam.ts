import { request } from './http';

/** ARNs of the account's roles, for fields that want one. */
export async function listRoles(signal?: AbortSignal): Promise<string[]> {
  const response = await request('/mr/aws/iam/', {
    method: 'POST',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ Action: 'ListRoles', Version: '2010-05-08' }).toString(),
    signal,
  });
  const document = new DOMParser().parseFromString(await response.text(), 'application/xml');
  return [...document.querySelectorAll('Roles > member > Arn')].map((arn) => arn.textContent ?? '');
}
