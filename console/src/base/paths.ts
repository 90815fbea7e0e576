/** Addresses of the console's pages below its base, and as the browser sees them. */
export const basePath = '/console';

const segment = encodeURIComponent;

export const paths = {
  home: '/',
  jobs: '/training/jobs',
  createJob: '/training/jobs/create',
  cloneJob: (name: string): string => `/training/jobs/create?clone=${segment(name)}`,
  continueJob: (name: string): string => `/training/jobs/create?continue=${segment(name)}`,
  compareJobs: (a: string, b: string): string => `/training/jobs/compare?a=${segment(a)}&b=${segment(b)}`,
  job: (name: string): string => `/training/jobs/${segment(name)}`,
  algorithms: '/training/algorithms',
  models: '/inference/models',
  model: (name: string): string => `/inference/models/${segment(name)}`,
  createModel: (job?: string): string => `/inference/models/create${job === undefined ? '' : `?job=${segment(job)}`}`,
  endpoints: '/inference/endpoints',
  endpoint: (name: string): string => `/inference/endpoints/${segment(name)}`,
  createEndpoint: (model?: string): string => `/inference/endpoints/create${model === undefined ? '' : `?model=${segment(model)}`}`,
  buckets: '/data/s3',
  bucket: (bucket: string, prefix = ''): string => `/data/s3/${segment(bucket)}${prefix === '' ? '' : `?prefix=${segment(prefix)}`}`,
  fileSystems: '/data/filesystems',
  lists: '/data/lists',
  openList: (source: string): string => `/data/lists?open=${segment(source)}`,
  list: (id: string): string => `/data/lists/${segment(id)}`,
  listVersion: (id: string, version: number): string => `/data/lists/${segment(id)}?version=${version}`,
  /** Sides are "LIST@version" or "LIST@draft". */
  diff: (a = '', b = ''): string => `/data/lists/diff${a === '' ? '' : `?a=${segment(a)}&b=${segment(b)}`}`,
  proposals: (list = ''): string => `/data/proposals${list === '' ? '' : `?list=${segment(list)}`}`,
  proposal: (number: number): string => `/data/proposals/${number}`,
  impact: (a = '', b = ''): string => `/data/impact${a === '' ? '' : `?a=${segment(a)}&b=${segment(b)}`}`,
  settings: '/system/settings',
  licences: '/licenses',
} as const;

export function hrefOf(path: string): string {
  return basePath + path;
}

/** Where an s3:// address is looked at; an object is its folder with the object chosen. */
export function storePath(bucket: string, key: string): string {
  const cut = key.lastIndexOf('/') + 1;
  const folder = paths.bucket(bucket, key.slice(0, cut));
  return cut === key.length ? folder : `${folder}${folder.includes('?') ? '&' : '?'}object=${segment(key)}`;
}
